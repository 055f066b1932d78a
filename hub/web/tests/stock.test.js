import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningDays } from '../lib/text.js';
import { Kept, readAll } from '../kitchen/kept.js';
import { byCategory, byDay, byPlace, matching, slices, stepOf, stockAsItWillBe } from '../kitchen/shelves.js';

const lot = (id, more = {}) => ({ id, product_name: id, place_id: 'p', place_name: 'Pantry', quantity: 3, unit: 'piece', version: 1, ...more });
const post = (id, verb, quantity, more = {}) => ({ method: 'POST', path: `/api/inventory/${id}/${verb}`, body: { quantity }, made_at: 0, ...more });
const shape = (groups) => groups.map(({ id, lots }) => `${id}: ${lots.map(({ product_name }) => product_name).join(' ')}`);

test('what was taken here is gone here already', () => {
  const waiting = [
    post('a', 'consume', 1), post('a', 'spoil', 1), post('b', 'consume', 3), post('c', 'open', 1),
    post('d', 'consume', 0.1), post('e', 'consume', 1, { refused: { code: 'x', detail: '' } }), post('z', 'consume', 1),
  ];
  const shown = stockAsItWillBe([lot('a'), lot('b'), lot('c'), lot('d', { quantity: 0.3 }), lot('e')], waiting);
  assert.deepEqual(shown.map(({ id, quantity }) => [id, quantity]), [['a', 1], ['c', 3], ['d', 0.2], ['e', 3]]);
  assert.equal(shown[1].opened_at, '1970-01-01T00:00:00.000Z');
});

test('what waits to be taken back is there again', () => {
  const [back] = stockAsItWillBe([lot('a')], [post('a', 'consume', 1, { back: 'key' })]);
  assert.equal(back.quantity, 3);
});

test('what was counted or carried here is so here already', () => {
  const to = { body: { quantity: 3, place_id: 'f' } };
  const waiting = [post('a', 'count', 7), post('b', 'count', 0), post('c', 'transfer', 3, to), post('d', 'transfer', 1, { body: { quantity: 1, place_id: 'f' } })];
  const shown = stockAsItWillBe([lot('a'), lot('b'), lot('c'), lot('d')], waiting, new Map([['f', 'Fridge']]));
  assert.deepEqual(shown.map(({ id, quantity, place_name }) => [id, quantity, place_name]), [['a', 7, 'Pantry'], ['c', 3, 'Fridge'], ['d', 2, 'Pantry']]);
});

test('every word of a search counts, whatever its accents', () => {
  const lots = [lot('Käse', { brand: 'Alp' }), lot('Kaffee', { place_name: 'Keller' }), lot('Tee', { batch: 'L77' })];
  assert.deepEqual(matching(lots, 'kase').map(({ id }) => id), ['Käse']);
  assert.deepEqual(matching(lots, 'KAFFEE kell').map(({ id }) => id), ['Kaffee']);
  assert.deepEqual(matching(lots, 'l77').map(({ id }) => id), ['Tee']);
  assert.equal(matching(lots, '  ').length, 3);
});

test('by place, and in each by name and then by date', () => {
  const lots = [
    lot('b'), lot('a', { use_by: '2026-12-02' }), lot('A', { id: 'x', best_before: '2026-12-01' }),
    lot('c', { place_id: 'f', place_name: 'Fridge' }),
  ];
  assert.deepEqual(shape(byPlace(lots, 'en')), ['f: c', 'p: A a b']);
});

test('numbers in names count as numbers', () => {
  const lots = ['Jar 10', 'Jar 9', 'jar 1'].map((name) => lot(name));
  assert.deepEqual(shape(byPlace(lots, 'en')), ['p: jar 1 Jar 9 Jar 10']);
});

test('by category in the order of the aisles, what has none last', () => {
  const lots = [lot('a'), lot('b', { category_id: '2' }), lot('c', { category_id: '1' }), lot('d', { category_id: 'gone' })];
  assert.deepEqual(shape(byCategory(lots, [{ id: '1', name: 'Fruit' }, { id: '2', name: 'Dairy' }])), ['1: c', '2: b', 'none: a d']);
});

test('by day, what is over first and what has no date last', () => {
  const on = (best_before) => lot(best_before, { best_before });
  const days = ['2026-11-28', '2026-11-20', '2026-11-24', '2026-11-29', '2026-11-21'];
  const lots = [lot('never'), ...days.map(on)];
  assert.deepEqual(shape(byDay(lots, '2026-11-21')), [
    'over: 2026-11-20', 'soon: 2026-11-21 2026-11-24', 'week: 2026-11-28', 'later: 2026-11-29', 'undated: never',
  ]);
});

test('what is due soon is what the house says it is', () => {
  const lots = [lot('2026-11-24', { use_by: '2026-11-24' }), lot('2026-11-30', { use_by: '2026-11-30' })];
  warningDays.value = 10;
  assert.deepEqual(shape(byDay(lots, '2026-11-21')), ['soon: 2026-11-24 2026-11-30']);
  warningDays.value = 0;
  assert.deepEqual(shape(byDay(lots, '2026-11-21')), ['week: 2026-11-24', 'later: 2026-11-30']);
  warningDays.value = 3;
  const sorts = [lot('a', { best_before: '2026-11-23', category_id: 'tin' }), lot('b', { best_before: '2026-11-27', category_id: 'milk' })];
  const soon = (category) => (category === 'milk' ? 7 : 1);
  assert.deepEqual(shape(byDay(sorts, '2026-11-21', soon)), ['soon: b', 'week: a']);
});

test('what was heard while a question was on its way is newer than its answer', () => {
  const kept = new Kept();
  const names = () => kept.items.value.map(({ product_name }) => product_name);
  kept.takeAll([lot('a')], kept.moment);
  const asked = kept.moment;
  kept.take(lot('a', { product_name: 'new', version: 1 }));
  kept.takeAll([lot('a', { product_name: 'old', version: 1 })], asked);
  assert.deepEqual(names(), ['new']);
  kept.takeAll([lot('a', { product_name: 'newest', version: 1 })], kept.moment);
  assert.deepEqual(names(), ['newest']);
  const again = kept.moment;
  kept.take(lot('a', { product_name: 'late', version: 2 }));
  kept.takeAll([lot('a', { product_name: 'latest', version: 3 })], again);
  assert.deepEqual(names(), ['latest']);
});

test('a long list comes in pieces, and none is lost', () => {
  assert.deepEqual(slices([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(slices([], 2), []);
});

test('a step suits what there is', () => {
  assert.deepEqual([stepOf('piece', 400), stepOf('g', 8), stepOf('g', 250), stepOf('ml', 750), stepOf('g', 2400)], [1, 1, 10, 50, 100]);
});

test('who asks for some of a list leaves the rest alone', () => {
  const kept = new Kept();
  kept.takeAll([lot('a'), lot('b', { place_id: 'f' })], kept.moment);
  kept.takeAll([lot('c')], kept.moment, ({ place_id }) => place_id === 'p');
  assert.deepEqual(kept.items.value.map(({ id }) => id).sort(), ['b', 'c']);
});

test('thousands are put in order and looked through within a beat', () => {
  const lots = Array.from({ length: 5000 }, (_, n) => lot(`Jar ${(n * 7919) % 5000}`, { id: String(n), place_id: `p${n % 5}`, place_name: `Place ${n % 5}` }));
  byPlace(lots, 'en');
  const best = Math.min(...Array.from({ length: 5 }, () => {
    const begin = performance.now();
    byPlace(matching(lots, 'jar 1'), 'en');
    return performance.now() - begin;
  }));
  assert.ok(best < 50, `${best} ms`);
});

test('a long list is told of at once, and again each time there is twice as much', async () => {
  const pages = Array.from({ length: 10 }, (_, at) => ({ items: [at * 2, at * 2 + 1], next: at < 9 ? String(at + 1) : undefined }));
  const read = async (path) => ({ data: pages[Number(/cursor=(\d+)/.exec(path)?.[1] ?? 0)] });
  const told = [];
  const { data } = await readAll(read, '/x?limit=2', (items) => told.push(items.length));
  assert.deepEqual(told, [2, 4, 8, 16]);
  assert.equal(data.length, 20);
  // Where the way ends early, what is there so far is not lost.
  const broken = async (path) => (path.endsWith('=6') ? Promise.reject(new Error('gone')) : read(path));
  told.length = 0;
  await assert.rejects(readAll(broken, '/x?limit=2', (items) => told.push(items.length)), /gone/);
  assert.deepEqual(told, [2, 4, 8, 12]);
});

test('a part of an answer adds to what is known and takes nothing away', () => {
  const kept = new Kept();
  kept.takeAll([{ id: 'a', version: 2 }, { id: 'b', version: 1 }], kept.moment);
  const asked = kept.moment;
  kept.drop('b');
  kept.takeSome([{ id: 'a', version: 1 }, { id: 'b', version: 1 }, { id: 'c', version: 1 }], asked);
  assert.deepEqual(kept.items.value.map(({ id, version }) => `${id}${version}`).sort(), ['a2', 'c1']);
});
