import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, createLive } from '../lib/live.js';

/** A house made of wire and a clock that is turned by hand. */
function bench({ random = 1 } = {}) {
  let time = 0;
  let timers = [];
  const sockets = [];
  const seen = { events: [], snapshots: [], stopped: [], credentials: 0 };
  const live = createLive({
    open(path) {
      const socket = { path, sent: [], closed: false, onmessage: null, onclose: null };
      socket.send = (text) => socket.sent.push(JSON.parse(text));
      socket.close = () => (socket.closed = true);
      socket.say = (frame) => socket.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
      socket.drop = (code) => socket.onclose?.({ code, reason: '' });
      sockets.push(socket);
      return socket;
    },
    clock: {
      now: () => time,
      after(ms, then) {
        const timer = { at: time + ms, then };
        timers.push(timer);
        return () => (timers = timers.filter((other) => other !== timer));
      },
    },
    random: () => random,
    onEvent: (frame) => seen.events.push(frame.seq),
    onSnapshot: (channel) => void seen.snapshots.push(channel),
    onStopped: (code) => seen.stopped.push(code),
    onCredentials: () => (seen.credentials += 1),
  });
  const pass = (ms) => {
    const end = time + ms;
    for (;;) {
      const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      timers = timers.filter((other) => other !== next);
      time = next.at;
      next.then();
    }
    time = end;
  };
  const hello = (seq = 10, epoch = 'a') =>
    sockets.at(-1).say({ type: 'hello', data: { heartbeat_seconds: 20, heads: [{ ch: 'house', seq, epoch }] } });
  const event = (seq, epoch = 'a') =>
    sockets.at(-1).say({ type: 'x.updated', timestamp: '', entity_id: 'i', data: {}, ch: 'house', seq, epoch });
  const ping = (seq, epoch = 'a') => sockets.at(-1).say({ type: 'ping', data: { heads: [{ ch: 'house', seq, epoch }] } });
  return { live, sockets, seen, pass, hello, event, ping, last: () => sockets.at(-1) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a first visit reads everything at the head it was told', async () => {
  const { live, seen, hello, event, last } = bench();
  live.start();
  assert.equal(last().path, '/api/ws');
  assert.equal(live.state.value, 'catching-up');
  hello(10);
  assert.deepEqual(seen.snapshots, ['house']);
  await settle();
  assert.equal(live.state.value, 'live');
  event(11);
  event(12);
  assert.deepEqual(seen.events, [11, 12]);
});

test('an event comes once, however often it is sent', async () => {
  const { live, seen, hello, event } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(12);
  for (const seq of [9, 10, 11, 11, 12, 10, 12, 13]) event(seq);
  assert.deepEqual(seen.events, [11, 12, 13]);
});

test('after a gap it asks from where it was', () => {
  const { live, seen, hello, event, last, pass } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a b' });
  assert.equal(last().path, '/api/ws?since=10&epoch=a%20b');
  hello(12, 'a b');
  last().say({ type: 'resumed', data: { ch: 'house', from: 10, to: 12, epoch: 'a b' } });
  assert.equal(live.state.value, 'catching-up');
  event(11, 'a b');
  assert.equal(live.state.value, 'catching-up');
  event(12, 'a b');
  assert.equal(live.state.value, 'live');
  last().drop(1001);
  pass(250);
  assert.equal(last().path, '/api/ws?since=12&epoch=a%20b');
  assert.deepEqual(seen.snapshots, []);
});

test('nothing missed that may be seen: live after a moment, and the position holds until two pings prove it', () => {
  const { live, hello, last, pass, ping } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(14);
  last().say({ type: 'resumed', data: { ch: 'house', from: 10, to: 14, epoch: 'a' } });
  pass(600);
  assert.equal(live.state.value, 'live');
  assert.equal(live.position().seq, 10);
  ping(14);
  assert.equal(live.position().seq, 10, 'an event may still overtake this ping');
  ping(14);
  assert.equal(live.position().seq, 14);
  assert.deepEqual(last().sent, [{ type: 'pong' }, { type: 'pong' }]);
});

test('a ping that is ahead makes it ask again', () => {
  const { live, hello, last, ping, event, seen } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(10);
  last().say({ type: 'resumed', data: { ch: 'house', from: 10, to: 10, epoch: 'a' } });
  ping(12);
  assert.deepEqual(last().sent.at(-1), {
    type: 'subscribe',
    cid: 'house-10',
    data: { ch: 'house', since: 10, epoch: 'a' },
  });
  last().say({ type: 'resumed', data: { ch: 'house', from: 10, to: 12, epoch: 'a' } });
  event(11);
  event(12);
  assert.deepEqual(seen.events, [11, 12]);
});

test('an event that comes after the ping that announced it is not lost', () => {
  const { live, hello, last, ping, event, seen } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(12);
  last().say({ type: 'resumed', data: { ch: 'house', from: 10, to: 12, epoch: 'a' } });
  ping(12);
  event(11);
  event(12);
  ping(12);
  assert.deepEqual(seen.events, [11, 12]);
  assert.deepEqual(last().sent, [{ type: 'pong' }, { type: 'pong' }]);
});

test('another epoch means: everything again', async () => {
  const { live, hello, last, seen, event, ping } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(3, 'b');
  last().say({ type: 'snapshot', data: { ch: 'house', seq: 3, epoch: 'b' } });
  await settle();
  assert.equal(live.state.value, 'live');
  assert.deepEqual(live.position(), { ch: 'house', seq: 3, epoch: 'b' });
  event(4, 'b');
  ping(1, 'c');
  assert.deepEqual(seen.snapshots, ['house', 'house']);
  assert.deepEqual(seen.events, [4]);
});

test('it waits longer each time, up to ten seconds, and not at all when the network is back', () => {
  const { live, sockets, pass, last } = bench();
  live.start({ ch: 'house', seq: 1, epoch: 'a' });
  const waits = [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000];
  for (const wait of waits) {
    const before = sockets.length;
    last().drop(1006);
    pass(wait - 1);
    assert.equal(sockets.length, before, `not before ${wait} ms`);
    pass(1);
    assert.equal(sockets.length, before + 1, `after ${wait} ms`);
  }
  assert.equal(live.state.value, 'offline');
  last().drop(1006);
  const before = sockets.length;
  live.nudge();
  assert.equal(sockets.length, before + 1);
  assert.equal(live.state.value, 'catching-up');
});

test('the wait is anything between nothing and its limit', () => {
  assert.equal(backoff(0, 0), 0);
  assert.equal(backoff(3, 0.5), 1000);
  assert.equal(backoff(1000, 1), 10_000);
});

test('silence beyond the heartbeat is a lost line', () => {
  const { live, sockets, hello, pass, ping, last } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(10);
  pass(29_000);
  ping(10);
  pass(29_999);
  assert.equal(sockets.length, 1);
  pass(1 + 250);
  assert.equal(sockets[0].closed, true);
  assert.equal(sockets.length, 2);
  assert.equal(last().path, '/api/ws?since=10&epoch=a');
});

test('a socket that never says hello is given up', () => {
  const { live, sockets, pass } = bench();
  live.start();
  pass(10_000 + 250);
  assert.equal(sockets.length, 2);
});

test('below 4500 it comes back, from 4500 on it stops', () => {
  for (const [code, again] of [[1001, true], [4008, true], [4009, true], [4011, true], [4029, true], [4500, false], [4503, false], [4506, false]]) {
    const { live, sockets, seen, hello, pass, last } = bench();
    live.start({ ch: 'house', seq: 10, epoch: 'a' });
    hello(10);
    last().drop(code);
    pass(60_000);
    assert.equal(sockets.length > 1, again, String(code));
    assert.deepEqual(seen.stopped, again ? [] : [code]);
    assert.equal(seen.credentials, code === 4011 ? 1 : 0);
    live.nudge();
    assert.equal(sockets.length > 1, again, `${code} after a nudge`);
  }
});

test('a lost position is not asked for again', () => {
  const { live, hello, pass, last } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(10);
  last().drop(4010);
  pass(250);
  assert.equal(last().path, '/api/ws');
});

test('what is not a frame is passed over, and an old socket is not listened to', () => {
  const { live, seen, hello, event, last, pass } = bench();
  live.start({ ch: 'house', seq: 10, epoch: 'a' });
  hello(10);
  for (const text of ['', 'nonsense', 'null', '[]', '{"type":3}', '{"seq":11}']) last().say(text);
  const old = last();
  const late = old.onmessage;
  old.drop(1001);
  pass(250);
  late({ data: '{"type":"x","ch":"house","seq":11,"epoch":"a"}' });
  assert.deepEqual(seen.events, []);
  hello(11);
  event(11);
  assert.deepEqual(seen.events, [11]);
});

test('stopped is stopped', () => {
  const { live, sockets, pass, last } = bench();
  live.start();
  last().drop(1006);
  live.stop();
  pass(60_000);
  live.nudge();
  live.sever();
  assert.equal(sockets.length, 1);
  assert.equal(live.state.value, 'offline');
});
