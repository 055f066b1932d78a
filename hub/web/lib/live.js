// The live channel: every change of the house, once and in order.
//
// The client remembers its position (sequence number and epoch of a channel). After a gap it asks
// for what it missed; the house either sends that, or says that the app must read everything
// again. An event that was seen before is dropped, so duplicates are harmless and gaps do not occur.
//
// Sequence numbers a person may not see are missing on purpose. A ping names the head of each
// channel: where that is ahead of us we ask again from our position, and the answer tells the one
// kind of missing from the other.

import { signal } from '#signals';

/** @typedef {import('../types/wire.d.ts').Frame} Frame */
/** @typedef {import('../types/wire.d.ts').Head} Head */
/** @typedef {'live' | 'catching-up' | 'offline'} LiveState */

/**
 * The part of a WebSocket that is used here.
 *
 * @typedef {object} Socket
 * @property {(text: string) => void} send
 * @property {(code?: number, reason?: string) => void} close
 * @property {((event: { data: any }) => void) | null} onmessage
 * @property {((event: { code: number, reason: string }) => void) | null} onclose
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => () => void} after returns how to call it off
 */

/**
 * @typedef {object} LiveParts
 * @property {(path: string) => Socket} open
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {(frame: Frame) => void} onEvent
 * @property {(channel: string) => Promise<void> | void} onSnapshot read everything again
 * @property {(code: number, reason: string) => void} [onStopped] the house said: do not come back
 * @property {() => void} [onCredentials] look whether the sign-in still holds
 */

/** @typedef {ReturnType<typeof createLive>} Live */

const FIRST_DELAY = 250;
const LONGEST_DELAY = 10_000;
const GRACE = 10_000;
const OPENING = 10_000;
const SETTLING = 500;
const CHANNEL = 'house';

/** Close codes from here on mean: stop. */
const STOP = 4500;
const POSITION_LOST = 4010;
const CREDENTIALS_EXPIRED = 4011;

/**
 * How long to wait before try number `attempt` (from 0): anything up to a doubling limit, so that
 * a house full of screens does not come back as one.
 *
 * @param {number} attempt
 * @param {number} random
 */
export function backoff(attempt, random) {
  return random * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(attempt, 16));
}

/** @type {Clock} */
export const wallClock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/** @param {LiveParts} parts */
export function createLive(parts) {
  const line = new Line(parts);
  return {
    state: line.state,
    /** @param {Head} [head] what is known already */
    start: (head) => line.start(head),
    stop: () => line.stop(),
    /** The network is back, or somebody looks at the page: do not wait any longer. */
    nudge: () => line.nudge(),
    /** The network is gone: believe it at once. */
    sever: () => line.sever(),
    /** @returns {Head | undefined} */
    position: () => line.positions.get(CHANNEL),
  };
}

class Line {
  /** @type {import('#signals').Signal<LiveState>} */
  state = signal('offline');
  /** @type {Map<string, Head>} */
  positions = new Map();

  /** @type {LiveParts} */
  #parts;
  /** @type {Socket | undefined} */
  #socket;
  #running = false;
  #attempt = 0;
  #asked = false;
  #heartbeat = 20_000;
  #heardAt = 0;
  /** What `resumed` promised, and whether a ping has passed since. @type {Map<string, { to: number, passed: boolean }>} */
  #promised = new Map();
  #cancelRetry = () => {};
  #cancelWatch = () => {};
  #cancelSettle = () => {};

  /** @param {LiveParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Head} [head] */
  start(head) {
    this.stop();
    this.positions.clear();
    if (head) this.positions.set(head.ch, head);
    this.#running = true;
    this.#attempt = 0;
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.#drop();
    this.#cancelRetry();
    this.state.value = 'offline';
  }

  nudge() {
    if (!this.#running) return;
    if (!this.#socket) {
      this.#attempt = 0;
      this.#connect();
    } else if (this.#parts.clock.now() - this.#heardAt > this.#heartbeat + GRACE) {
      this.#lost(4009);
    }
  }

  sever() {
    if (!this.#running) return;
    this.#attempt = Math.max(this.#attempt, 2);
    this.#lost(1006);
  }

  #connect() {
    this.#cancelRetry();
    this.#drop();
    const position = this.positions.get(CHANNEL);
    this.#asked = position !== undefined;
    const query = position ? `?since=${position.seq}&epoch=${encodeURIComponent(position.epoch)}` : '';
    if (this.#attempt < 2) this.state.value = 'catching-up';
    const socket = this.#parts.open(`/api/ws${query}`);
    this.#socket = socket;
    this.#heard(OPENING);
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#take(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code, event.reason);
    };
  }

  /** Lets go of the socket without waiting for its goodbye. */
  #drop() {
    this.#cancelWatch();
    this.#cancelSettle();
    this.#promised.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  /** @param {number} code */
  #lost(code) {
    this.#closed(code, '');
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#drop();
    if (!this.#running) return;
    if (code >= STOP && code < 5000) {
      this.#running = false;
      this.state.value = 'offline';
      this.#parts.onStopped?.(code, reason);
      return;
    }
    if (code === POSITION_LOST) this.positions.clear();
    if (code === CREDENTIALS_EXPIRED) this.#parts.onCredentials?.();
    const wait = backoff(this.#attempt, this.#parts.random());
    this.#attempt += 1;
    this.state.value = this.#attempt > 2 ? 'offline' : 'catching-up';
    this.#cancelRetry();
    this.#cancelRetry = this.#parts.clock.after(wait, () => {
      if (this.#running) this.#connect();
    });
  }

  /** Something was heard: the next silence may last this long. @param {number} silence */
  #heard(silence) {
    this.#heardAt = this.#parts.clock.now();
    this.#cancelWatch();
    this.#cancelWatch = this.#parts.clock.after(silence, () => this.#lost(4009));
  }

  /** @param {any} text */
  #take(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof frame?.type !== 'string') return;
    if (frame.type === 'hello') this.#hello(frame.data);
    this.#heard(this.#heartbeat + GRACE);
    if (frame.type === 'ping') this.#ping(frame.data);
    else if (frame.type === 'resumed') this.#resumed(frame.data);
    else if (frame.type === 'snapshot') this.#snapshot(frame.data);
    else if (typeof frame.seq === 'number') this.#event(frame);
  }

  /** @param {{ heartbeat_seconds?: number, heads?: Head[] }} data */
  #hello(data) {
    this.#attempt = 0;
    this.#heartbeat = (data.heartbeat_seconds ?? 20) * 1000;
    if (this.#asked) return;
    const head = data.heads?.find((head) => head.ch === CHANNEL);
    if (head) this.#snapshot(head);
    else this.state.value = 'live';
  }

  /** @param {{ heads?: Head[] }} [data] */
  #ping(data) {
    this.#socket?.send('{"type":"pong"}');
    this.#keepPromises();
    this.#settled();
    for (const head of data?.heads ?? []) {
      const position = this.positions.get(head.ch);
      if (!position) continue;
      if (position.epoch !== head.epoch) this.#snapshot(head);
      else if (position.seq < head.seq && !this.#promised.has(head.ch)) this.#askFrom(position);
    }
  }

  /**
   * Events may overtake a ping, but not two: then all that was promised has come, and what has not
   * is not for us to see.
   */
  #keepPromises() {
    for (const [channel, promise] of this.#promised) {
      if (promise.passed) {
        this.#moveTo(channel, promise.to);
        this.#promised.delete(channel);
      }
      promise.passed = true;
    }
  }

  /** @param {Head} position */
  #askFrom(position) {
    const data = { ch: position.ch, since: position.seq, epoch: position.epoch };
    this.#socket?.send(JSON.stringify({ type: 'subscribe', cid: `${position.ch}-${position.seq}`, data }));
  }

  /** @param {{ ch: string, to: number, epoch: string }} data */
  #resumed({ ch, to }) {
    this.#promised.set(ch, { to, passed: false });
    this.#cancelSettle();
    if ((this.positions.get(ch)?.seq ?? 0) >= to) {
      this.#promised.delete(ch);
      this.#settled();
    } else {
      this.#cancelSettle = this.#parts.clock.after(SETTLING, () => this.#settled());
    }
  }

  #settled() {
    this.#cancelSettle();
    if (this.#socket) this.state.value = 'live';
  }

  /** @param {Head} head */
  #snapshot({ ch, seq, epoch }) {
    this.positions.set(ch, { ch, seq, epoch });
    this.state.value = 'catching-up';
    const socket = this.#socket;
    const done = () => {
      if (socket === this.#socket) this.#settled();
    };
    Promise.resolve(this.#parts.onSnapshot(ch)).then(done, done);
  }

  /** @param {Frame} frame */
  #event(frame) {
    const position = this.positions.get(frame.ch);
    if (position && position.epoch === frame.epoch && frame.seq <= position.seq) return;
    if (position && position.epoch !== frame.epoch) {
      this.#snapshot(frame);
      return;
    }
    this.positions.set(frame.ch, { ch: frame.ch, seq: frame.seq, epoch: frame.epoch });
    this.#parts.onEvent(frame);
    const promise = this.#promised.get(frame.ch);
    if (!promise || frame.seq < promise.to) return;
    this.#promised.delete(frame.ch);
    this.#settled();
  }

  /**
   * @param {string} ch
   * @param {number} seq
   */
  #moveTo(ch, seq) {
    const position = this.positions.get(ch);
    if (position && position.seq < seq) this.positions.set(ch, { ...position, seq });
  }
}
