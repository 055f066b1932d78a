import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meet, touched } from '../lib/meet.js';
import { namesIn, ofEach } from '../settings/holding.js';
import { isOwn, known, one, ratioOf, sameWord } from '../settings/measures.js';
import { inOrder, moving } from '../settings/order.js';
import { checks, mask, numberOf, piecesOf, valueOf, wire, wrongOf } from '../settings/printed.js';

const shelf = (...positions) => positions.map((position, at) => ({ id: 'abcdefgh'[at], position }));

/** What stands where once everything is said, and how much had to be said. */
function after(things, from, to) {
  const moves = moving(things, from, to);
  const said = new Map(moves.map(({ thing, position }) => [thing.id, position]));
  const order = inOrder(things.map(({ id, position }) => ({ id, position: said.get(id) ?? position })));
  return `${order.map(({ id }) => id).join('')} ${moves.length}`;
}

test('moving by one says two things, moving to an end says one', () => {
  const things = shelf(1, 2, 3, 4);
  assert.equal(after(things, 2, 1), 'acbd 2');
  assert.equal(after(things, 0, 1), 'bacd 2');
  assert.equal(after(things, 3, 0), 'dabc 1');
  assert.equal(after(things, 0, 3), 'bcda 1');
  assert.equal(after(things, 1, 1), 'abcd 0');
  assert.equal(after(things, 9, 1), 'abcd 0');
});

test('where there is room one thing is said, and what shares a position is told apart', () => {
  assert.equal(after(shelf(10, 20, 30), 2, 1), 'acb 1');
  assert.equal(after(shelf(5, 5, 5, 5), 3, 0), 'dabc 1');
  assert.equal(after(shelf(5, 5, 5, 5), 0, 1), 'bacd 2');
});

test('every move ends where it should, however things stood', () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 500; round += 1) {
    const things = inOrder(shelf(...Array.from({ length: 1 + random(7) }, () => random(6))));
    const [from, to] = [random(things.length), random(things.length)];
    const wanted = things.map(({ id }) => id);
    wanted.splice(to, 0, ...wanted.splice(from, 1));
    assert.equal(after(things, from, to).split(' ')[0], wanted.join(''), JSON.stringify({ things, from, to }));
  }
});

test('what only the other changed is taken over, and both sides are kept where both spoke', () => {
  const begun = { name: 'Cellar', kind: 'other' };
  assert.deepEqual(touched(begun, { name: ' Cellar ', kind: 'fridge' }), ['kind']);
  assert.deepEqual(meet(begun, { name: 'Vault', kind: 'other' }, { name: 'Cellar', kind: 'fridge' }), { fields: { name: 'Vault', kind: 'fridge' }, theirs: {} });
  assert.deepEqual(meet(begun, { name: 'Vault', kind: 'other' }, { name: 'Crypt', kind: 'other' }), { fields: { name: 'Vault', kind: 'other' }, theirs: { name: 'Crypt' } });
  assert.deepEqual(meet(begun, { name: 'Vault', kind: 'other' }, { name: 'Vault', kind: 'other' }).theirs, {});
});

test('what lies in a place is counted by product and named by the first few', () => {
  const lot = (product, place, category) => ({ product_master_id: product, product_name: product.toUpperCase(), place_id: place, category_id: category });
  const lots = [lot('milk', 'fridge', 'dairy'), lot('milk', 'fridge', 'dairy'), lot('jam', 'fridge'), lot('rice', 'pantry')];
  assert.deepEqual([...ofEach(lots, ({ place_id }) => place_id)], [['fridge', 2], ['pantry', 1]]);
  assert.deepEqual([...ofEach(lots, ({ category_id }) => category_id)], [['dairy', 1]]);
  assert.deepEqual(namesIn(lots, ({ place_id }) => place_id === 'fridge', 1), { all: ['MILK'], more: 1 });
  assert.deepEqual(namesIn(lots, () => false, 3), { all: [], more: 0 });
});

test('a unit is a whole number of them that are an exact amount', () => {
  assert.deepEqual(ratioOf({ per: '12', quantity: '0,5' }), { per: 12, quantity: 0.5 });
  for (const [per, quantity] of [['0', '1'], ['1.5', '1'], ['100001', '1'], ['', '1']]) assert.equal(ratioOf({ per, quantity }).per, undefined, per);
  for (const quantity of ['0', '-1', '1.2345', 'much', '1000000001']) assert.equal(ratioOf({ per: '1', quantity }).quantity, undefined, quantity);
  for (const [per, quantity, said] of [['1/3', '80', { per: 1, quantity: 240 }], ['1', '1/3', { per: 3, quantity: 1 }], ['2 / 3', '1/2', { per: 4, quantity: 3 }], ['1/1', '0,5', { per: 1, quantity: 0.5 }]]) {
    assert.deepEqual(ratioOf({ per, quantity }), said, `${per} ${quantity}`);
  }
  assert.equal(ratioOf({ per: '1/0', quantity: '1' }).per, undefined);
  assert.equal(one({ per: 1600, quantity: 45359.237 }), 28.3);
});

test('a word that everybody knows is told, however it is written', () => {
  const cup = { name: 'cup', words: ['cups', 'tasse'], unit: 'ml', quantity: 250, per: 1 };
  const own = { id: 'u', name: 'Mug', unit: 'ml', quantity: 300, per: 1, version: 1 };
  assert.equal(sameWord('  US   Cup. '), 'us cup');
  assert.equal(known([own, cup], 'Tasse'), cup);
  assert.equal(known([own, cup], 'mug'), undefined);
  assert.equal(known([cup], ''), undefined);
  assert.deepEqual([isOwn(own), isOwn(cup)], [true, false]);
});

test('what is printed is read to the last digit, with comma or point', () => {
  assert.deepEqual([valueOf('1.234', 'weight'), valueOf('12,3', 'weight'), valueOf('0,305', 'weight')], [1234, 12300, 305]);
  assert.deepEqual([valueOf('4.99', 'price'), valueOf('5', 'price'), valueOf('1.1', 'price')], [499, 500, 110]);
  assert.equal(valueOf('6', 'count'), 6);
  for (const [text, says] of [['1.2345', 'weight'], ['4.999', 'price'], ['1.5', 'count'], ['', 'price'], ['x', 'weight'], ['12345678', 'count']]) {
    assert.equal(valueOf(text, says), undefined, text);
  }
});

const LABELS = [
  { code: '2712345012348', value: '1.234' },
  { code: '2712345123457', value: '12.345' },
];

test('labels are looked at before they are sent', () => {
  const wrong = (...labels) => Object.fromEntries(wrongOf(labels, 'weight'));
  assert.deepEqual(wrong(...LABELS), {});
  assert.deepEqual(wrong({ code: ']E02712345012348', value: '1,234' }), {});
  assert.deepEqual(wrong({ code: '27 12345 01234', value: '0' }), { 'code-0': 'check', 'value-0': 'weight' });
  assert.deepEqual(wrong({ code: '12', value: '1' }), { 'code-0': 'digits' });
  assert.deepEqual(wrong({ code: '4006381333931', value: '1' }), { 'code-0': 'not-of-a-shop' });
  assert.deepEqual(wrong(LABELS[0], LABELS[0]), { 'code-1': 'same' });
  assert.deepEqual(wrong(LABELS[0], { code: '2000000000008', value: '1' }), { 'code-1': 'other-prefix' });
  assert.deepEqual([checks('2712345012348'), checks('2712345012349'), numberOf(' 27 1 ')], [true, false, '271']);
});

test('labels are sent as the house wants them', () => {
  assert.deepEqual(wire(LABELS, 'weight')[0], { code: '2712345012348', weight: 1.234 });
  assert.deepEqual(wire([{ code: '2', value: '4,99' }], 'price'), [{ code: '2', price: 499 }]);
  assert.deepEqual(wire([{ code: '2', value: '6' }], 'count'), [{ code: '2', count: 6 }]);
});

test('what was learnt is shown as it stands in a number', () => {
  const pattern = { prefix: '27', says: 'weight', digits: 5, decimals: 3, checked: false };
  const pieces = (one) => piecesOf(one).map(({ part, digits }) => `${part} ${digits}`).join(', ');
  assert.equal(pieces(pattern), 'prefix 2, article 5, value 5, last 1');
  assert.equal(pieces({ ...pattern, digits: 4, checked: true }), 'prefix 2, article 5, check 1, value 4, last 1');
  assert.deepEqual([mask(pattern, ','), mask({ digits: 3, decimals: 3 }, '.'), mask({ digits: 4, decimals: 0 }, '.')], ['00,000', '0.000', '0000']);
});
