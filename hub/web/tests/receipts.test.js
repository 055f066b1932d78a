import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from '../lib/api.js';
import { memoryShelf } from '../lib/shelf.js';
import { changed, changesOf, headFields, lineFields, meet, newLine } from '../receipts/draft.js';
import { asks, baseOf, openLines, placesOf, readMoney, searchFor, tidied, typedMoney } from '../receipts/figures.js';
import { foreignPicture, kindOf, LARGEST, LONGEST_TEXT, refusalOf, typeOf } from '../receipts/intake.js';
import { Tray } from '../receipts/tray.js';
import { inTurn, quiet } from '../receipts/turns.js';

const line = (more = {}) => ({
  id: 'a', position: 1, kind: 'item', wording: 'H-MILCH', quantity: 2, unit: 'piece', unit_price: 105, total: 210, doubtful: false,
  ignored: false, product_id: 'milk', arrives: 2, base_unit: 'piece', reason: 'name', confidence: 60, ...more,
});

test('money is read as it is typed, and never rounded', () => {
  const read = (text) => readMoney(text, 'EUR');
  assert.deepEqual(['2,49', '2.4', '2', ' 0,05 ', '-0,40', '−1', '3.'].map(read), [249, 240, 200, 5, -40, -100, 300]);
  assert.deepEqual(['', 'x', '1.234', '1,2,3', '12345678', '--1', '.5'].map(read), Array(7).fill(undefined));
  assert.ok(Object.is(read('-0'), 0));
  assert.deepEqual([placesOf('JPY'), readMoney('120', 'JPY'), readMoney('1,5', 'JPY')], [0, 120, undefined]);
});

test('a sum that is shown to be typed over is read back as itself', () => {
  for (const minor of [0, 5, 99, 100, 249, -40, 1234567]) assert.equal(readMoney(typedMoney(minor, 'EUR', ','), 'EUR'), minor);
  assert.deepEqual([typedMoney(-5, 'EUR'), typedMoney(120, 'JPY')], ['-0.05', '120']);
});

test('a line asks for its product, then for its amount, and not at all when it is left out', () => {
  const { product_id: _, ...unknown } = line();
  const { arrives: __, ...unclear } = line();
  assert.deepEqual([line(), unknown, unclear].map(asks), [undefined, 'product', 'amount']);
  assert.deepEqual([{ ...unknown, ignored: true }, { ...unknown, kind: 'deposit' }].map(asks), [undefined, undefined]);
  assert.equal(openLines({ lines: [line(), unknown, unclear] }).length, 2);
  assert.deepEqual(openLines({}), []);
});

test('what a till shouts is said as a person would', () => {
  assert.deepEqual(['BIO  ZITRONEN', 'H-MILCH 1,5%', 'Rispentomaten', 'ÄPFEL'].map(tidied), ['Bio Zitronen', 'H-Milch 1,5%', 'Rispentomaten', 'Äpfel']);
  assert.deepEqual(['H-MILCH 1,5%', 'FISCHSTÄBCHEN 15 ST', '12 x 3'].map(searchFor), ['H-Milch', 'Fischstäbchen', '12 x 3']);
  assert.deepEqual(['piece', 'kg', 'lb', 'ml'].map(baseOf), ['piece', 'g', 'g', 'ml']);
});

test('only what was touched is sent, and what follows from it is reckoned anew', () => {
  const begun = lineFields(line(), 'EUR');
  assert.deepEqual(changed(begun, { ...begun, quantity: '2,0', total: '2.1', wording: 'H-MILCH ' }, 'EUR'), []);
  const now = { ...begun, quantity: '3', arrives: '', total: '3,15', ignored: 'yes', place_id: 'fridge' };
  assert.deepEqual(changesOf(begun, now, 'EUR'), { body: { quantity: 3, arrives: null, total: 315, ignored: true, place_id: 'fridge' }, wrong: [] });
  assert.deepEqual(changesOf(begun, { ...begun, product_id: '' }, 'EUR').body, { product_id: null });
});

test('what says nothing is named, and a line without a price is none', () => {
  const begun = lineFields(line(), 'EUR');
  assert.deepEqual(changesOf(begun, { ...begun, quantity: '0', total: '', arrives: 'much', wording: ' ' }, 'EUR').wrong.sort(), ['arrives', 'quantity', 'total', 'wording']);
});

test('the head of a receipt may say nothing of its total, its day and its time', () => {
  const receipt = { shop: 'Sparfuchs', day: '2026-11-20', time: '17:40', currency: 'EUR', total: 636 };
  const begun = headFields(receipt);
  assert.deepEqual(changesOf(begun, { ...begun, total: '', day: '', time: '', shop: '' }, 'EUR').body, { shop: '', day: null, time: null, total: null });
  assert.deepEqual(changesOf(begun, { ...begun, currency: 'euro', total: '1.5x' }, 'EUR').wrong.sort(), ['currency', 'total']);
  assert.deepEqual(changesOf(begun, { ...begun, currency: 'JPY', total: '700' }, 'EUR').body, { currency: 'JPY', total: 700 });
});

test('two who put one line right both keep what only they touched, and see what both did', () => {
  const begun = lineFields(line(), 'EUR');
  const { fields, theirs } = meet(begun, { ...begun, quantity: '3' }, lineFields(line({ total: 315, quantity: 4 }), 'EUR'), 'EUR');
  assert.deepEqual([fields.quantity, fields.total, theirs], ['3', '3.15', { quantity: '4' }]);
  assert.deepEqual(meet(begun, { ...begun, quantity: '3,0' }, lineFields(line({ quantity: 3 }), 'EUR'), 'EUR').theirs, {});
});

test('a line that is typed in is what the house takes; a discount is always less', () => {
  assert.deepEqual(newLine({ wording: ' Milk ', kind: 'item', quantity: '1,5', unit: 'kg', total: '2,49', product_id: 'milk' }, 'EUR'), { wording: 'Milk', kind: 'item', total: 249, quantity: 1.5, unit: 'kg', product_id: 'milk' });
  assert.deepEqual(newLine({ wording: 'Rabatt', kind: 'discount', total: '0,40' }, 'EUR'), { wording: 'Rabatt', kind: 'discount', total: -40 });
});

test('what a file is, and why it is not even sent', () => {
  assert.deepEqual([['a.JPG', ''], ['b.pdf', 'application/octet-stream'], ['c', 'image/png'], ['d.txt', 'text/plain; charset=utf-8'], ['e.docx', '']].map(([name, type]) => typeOf({ name, type })), ['image/jpeg', 'application/pdf', 'image/png', 'text/plain', '']);
  assert.deepEqual(['image/webp', 'application/pdf', 'text/plain', 'image/heic', ''].map(kindOf), ['picture', 'document', 'text', undefined, undefined]);
  assert.deepEqual([foreignPicture('image/heic'), foreignPicture('image/png'), foreignPicture('video/mp4')], [true, false, false]);
  const refused = (type, size) => refusalOf({ type, size });
  assert.deepEqual([refused('image/png', 0), refused('', 9), refused('image/png', LARGEST + 1), refused('text/plain', LONGEST_TEXT + 1)], ['empty', 'kind', 'large', 'long']);
  assert.deepEqual([refused('image/png', LARGEST), refused('text/plain', LONGEST_TEXT)], [undefined, undefined]);
});

/** A tray whose house answers as it is told to, in turn. */
function trayWith(answers, shelf = memoryShelf()) {
  const told = { sent: [], arrived: [], pauses: [], count: [] };
  let ids = 0;
  const tray = new Tray({
    shelf,
    send: async (paper, progress) => {
      told.sent.push(paper.id);
      progress(0.5);
      told.part = tray.sending.value?.part;
      const answer = answers.shift() ?? { id: `receipt-${paper.id}` };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    actor: () => 'ida',
    uuid: () => `p${++ids}`,
    time: () => 1,
    after: (ms, then) => {
      told.pauses.push([ms, then]);
      return () => {};
    },
    arrived: (receipt) => told.arrived.push(receipt.id),
    waiting: (count) => told.count.push(count),
  });
  return { tray, told };
}

const file = (name) => ({ name, type: 'image/png', bytes: new ArrayBuffer(3) });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what is chosen is sent in order, with its progress, and then is here no more', async () => {
  const { tray, told } = trayWith([]);
  await tray.add(file('a.png'));
  await tray.add(file('b.png'));
  await settled();
  assert.deepEqual([told.sent, told.arrived, told.part, tray.papers.value, told.count.at(-1)], [['p1', 'p2'], ['receipt-p1', 'receipt-p2'], 0.5, [], 0]);
});

test('where nobody answers it stays, across pages, and is sent once with the same key', async () => {
  const shelf = memoryShelf();
  const first = trayWith([new Unreachable('gone')], shelf);
  await first.tray.add(file('a.png'));
  await settled();
  assert.deepEqual([first.told.sent, first.tray.papers.value.length, first.tray.sending.value], [['p1'], 1, null]);
  const second = trayWith([], shelf);
  await second.tray.start();
  await settled();
  assert.deepEqual([second.told.sent, second.told.arrived, await shelf.all()], [['p1'], ['receipt-p1'], []]);
});

test('a house that is busy is asked again when it said', async () => {
  const { tray, told } = trayWith([new Problem(503, { code: 'media-busy' }, 5)]);
  await tray.add(file('a.png'));
  await settled();
  const [[ms, then]] = told.pauses;
  assert.deepEqual([ms, tray.papers.value.length], [5000, 1]);
  then();
  await settled();
  assert.deepEqual(told.arrived, ['receipt-p1']);
});

test('what is refused holds nothing up, says why, and may be tried again or let go', async () => {
  const { tray, told } = trayWith([new Problem(415, { code: 'picture-unknown', detail: 'No.' })]);
  await tray.add(file('a.png'));
  await tray.add(file('b.png'));
  await settled();
  assert.deepEqual([told.arrived, tray.papers.value.map(({ id, refused }) => [id, refused?.code])], [['receipt-p2'], [['p1', 'picture-unknown']]]);
  await tray.again('p1');
  await settled();
  assert.deepEqual([told.arrived, tray.papers.value], [['receipt-p2', 'receipt-p3'], []]);
});

test('nobody else’s sign-in sends it, and a device that keeps nothing says so', async () => {
  const shelf = memoryShelf();
  await shelf.put({ id: 'x', name: '', type: 'text/plain', bytes: new ArrayBuffer(1), actor: 'jonas', order: 1 });
  const { tray, told } = trayWith([], { ...shelf, put: async () => Promise.reject(new Error('full')) });
  await tray.start();
  assert.deepEqual([tray.papers.value, told.sent, tray.safe.value], [[], [], true]);
  await tray.add(file('a.png'));
  await settled();
  assert.deepEqual([told.sent, tray.safe.value, (await shelf.all()).length], [['p1'], false, 1]);
});

test('what one does to a receipt in quick succession goes out one after the other, each upon the one before', async () => {
  const house = { version: 3, asked: [] };
  const change = (name) => async (version) => {
    house.asked.push(`${name} ${version}`);
    await new Promise(setImmediate);
    if (version !== house.version) throw new Problem(409, { code: 'stale-version' });
    house.version += 1;
    return { version: house.version };
  };
  const all = ['a', 'b', 'c'].map((name) => inTurn('r', 3, change(name)));
  assert.deepEqual(house.asked, []);
  await quiet('r');
  assert.deepEqual((await Promise.all(all)).map(({ version }) => version), [4, 5, 6]);
  assert.deepEqual(house.asked, ['a 3', 'b 4', 'c 5']);
  // What somebody else did in between is theirs still, and stops nobody behind it.
  house.version = 9;
  await assert.rejects(inTurn('r', 3, change('d')), { code: 'stale-version' });
  assert.equal((await inTurn('r', 9, change('e'))).version, 10);
  assert.deepEqual(house.asked.slice(3), ['d 6', 'e 9']);
});
