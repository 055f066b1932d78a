import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gently } from '../lib/gently.js';

test('at once, then once for all that was asked for meanwhile', () => {
  let at = 0;
  const later = [];
  const done = [];
  const ask = gently(() => done.push(at), 100, { now: () => at, after: (ms, run) => later.push([at + ms, run]) });
  ask();
  for (at of [10, 20, 30]) ask();
  assert.deepEqual([done, later.length], [[0], 1]);
  const [due, run] = later[0];
  at = due;
  run();
  at = 350;
  ask();
  assert.deepEqual(done, [0, 100, 350]);
});
