import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAsItWillBe, differences, isToBook, labelled, onTheList, told, waitingFor } from '../kitchen/counting.js';

const line = (id, product_id, quantity, more = {}) => ({ id, product_id, product_name: product_id, unit: 'piece', quantity, version: 1, ...more });
const entry = (product_id, believed, lines = [], more = {}) => {
  const counted = lines.length ? lines.reduce((sum, { quantity }) => sum + quantity, 0) : undefined;
  const after = counted ?? believed;
  const standing = lines.length ? 'counted' : 'uncounted';
  return { product_id, product_name: product_id, unit: 'piece', standing, lines, believed, ...(counted === undefined ? {} : { counted }), moved: 0, after, difference: after - believed, lots: [], ...more };
};
const said = (product_id, counted, more = {}) => ({ method: 'POST', path: '/api/stocktakes/t/count', body: { product_id, counted }, ...more });
const shape = (entries) => entries.map(({ product_id, counted, difference, standing }) => [product_id, counted, difference, standing]);

test('what somebody counts elsewhere is seen here, and the newer line wins', () => {
  const before = [entry('tea', 5), entry('rice', 2, [line('r', 'rice', 2, { version: 3 })])];
  const one = told(before, { line: line('t', 'tea', 3) });
  assert.deepEqual(shape(one), [['tea', 3, -2, 'counted'], ['rice', 2, 0, 'counted']]);
  assert.deepEqual(shape(told(one, { line: line('r', 'rice', 9, { version: 2 }) })), shape(one));
  assert.deepEqual(shape(told(one, { removed: 't' }))[0], ['tea', undefined, 0, 'uncounted']);
  assert.deepEqual(shape(told(one, { line: line('n', 'nuts', 1) }))[2], ['nuts', 1, 1, 'counted']);
});

test('what was counted here and waits is shown at once', () => {
  const dated = entry('rice', 4, [line('d', 'rice', 2, { best_before: '2027-01-01' }), line('r', 'rice', 1)]);
  const waiting = [said('tea', 1), said('tea', 2), said('rice', 3), said('nuts', 1, { path: '/api/stocktakes/other/count' }), said('oats', 1, { refused: { code: 'x', detail: '' } })];
  const seen = countAsItWillBe([entry('tea', 5), dated, entry('nuts', 1), entry('oats', 1)], waiting, 't');
  assert.deepEqual(shape(seen), [['tea', 2, -3, 'counted'], ['rice', 5, 1, 'counted'], ['nuts', undefined, 0, 'uncounted'], ['oats', undefined, 0, 'uncounted']]);
  assert.equal(labelled(dated), 2);
  assert.equal(waitingFor(waiting, 't'), 3);
});

test('a number that changes nothing keeps what the house said of what moved', () => {
  const moved = entry('tea', 5, [line('t', 'tea', 3)], { moved: -1, after: 2, difference: -3 });
  assert.deepEqual(shape(told([moved], { line: line('t', 'tea', 3, { version: 2 }) })), [['tea', 3, -3, 'counted']]);
});

test('the list is by name and found by every word, and what is missing comes first in the difference', () => {
  const all = [entry('Tee', 5, [line('1', 'Tee', 3)]), entry('Äpfel', 1, [line('2', 'Äpfel', 4)]), entry('Brot', 1, [line('3', 'Brot', 1)]), entry('Salz', 1), entry('???', 0, [line('4', '???', 1)], { standing: 'unnamed' })];
  assert.deepEqual(onTheList(all, '', 'de').map(({ product_id }) => product_id), ['???', 'Äpfel', 'Brot', 'Salz', 'Tee']);
  assert.deepEqual(onTheList(all, 'apf', 'de').map(({ product_id }) => product_id), ['Äpfel']);
  const groups = differences(all).map(({ id, entries }) => [id, entries.map(({ product_id }) => product_id).join()]);
  assert.deepEqual(groups, [['less', 'Tee'], ['more', 'Äpfel'], ['unnamed', '???'], ['uncounted', 'Salz'], ['same', 'Brot']]);
});

test('there is something to book once something was counted, or what was not is said to be gone', () => {
  const tea = entry('tea', 5);
  assert.deepEqual([false, true].map((gone) => isToBook([], gone)), [false, false]);
  assert.deepEqual([false, true].map((gone) => isToBook([tea], gone)), [false, true]);
  assert.equal(isToBook([tea, entry('rice', 2, [line('r', 'rice', 0)])], false), true);
  assert.equal(isToBook([entry('???', 0, [line('4', '???', 1)], { standing: 'unnamed' })], false), true);
});
