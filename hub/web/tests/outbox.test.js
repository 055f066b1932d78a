import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from '../lib/api.js';
import { parted, remaining } from '../lib/meet.js';
import { fulfilled, Outbox, overlay } from '../lib/outbox.js';
import { memoryShelf } from '../lib/shelf.js';

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A page with an outbox. `answers` are given one after the other; a function may look at the entry. */
function page(shelf, answers = [], { actor = 'anna', online = () => false, alone } = {}) {
  const sent = [];
  const told = { done: [], refused: [], homeless: 0 };
  let timers = [];
  let count = 0;
  const outbox = new Outbox({
    shelf,
    actor: () => actor,
    uuid: () => `${actor}-${(count += 1)}-${Math.random()}`,
    time: () => 1000,
    random: () => 1,
    online,
    ...(alone ? { alone } : {}),
    clock: {
      now: () => 0,
      after(ms, then) {
        const timer = { ms, then };
        timers.push(timer);
        return () => (timers = timers.filter((other) => other !== timer));
      },
    },
    send: async (entry) => {
      sent.push({ id: entry.id, path: entry.path, body: entry.body, ...(entry.back ? { back: entry.back } : {}) });
      const answer = answers.length > 0 ? answers.shift() : { version: 99 };
      const value = typeof answer === 'function' ? await answer(entry) : answer;
      if (value instanceof Error) throw value;
      return value;
    },
    meet: async (entry, now) => remaining(entry, now),
    onDone: (entry) => told.done.push(entry.path),
    onHomeless: () => (told.homeless += 1),
    onRefused: (entry) => told.refused.push(entry.path),
  });
  const fire = (most = Infinity) => {
    const due = timers.filter(({ ms }) => ms <= most);
    timers = timers.filter((timer) => !due.includes(timer));
    for (const timer of due) timer.then();
  };
  return { outbox, sent, told, fire, timers: () => timers };
}

const write = (path, body = { version: 1 }, more = {}) => ({ method: 'PATCH', path, body, label: 'write.name', ...more });
const gone = () => new Unreachable(new Error('network'));

test('what is written arrives once, and the form hears of it', async () => {
  const { outbox, sent, told } = page(memoryShelf(), [{ version: 2, name: 'Anna' }]);
  const outcome = await outbox.add(write('/api/profile'));
  assert.deepEqual(outcome, { state: 'done', data: { version: 2, name: 'Anna' } });
  await settle();
  assert.equal(sent.length, 1);
  assert.deepEqual(told.done, ['/api/profile']);
  assert.equal(outbox.waiting.value.length, 0);
});

test('it is on the shelf before it is sent', async () => {
  const shelf = memoryShelf();
  let kept = 0;
  const { outbox } = page(shelf, [async () => ((kept = (await shelf.all()).length), {})]);
  await outbox.add(write('/a'));
  assert.equal(kept, 1);
});

test('without a network it is kept, in order, under the same key, until there is one', async () => {
  const { outbox, sent, fire } = page(memoryShelf(), [gone(), gone()]);
  const first = await outbox.add(write('/a'));
  void outbox.add(write('/b'));
  await settle();
  assert.deepEqual(first, { state: 'kept' });
  assert.deepEqual(outbox.waiting.value.map(({ path }) => path), ['/a', '/b']);
  fire(1000);
  await settle();
  assert.deepEqual(sent.map(({ path }) => path), ['/a', '/a', '/a', '/b']);
  assert.equal(new Set(sent.slice(0, 3).map(({ id }) => id)).size, 1);
  assert.equal(outbox.waiting.value.length, 0);
});

test('it survives the page', async () => {
  const shelf = memoryShelf();
  const before = page(shelf, [gone(), gone(), gone()]);
  await before.outbox.add(write('/a'));
  await before.outbox.add(write('/b'));
  const after = page(shelf);
  await after.outbox.start();
  await settle();
  assert.deepEqual(after.sent.map(({ path }) => path), ['/a', '/b']);
  assert.equal(after.sent[0].id, before.sent[0].id);
  assert.deepEqual(await shelf.all(), []);
});

test('a refusal is settled: told to the form, or kept until it is read', async () => {
  const no = () => new Problem(409, { code: 'name-taken', title: 'Taken' });
  const { outbox, told, fire } = page(memoryShelf(), [no(), gone(), no()]);
  const outcome = await outbox.add(write('/a'));
  assert.equal(outcome.state, 'refused');
  assert.equal(outbox.refused.value.length, 0);

  assert.deepEqual(await outbox.add(write('/b')), { state: 'kept' });
  fire(1000);
  await settle();
  assert.deepEqual(told.refused, ['/b']);
  assert.equal(outbox.waiting.value.length, 0);
  assert.equal(outbox.refused.value[0].refused.code, 'name-taken');
  await outbox.dismiss(outbox.refused.value[0].id);
  assert.equal(outbox.refused.value.length, 0);
});

test('a refusal does not hold up what comes after it', async () => {
  const { outbox, sent } = page(memoryShelf(), [new Problem(400, { code: 'invalid' })]);
  const outcomes = await Promise.all([outbox.add(write('/a')), outbox.add(write('/b'))]);
  assert.deepEqual(outcomes.map(({ state }) => state), ['refused', 'done']);
  assert.deepEqual(sent.map(({ path }) => path), ['/a', '/b']);
});

test('a house in trouble is asked again, no sooner than it wishes', async () => {
  const { outbox, timers, fire, sent } = page(memoryShelf(), [new Problem(503, {}, 7), new Problem(401, {})]);
  assert.equal((await outbox.add(write('/a'))).state, 'kept');
  assert.ok(timers().some(({ ms }) => ms === 7000));
  fire();
  await settle();
  assert.equal(outbox.waiting.value.length, 1, 'signed out: it waits for whoever wrote it');
  outbox.nudge();
  await settle();
  assert.equal(sent.length, 3);
});

test('a slow answer is not waited for in front of the form', async () => {
  let answer;
  const { outbox, fire, told } = page(memoryShelf(), [() => new Promise((resolve) => (answer = resolve))]);
  const outcome = outbox.add(write('/a'));
  await settle();
  fire(4000);
  assert.deepEqual(await outcome, { state: 'kept' });
  answer({});
  await settle();
  assert.deepEqual(told.done, ['/a']);
});

test('writes of the same name fold into the one that still waits', async () => {
  const { outbox, sent, fire } = page(memoryShelf(), [gone()]);
  await outbox.add(write('/p', { version: 4, name: 'A' }, { join: 'p' }));
  void outbox.add(write('/p', { version: 4, theme: 'dark' }, { join: 'p' }));
  await settle();
  fire();
  await settle();
  assert.deepEqual(sent.at(-1).body, { version: 4, name: 'A', theme: 'dark' });
  assert.equal(outbox.waiting.value.length, 0);
});

test('a write made on top of one that is on its way follows its version', async () => {
  let answer;
  const { outbox, sent } = page(memoryShelf(), [() => new Promise((resolve) => (answer = resolve)), { version: 6 }]);
  const first = outbox.add(write('/p', { version: 4, name: 'A' }, { join: 'p' }));
  await settle();
  const second = outbox.add(write('/p', { version: 4, name: 'B' }, { join: 'p' }));
  await settle();
  answer({ version: 5 });
  await Promise.all([first, second]);
  assert.deepEqual(sent.map(({ body }) => body), [{ version: 4, name: 'A' }, { version: 5, name: 'B' }]);
});

test('a conflict with what was wanted is no conflict: the answer was lost, not the write', async () => {
  const stale = (current) => new Problem(409, { code: 'stale-version', current });
  const { outbox } = page(memoryShelf(), [stale({ version: 5, name: 'A' }), stale({ version: 5, name: 'C' })]);
  assert.equal((await outbox.add(write('/p', { version: 4, name: 'A' }))).state, 'done');
  assert.equal((await outbox.add(write('/p', { version: 4, name: 'B' }))).state, 'refused');
  assert.equal(fulfilled(null, {}), false);
});

test('nobody sends what somebody else wrote', async () => {
  const shelf = memoryShelf();
  await page(shelf, [gone()]).outbox.add(write('/a'));
  const other = page(shelf, [], { actor: 'jonas' });
  await other.outbox.start();
  await settle();
  assert.equal(other.sent.length, 0);
  assert.equal(other.outbox.waiting.value.length, 0);
  assert.equal((await shelf.all()).length, 1);
});

test('a device without room sends all the same', async () => {
  const full = { ...memoryShelf(), put: () => Promise.reject(new Error('quota')) };
  const { outbox, sent, told, fire } = page(full, [gone(), gone()]);
  assert.equal((await outbox.add(write('/a'))).state, 'kept');
  assert.equal((await outbox.add(write('/b'))).state, 'kept');
  assert.equal(outbox.waiting.value.length, 2);
  assert.equal(told.homeless, 1, 'said once, not for each');
  fire(1000);
  await settle();
  assert.equal(outbox.waiting.value.length, 0);
  assert.deepEqual(sent.slice(-2).map(({ path }) => path), ['/a', '/b']);
});

test('what waits is already seen', () => {
  const entry = { method: 'PATCH', path: '/p', body: { version: 1, theme: 'dark' } };
  const me = { name: 'A', theme: 'light', version: 1 };
  assert.deepEqual(overlay(me, [entry], '/p'), { name: 'A', theme: 'dark', version: 1 });
  assert.equal(overlay(me, [entry], '/q'), me);
  assert.equal(overlay(me, [{ ...entry, refused: { code: '', detail: '' } }], '/p'), me);
});

test('a page that ends just when a write is settled loses none behind it', async () => {
  const shelf = memoryShelf();
  let over = false;
  // What the page does after the first write was taken off the shelf never happens.
  const ending = {
    all: () => shelf.all(),
    put: async (entry) => void (over || (await shelf.put(entry))),
    remove: async (id) => {
      if (!over) await shelf.remove(id);
      over = true;
    },
  };
  /** @type {(answer: unknown) => void} */
  let answer = () => {};
  const before = page(ending, [() => new Promise((resolve) => (answer = resolve)), gone()]);
  void before.outbox.add(write('/api/profile', { version: 1, theme: 'dark' }, { join: 'profile' }));
  await settle();
  void before.outbox.add(write('/api/profile', { version: 1, language: 'de' }, { join: 'profile' }));
  await settle();
  answer({ version: 2 });
  await settle();
  const after = page(shelf);
  await after.outbox.start();
  await settle();
  assert.deepEqual(after.sent.map(({ body }) => body), [{ version: 2, language: 'de' }]);
});

test('a write that names no version is given none by the answer before it', async () => {
  const { outbox, sent } = page(memoryShelf(), [gone(), { id: 'a', version: 4 }, { id: 'b', version: 1 }]);
  void outbox.add({ method: 'POST', path: '/api/shopping', body: { id: 'a' }, label: 'write.shopping' });
  void outbox.add({ method: 'POST', path: '/api/shopping', body: { id: 'b' }, label: 'write.shopping' });
  await settle();
  outbox.nudge();
  await settle();
  assert.deepEqual(sent.at(-1).body, { id: 'b' });
});

const stale = (current) => new Problem(409, { code: 'stale-version', detail: 'Newer.', current });

test('what waited and met a change of something else is sent to what there is now', async () => {
  const { outbox, sent, told, fire } = page(memoryShelf(), [gone(), stale({ version: 4, name: 'Milk', note: 'theirs' }), { version: 5 }]);
  await outbox.add(write('/p', { version: 1, name: 'Oat milk' }, { before: { name: 'Milk' } }));
  fire(1000);
  await settle();
  assert.deepEqual(sent.map(({ body }) => body), [{ version: 1, name: 'Oat milk' }, { version: 1, name: 'Oat milk' }, { version: 4, name: 'Oat milk' }]);
  assert.deepEqual([told.done, told.refused, outbox.waiting.value.length], [['/p'], [], 0]);
});

test('what waited and met another word about the same is kept with both sides', async () => {
  const shelf = memoryShelf();
  const { outbox, told, fire } = page(shelf, [gone(), stale({ version: 4, name: 'Soy milk' })]);
  await outbox.add(write('/p', { version: 1, name: 'Oat milk' }, { before: { name: 'Milk' } }));
  fire(1000);
  await settle();
  assert.deepEqual(told.refused, ['/p']);
  const [kept] = await shelf.all();
  assert.deepEqual([kept.body.name, kept.refused.current.name], ['Oat milk', 'Soy milk']);
  assert.deepEqual(outbox.refused.value.map(({ id }) => id), [kept.id]);
});

test('what others said already is settled, and a house that answers oddly is not asked for ever', async () => {
  const fields = { before: { place: null, name: 'Milk' } };
  const said = page(memoryShelf(), [stale({ version: 4, name: 'Oat milk' })]);
  assert.equal((await said.outbox.add(write('/p', { version: 1, name: 'Oat milk', place: null }, fields))).state, 'done');
  const odd = page(memoryShelf(), [stale({ version: 1, name: 'Milk' })]);
  assert.equal((await odd.outbox.add(write('/p', { version: 1, name: 'Oat milk' }, fields))).state, 'refused');
  assert.equal(odd.sent.length, 1);
});

test('two changes of one thing that wait are one, and what stood before the first stood before both', async () => {
  const { outbox } = page(memoryShelf(), [gone(), gone(), gone()]);
  await outbox.add(write('/p', { version: 1, name: 'A' }, { join: 'p', before: { name: 'Milk' } }));
  await outbox.add(write('/p', { version: 1, name: 'B', note: 'n' }, { join: 'p', before: { name: 'A', note: '' } }));
  const [entry] = outbox.waiting.value;
  assert.deepEqual([entry.body, entry.before], [{ version: 1, name: 'B', note: 'n' }, { name: 'Milk', note: '' }]);
});

test('parts of one field that different people changed are joined, and the rest is a matter for people', () => {
  const facts = (allergens, more = {}) => ({ allergens, ...more });
  const change = { body: { version: 1, facts: facts(['milk'], { nutrition: { salt: 1 } }), minimum: 2 }, before: { facts: facts([], { nutrition: { salt: 1 } }), minimum: 0 } };
  const theirs = { version: 3, facts: facts([], { nutrition: { salt: 2 } }), minimum: 0, name: 'Milk' };
  assert.deepEqual(remaining(change, theirs).body, { version: 3, facts: facts(['milk'], { nutrition: { salt: 2 } }), minimum: 2 });
  assert.equal(remaining(change, { ...theirs, facts: facts(['nuts']) }), undefined);
  const fieldsOf = ({ minimum, name }) => ({ minimum: String(minimum), name });
  assert.deepEqual(parted(change, { ...theirs, minimum: 5 }, fieldsOf), { fields: { minimum: '2', name: 'Milk' }, theirs: { minimum: '5' } });
});

const use = { id: 'u', method: 'POST', path: '/use', body: {}, label: 'write.stock' };

test('what is taken back before it left this device is forgotten', async () => {
  const shelf = memoryShelf();
  const { outbox, sent, fire } = page(shelf, [gone(), gone()]);
  assert.deepEqual(await outbox.add(use), { state: 'kept' });
  void outbox.add(write('/other'));
  await settle();
  assert.equal(await outbox.takeBack('u', { ...use, back: 'k' }), true);
  fire();
  await settle();
  // It was tried without a network, twice.
  assert.deepEqual(sent.map(({ path }) => path), ['/use', '/use', '/other']);
  assert.deepEqual([outbox.waiting.value, await shelf.all()], [[], []]);
});

test('what may have arrived is not forgotten: it is asked for once more under its key, to be undone', async () => {
  const shelf = memoryShelf();
  // The house did it, and its answer was lost.
  const { outbox, sent, fire } = page(shelf, [gone(), gone()], { online: () => true });
  await outbox.add(use);
  assert.equal((await shelf.all())[0].tried, true);
  assert.equal(await outbox.takeBack('u', { ...use, back: 'k' }), false);
  await settle();
  assert.deepEqual(outbox.waiting.value.map(({ id, back }) => [id, back]), [['u', 'k']]);
  fire();
  await settle();
  assert.deepEqual(sent.at(-1), { id: 'u', path: '/use', body: {}, back: 'k' });
  assert.deepEqual(await shelf.all(), []);
});

test('what is on its way is waited for before it is taken back', async () => {
  let last = Promise.resolve();
  const alone = (work) => (last = last.then(work));
  let answer;
  const slow = () => new Promise((resolve) => (answer = resolve));
  const { outbox, sent, fire } = page(memoryShelf(), [slow], { alone });
  const outcome = outbox.add(use);
  await settle();
  fire(4000);
  assert.deepEqual(await outcome, { state: 'kept' });
  const back = outbox.takeBack('u', { ...use, back: 'k' });
  await settle();
  assert.equal(sent.length, 1);
  answer({});
  assert.equal(await back, false);
  await settle();
  assert.deepEqual(sent.map(({ id, back: key }) => [id, key]), [['u', undefined], ['u', 'k']]);
  // Without a word for that case the house is asked for nothing.
  assert.equal(await outbox.takeBack('u'), false);
  await settle();
  assert.deepEqual([sent.length, outbox.waiting.value], [2, []]);
});
