import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GS, Wedge } from '../kitchen/wedge.js';
import { answered, keptScans, legible, lists, lookedUp, renamed, SCAN, scansShown, settle, told, UNDO, undoable, wantsLook } from '../kitchen/scans.js';
import { SHAKES, TONES, Voice } from '../kitchen/sounds.js';

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
  assert.ok(undoable(scan('applied')));
  assert.ok(!undoable({ ...scan('applied'), undone: true }));
  for (const status of ['refused', 'info', 'mode', 'undone']) assert.ok(!undoable(scan(status)), status);
  assert.ok(!undoable({ id: 'a', code: '', at: 0 }));
  assert.ok(undoable(scan('question')), 'what was short is booked all the same');
  assert.ok(!undoable(scan('question', { warnings: ['several-products'] })), 'nothing is booked before somebody says which');
});

test('separators can be seen, and the kind of symbol is nobody’s business', () => {
  assert.equal(legible(`10A${GS}21B`), '10A␝21B');
  assert.equal(legible(`]d210A${GS}21B`), '10A␝21B');
  assert.equal(legible(']d2'), ']d2');
});

const sent = (scan_id, more = {}) => ({ path: SCAN, actor: 'ida', made_at: 5, body: { scan_id, code: 'x', ...more } });

test('scans that waited have an outcome each, in the order they were made', () => {
  let settled = [];
  const outcomes = [['a', 1, 'applied'], ['b', 2, 'refused'], ['c', 3, 'unknown']];
  for (const [id, made_at, status] of outcomes) settled = answered(settled, { ...sent(id), made_at }, { status, tone: 'ok' });
  assert.deepEqual(scansShown(settled, [write('d', 4)]).map(({ id, outcome }) => [id, outcome?.status]), [
    ['d', undefined], ['c', 'unknown'], ['b', 'refused'], ['a', 'applied'],
  ]);
});

test('a scan that was taken back says so, beside the taking back', () => {
  let settled = answered([], sent('a'), { status: 'applied', tone: 'ok' });
  settled = answered(settled, { ...sent('b', { undoes: 'a', code: undefined }), path: UNDO, made_at: 9 }, { status: 'undone', tone: 'ok' });
  assert.deepEqual(settled.map(({ id, undone = false }) => [id, undone]), [['b', false], ['a', true]]);
  settled = answered(settled, { ...sent('c', { undoes: 'b' }), path: UNDO }, { status: 'refused', tone: 'bad' });
  assert.equal(settled.find(({ id }) => id === 'b').undone, undefined, 'what was not taken back is still there');
});

test('what somebody says elsewhere of a scan is seen here', () => {
  const asks = { status: 'question', tone: 'warn', warnings: ['several-products'] };
  const settled = answered([], sent('a'), asks);
  const applied = { status: 'applied', tone: 'ok', product: { id: 'p', name: 'Milk' } };
  const frame = { type: 'scan.applied', entity_id: 'a', data: { outcome: applied } };
  assert.deepEqual(told(settled, frame)[0].outcome, applied);
  assert.equal(told(settled, { ...frame, entity_id: 'z' }), settled, 'another’s scan');
  const done = told(settled, frame);
  assert.equal(told(done, { ...frame, data: { outcome: asks } }), done, 'what is settled stays');
  const renames = { type: 'product.updated', entity_id: 'p', data: { name: 'Whole milk', state: 'active' } };
  assert.equal(told(done, renames)[0].outcome.product.name, 'Whole milk');
  assert.equal(told(done, { ...renames, data: { name: 'Milk', state: 'active' } }), done);
});

test('an unknown thing that gets a name is booked', () => {
  const unknown = { status: 'unknown', tone: 'warn', product: { id: 'p', name: '4006381333931' } };
  assert.deepEqual(renamed(unknown, { name: 'Jam', state: 'unknown' }), { ...unknown, product: { id: 'p', name: 'Jam' } }, 'the catalogue only guesses');
  assert.deepEqual(renamed(unknown, { name: 'Jam', state: 'active' }), { status: 'applied', tone: 'ok', product: { id: 'p', name: 'Jam' } });
});

test('what a device kept is read as far as it makes sense', () => {
  for (const text of [null, '', 'x', '{}', '[1, null, {"id": 3}]']) assert.deepEqual(keptScans(text), [], text);
  assert.deepEqual(keptScans('[{"id":"a","code":"c","at":1}]'), [{ id: 'a', code: 'c', at: 1 }]);
});

test('somebody is called when something did not go through', () => {
  assert.ok(!wantsLook({ status: 'applied', tone: 'ok' }));
  for (const [status, tone] of [['refused', 'bad'], ['question', 'warn'], ['unknown', 'warn'], ['applied', 'warn']]) {
    assert.ok(wantsLook({ status, tone }), status);
  }
});

test('the three tones are one short and high, two of medium height, one long and low', () => {
  const [ok, warn, bad] = [TONES.ok, TONES.warn, TONES.bad];
  assert.deepEqual([ok.length, warn.length, bad.length], [1, 2, 1]);
  assert.ok(ok[0].hertz > 2 * warn[0].hertz && warn[0].hertz > 2 * bad[0].hertz, 'told apart by ear');
  assert.ok(ok[0].ms <= 100 && bad[0].ms >= 400);
  assert.ok(warn[1].from >= warn[0].from + warn[0].ms + 50, 'two and not one long one');
  const shakes = new Set(Object.values(SHAKES).map(String));
  assert.equal(shakes.size, 3);
});

test('a device that is told to be quiet is, and asks for no sound', () => {
  const heard = [];
  const context = { state: 'running', currentTime: 0, destination: {}, resume: async () => {} };
  const level = { gain: { setValueAtTime() {}, linearRampToValueAtTime() {} }, connect: () => {} };
  context.createGain = () => level;
  context.createOscillator = () => ({ frequency: {}, connect: (to) => to, start: (at) => heard.push(at), stop() {} });
  const voice = new Voice({ sound: () => context, shake: (pattern) => heard.push(String(pattern)) }, true);
  voice.wake();
  voice.say('ok');
  assert.deepEqual(heard, []);
  voice.muted.value = false;
  voice.say('ok');
  assert.deepEqual(heard, ['40'], 'before the first touch it can only shake');
  voice.wake();
  voice.say('warn');
  assert.deepEqual(heard, ['40', '80,90,80', 0, 0.21]);
});

test('what the house knows better is not offered: taken back elsewhere, or bought from the list since', () => {
  const scan = (id, more = {}) => ({ id, code: id, at: 1, outcome: { status: 'applied' }, ...more });
  const settled = [scan('a'), scan('b'), scan('c'), scan('d', { undone: true })];
  const past = [{ id: 'a', undone: false, reversible: true }, { id: 'b', undone: true, reversible: false }, { id: 'c', undone: false, reversible: false }, { id: 'd', undone: true, reversible: false }];
  const next = lookedUp(settled, past);
  assert.deepEqual(next.map((one) => [!!one.undone, undoable(one)]), [[false, true], [true, false], [false, false], [true, false]]);
  assert.equal(lookedUp(next, past), next, 'the same when there is nothing new');
  const back = lookedUp(next, [{ id: 'c', undone: false, reversible: true }]);
  assert.ok(undoable(back[2]), 'and offered again when it stands again');
});

test('an undo that was refused is not offered once more', () => {
  const settled = [{ id: 'a', code: 'a', at: 1, outcome: { status: 'applied' } }];
  const refusal = (code) => answered(settled, { body: { scan_id: 'u', undoes: 'a' }, made_at: 2 }, { status: 'refused', problem: { code } }).find(({ id }) => id === 'a');
  assert.deepEqual([refusal('already-undone').undone, undoable(refusal('already-undone'))], [true, false]);
  assert.deepEqual([refusal('nothing-to-undo').undone, undoable(refusal('nothing-to-undo'))], [false, false]);
  assert.ok(undoable(refusal('too-late')));
});

test('what a scan wrote on the list is not told as booked', () => {
  const write = { body: { scan_id: 'a', code: 'c', mode: 'shop' }, made_at: 1 };
  const told = (status) => lists(answered([], write, { status })[0]);
  assert.deepEqual([told('applied'), told('question'), lists({ mode: 'add', outcome: { status: 'applied' } })], [true, false, false]);
});

test('what is taken back is said by its name, also where the house does not name it', () => {
  const bread = { id: 'b', name: 'Bread' };
  const before = settle([], { id: 'a', code: '1', at: 1, outcome: { status: 'applied', product: bread, warnings: [] } });
  const undo = { path: UNDO, body: { scan_id: 'u', undoes: 'a' }, made_at: 2 };
  const [last, first] = answered(before, undo, { status: 'undone', lines: ['Taken back'], warnings: [] });
  assert.deepEqual([last.outcome.product, first.undone], [bread, true]);
  const milk = { id: 'm', name: 'Milk' };
  assert.equal(answered(before, undo, { status: 'undone', product: milk, warnings: [] })[0].outcome.product, milk);
});
