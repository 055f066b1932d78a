import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GS, Wedge } from '../kitchen/wedge.js';
import { legible, SCAN, scansShown, settle, undoable } from '../kitchen/scans.js';

/** Types keys so many milliseconds apart and returns all that was heard. */
function type(wedge, keys, apart, from = 0) {
  return keys.map((key, index) => wedge.hear({ timeStamp: from + index * apart, ...(typeof key === 'string' ? { key } : key) }));
}
const last = (heard) => heard.at(-1);

test('what is typed faster than anybody could is a scan', () => {
  const heard = type(new Wedge(), [...'4006381333931', 'Enter'], 4);
  assert.equal(last(heard).code, '4006381333931');
  assert.equal(heard[0].swallow, false, 'the first key may be anybody’s');
  assert.ok(heard.slice(1).every(({ swallow }) => swallow));
  assert.equal(last(type(new Wedge(), [...'96385074', 'Tab'], 4)).code, '96385074');
});

test('people at a keyboard are left alone', () => {
  for (const heard of [type(new Wedge(), [...'gs', 'Enter'], 4), type(new Wedge(), [...'4006381333931', 'Enter'], 120)]) {
    assert.ok(heard.every(({ code, swallow }, index) => code === undefined && (!swallow || index > 0)));
    assert.equal(last(heard).swallow, false);
  }
  const wedge = new Wedge();
  type(wedge, [...'400638'], 4);
  assert.equal(last(type(wedge, ['Enter'], 4, 5000)).code, undefined, 'an Enter much later is not the scanner’s');
});

test('separators are kept, however the scanner spells them', () => {
  const keys = [']', 'd', '2', { key: 'Control' }, { key: ']', ctrlKey: true }, { key: 'Shift' }, 'A', GS, 'x', 'Enter'];
  assert.equal(last(type(new Wedge(), keys, 4)).code, `]d2${GS}A${GS}x`);
  const spelled = [...'https:', { key: '/', ctrlKey: true, altKey: true }, 'Enter'];
  assert.equal(last(type(new Wedge(), spelled, 4)).code, 'https:/');
});

test('a shortcut is no part of a code', () => {
  const keys = ['1', '2', '3', { key: 'c', ctrlKey: true }, '4', 'Enter'];
  assert.equal(last(type(new Wedge(), keys, 4)).code, undefined);
});

const write = (scan_id, made_at, path = SCAN) => ({ path, body: { scan_id, code: scan_id }, made_at });

test('a scan that waits and was settled is shown once, newest first', () => {
  const settled = settle([], { id: 'a', code: 'a', at: 1, outcome: { status: 'applied' } });
  const shown = scansShown(settled, [write('a', 1), write('b', 3), write('c', 2), write('d', 9, '/api/shopping')]);
  assert.deepEqual(shown.map(({ id, outcome }) => [id, outcome?.status]), [['b', undefined], ['c', undefined], ['a', 'applied']]);
});

test('what was settled twice is kept once, and not for ever', () => {
  let settled = [];
  for (let at = 0; at < 100; at += 1) settled = settle(settled, { id: `s${at % 50}`, code: '', at });
  assert.equal(settled.length, 30);
  assert.equal(new Set(settled.map(({ id }) => id)).size, 30);
  assert.equal(settled[0].at, 99);
});

test('only what did something can be taken back, and once', () => {
  const scan = (status, more = {}) => ({ id: 'a', code: '', at: 0, outcome: { status, ...more } });
  assert.ok(undoable(scan('applied'), new Set()));
  assert.ok(!undoable(scan('applied'), new Set(['a'])));
  for (const status of ['refused', 'info', 'mode', 'undone']) assert.ok(!undoable(scan(status), new Set()), status);
  assert.ok(!undoable({ id: 'a', code: '', at: 0 }, new Set()));
});

test('separators can be seen', () => {
  assert.equal(legible(`10A${GS}21B`), '10A␝21B');
});
