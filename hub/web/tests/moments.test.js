import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, momentsOf } from '../kitchen/moments.js';

const row = (act_id, quantity, more = {}) => ({
  act_id, quantity, kind: 'consume', product_id: 'p', product_name: 'Milk', place_name: 'Fridge', unit: 'piece',
  total: 3, actor: 'member:1', group_id: act_id, recorded_at: '2026-11-21T10:00:00.000Z', ...more,
});

test('what one act took from several lots is one thing that happened', () => {
  const [moment, ...others] = momentsOf([row('a', -0.1), row('a', -0.2, { total: 5 })]);
  assert.deepEqual([moment.amount, moment.total, others.length], [0.3, 3, 0]);
});

test('what was moved is told by where it is now', () => {
  const [moment] = momentsOf([row('a', -2, { kind: 'transfer' }), row('a', 2, { kind: 'transfer', place_name: 'Freezer' })]);
  assert.deepEqual([moment.amount, moment.place], [2, 'Freezer']);
});

test('what the ledger put right by itself is not told as somebody’s doing', () => {
  assert.deepEqual(momentsOf([row('a', 1, { kind: 'settle' }), row('b', -1, { undone_by: 'c' })]).map(({ id, undone }) => [id, undone]), [['b', true]]);
});

const things = (count, more = (at) => ({ group_id: `g${at}` })) =>
  Array.from({ length: count }, (_, at) => row(`a${at}`, 1, { kind: 'receive', product_id: `p${at}`, product_name: `Thing ${at}`, ...more(at) }));

test('what was done at once to several things is one line that says to how many', () => {
  const [furnished, ...others] = linesOf(momentsOf(things(63)));
  assert.deepEqual([furnished.things, furnished.names, others.length], [63, ['Thing 0', 'Thing 1', 'Thing 2'], 0]);
  // A count that was booked in parts is one all the same.
  const counted = linesOf(momentsOf(things(4, (at) => ({ group_id: 'g', kind: 'count', recorded_at: `2026-11-21T10:00:0${at}.000Z` }))));
  assert.deepEqual(counted.map(({ things: count, kind }) => [count, kind]), [[4, 'count']]);
  assert.deepEqual(linesOf(momentsOf(things(2, () => ({ group_id: 'g', undone_by: 'u' })))).map(({ undone }) => undone), [true]);
});

test('what others did, or was done otherwise, is told by itself', () => {
  const other = [{}, { actor: 'member:2' }, { kind: 'consume' }, { reason: 'receipt' }, { recorded_at: '2026-11-21T10:00:00.001Z' }];
  const told = linesOf(momentsOf(things(5, (at) => ({ group_id: `g${at}`, ...other[at] }))));
  assert.deepEqual(told.map(({ things: count }) => count), [1, 1, 1, 1, 1]);
  const twice = linesOf(momentsOf([row('a', 1), row('b', 1)]));
  assert.deepEqual(twice.map(({ id, things: count }) => [id, count]), [['a', 1], ['b', 1]]);
});

test('a line of which only the beginning is known is not told with a wrong number', () => {
  const rows = [row('new', -1, { product_id: 'milk' }), ...things(20)];
  assert.deepEqual(linesOf(momentsOf(rows), false).map(({ things: count }) => count), [1]);
  assert.deepEqual(linesOf(momentsOf(rows), true).map(({ things: count }) => count), [1, 20]);
});
