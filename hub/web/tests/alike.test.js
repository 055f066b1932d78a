import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shares, together } from '../kitchen/alike.js';

/** @param {string} id @param {object} [more] */
const lot = (id, more = {}) => ({
  id, product_master_id: 'milk', place_id: 'fridge', quantity: 1, received_at: `2026-11-20T18:00:0${id.slice(1)}Z`, frozen: false, estimated: false, ...more,
});
const day = (/** @type {string} */ moment) => moment.slice(0, 10);

test('what nothing tells apart is one row, which stays itself while it is used up', () => {
  const [one, two, three] = [lot('a1'), lot('a2'), lot('a3')];
  const [row, ...others] = together([three, one, two]);
  assert.deepEqual([row.id, row.quantity, row.alike.map(({ id }) => id), others], ['a3', 3, ['a1', 'a2', 'a3'], []]);
  const [left] = together([two, three]);
  assert.deepEqual([left.id, left.quantity], ['a3', 2]);
  assert.equal(together([three])[0], three);
});

test('a date, a batch, a place, the cold and an opened one tell lots apart', () => {
  const differing = [{ use_by: '2026-11-22' }, { best_before: '2026-11-22' }, { batch: 'L7' }, { place_id: 'shelf' }, { frozen: true }, { product_master_id: 'oats' }];
  for (const more of differing) assert.equal(together([lot('a1'), lot('a2', more)]).length, 2, JSON.stringify(more));
  const opened = { opened_at: '2026-11-20T19:00:00Z' };
  assert.equal(together([lot('a1', opened), lot('a2', opened)]).length, 2);
});

test('whoever asks about one product sees when they came and their numbers', () => {
  const earlier = lot('a1', { received_at: '2026-11-01T08:00:00Z' });
  assert.equal(together([earlier, lot('a2')]).length, 1);
  assert.equal(together([earlier, lot('a2')], day).length, 2);
  assert.equal(together([lot('a1', { serial: '17' }), lot('a2', { serial: '18' })], day).length, 2);
  assert.equal(together([lot('a1'), lot('a2')], day).length, 1);
});

test('an amount falls on the earliest first, and a count leaves the latest', () => {
  const [row] = together([lot('a1', { quantity: 0.3 }), lot('a2'), lot('a3', { quantity: 2 })]);
  const said = (/** @type {string} */ verb, /** @type {number} */ quantity) => shares(row, verb, quantity).map((share) => [share.lot.id, share.quantity]);
  assert.equal(row.quantity, 3.3);
  assert.deepEqual(said('consume', 1), [['a1', 0.3], ['a2', 0.7]]);
  assert.deepEqual(said('transfer', 3.3), [['a1', 0.3], ['a2', 1], ['a3', 2]]);
  assert.deepEqual(said('count', 2), [['a1', 0], ['a2', 0]]);
  assert.deepEqual(said('count', 4), [['a3', 2.7]]);
  assert.deepEqual(said('count', 3.3), [['a3', 2]]);
  assert.deepEqual(shares(lot('a1'), 'open', 1), [{ lot: lot('a1'), quantity: 1 }]);
});
