import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentsOf } from '../kitchen/moments.js';

const row = (act_id, quantity, more = {}) => ({
  act_id, quantity, kind: 'consume', product_id: 'p', product_name: 'Milk', place_name: 'Fridge', unit: 'piece',
  total: 3, actor: 'member:1', recorded_at: '2026-11-21T10:00:00.000Z', ...more,
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
