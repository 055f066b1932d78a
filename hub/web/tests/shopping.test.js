import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { Kept, readAll } from '../kitchen/kept.js';
import { aisles, amountOf, asItWillBe, basket, boughtAgain, howMuch, meantBy, onceMore, onListAlready, readCount, readHowMuch, readWish, SHOPPING, theOne, whatChanged } from '../kitchen/list.js';
import { amount, daysUntil, due, plain, today } from '../kitchen/words.js';
import { learn, speak, t } from '../lib/text.js';
import { uuid7 } from '../lib/uuid7.js';

const entry = (id, more = {}) => ({ id, name: id, unit: '', priority: 'normal', note: '', checked: false, automatic: false, version: 1, ...more });
const patch = (id, body) => ({ method: 'PATCH', path: `${SHOPPING}/${id}`, body });
const names = (entries) => entries.map(({ name }) => name).join(' ');

// The oldest Node that Debian has keeps it for itself.
globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);

test('what waits on this device is on the list already', () => {
  const waiting = [
    { method: 'POST', path: SHOPPING, body: { id: 'new', name: 'Eggs', quantity: 6 } },
    patch('new', { note: 'free range' }),
    patch('milk', { checked: true }),
    { method: 'DELETE', path: `${SHOPPING}/tea`, body: {} },
    patch('gone', { checked: false }),
    { method: 'PATCH', path: '/api/house', body: { name: 'x' } },
  ];
  const shown = asItWillBe([entry('milk'), entry('tea')], waiting);
  assert.deepEqual(shown.map(({ id, checked, note }) => [id, checked, note]), [['milk', true, ''], ['new', false, 'free range']]);
});

test('an entry whose answer is there is not shown twice, nor one that was refused', () => {
  const made = { method: 'POST', path: SHOPPING, body: { id: 'a', name: 'Eggs' } };
  assert.equal(asItWillBe([entry('a')], [made]).length, 1);
  assert.equal(asItWillBe([], [{ ...made, refused: { code: 'list-full', detail: '' } }]).length, 0);
});

test('aisles come as one walks, the urgent first, what has no aisle last', () => {
  const groups = aisles(
    [
      entry('Soap'),
      entry('Leek', { category_id: 'v', category_name: 'Vegetables', aisle: 1 }),
      entry('apple', { category_id: 'v', category_name: 'Vegetables', aisle: 1 }),
      entry('Onion', { category_id: 'v', category_name: 'Vegetables', aisle: 1, priority: 'urgent' }),
      entry('Butter', { category_id: 'd', category_name: 'Dairy', aisle: 0 }),
      entry('Bread', { checked: true }),
    ],
    'en',
  );
  assert.deepEqual(groups.map(({ name, entries }) => [name, names(entries)]), [
    ['Dairy', 'Butter'],
    ['Vegetables', 'Onion apple Leek'],
    ['', 'Soap'],
  ]);
});

test('the basket shows what was ticked last first', () => {
  const at = (day) => ({ checked: true, checked_at: `2026-11-${day}T10:00:00Z` });
  assert.equal(names(basket([entry('a', at(10)), entry('b', at(12)), entry('c'), entry('d', { checked: true })])), 'd b a');
});

test('what is wanted once more says the same, and nothing of what was bought', () => {
  const milk = entry('a', { name: 'Milk', product_id: 'p', quantity: 2, unit: 'l', note: 'blue', checked: true, checked_at: 'then', put_away_at: 'then', bought_quantity: 3 });
  assert.deepEqual(onceMore(milk, 'b'), { id: 'b', name: 'Milk', product_id: 'p', quantity: 2, unit: 'l', note: 'blue', priority: 'normal' });
  assert.deepEqual(onceMore(entry('a', { name: 'Candles' }), 'b'), { id: 'b', name: 'Candles', note: '', priority: 'normal' });
  assert.equal(onceMore(entry('a', { category_id: 'c', category_chosen: false }), 'b').category_id, undefined);
  assert.equal(onceMore(entry('a', { category_id: 'c', category_chosen: true }), 'b').category_id, 'c');
});

test('what comes back to the basket was bought as it was before', () => {
  assert.deepEqual(boughtAgain(entry('a', { checked: true }), '/b'), ['PATCH', '/b', { checked: true }]);
  const three = entry('a', { checked: true, bought_quantity: 3, bought_unit: 'l' });
  assert.deepEqual(boughtAgain(three, '/b'), ['POST', '/b/purchase', { quantity: 3, unit: 'l' }]);
});

test('an amount is read only where it is one', () => {
  assert.deepEqual(readWish('  500 g  flour '), { name: 'flour', quantity: 500, unit: 'g' });
  assert.deepEqual(readWish('1,5L Milch'), { name: 'Milch', quantity: 1.5, unit: 'l' });
  assert.deepEqual(readWish('2x eggs'), { name: 'eggs', quantity: 2 });
  for (const text of ['6 eggs', '7 Up', 'flour', '0 g salt', 'g 5']) assert.deepEqual(readWish(text), { name: text });
  assert.deepEqual(readWish('   '), { name: '' });
});

test('so many of a thing that is known are that thing, and a name with a number in it stays one', () => {
  assert.deepEqual(readCount(' 6  Eggs'), { name: 'Eggs', quantity: 6 });
  for (const text of ['Eggs', '500 g flour', '2x eggs', '0 eggs', '1,5 Milch', '12', '3 % Milch', '2 l']) assert.equal(readCount(text)?.name, text === '2 l' ? 'l' : undefined, text);
  const [eggs, seven] = [{ name: 'Eggs' }, { name: '7 Up' }];
  assert.deepEqual(meantBy('6 eggs', [eggs, seven]), { wish: { name: 'eggs', quantity: 6 }, one: eggs });
  assert.deepEqual(meantBy('6 eggs', [seven]), { wish: { name: '6 eggs' }, one: undefined });
  assert.deepEqual(meantBy('7 up', [eggs, seven, { name: 'Up' }]), { wish: { name: '7 up' }, one: seven });
  assert.deepEqual(meantBy('6 eg', [], eggs), { wish: { name: 'eg', quantity: 6 }, one: eggs });
  assert.deepEqual(meantBy('500 g flour', [{ name: 'flour' }]), { wish: { name: 'flour', quantity: 500, unit: 'g' }, one: { name: 'flour' } });
});

test('only what somebody changed of an entry is sent', () => {
  const milk = entry('milk', { quantity: 500, unit: 'ml', note: 'the blue one' });
  const begun = { amount: howMuch(milk), note: milk.note, priority: milk.priority };
  const changed = (said) => whatChanged(milk, begun, { ...begun, ...said });
  assert.equal(begun.amount, '500 ml');
  assert.deepEqual(changed({}), {});
  assert.deepEqual(changed({ priority: 'urgent' }), { priority: 'urgent' });
  assert.deepEqual(changed({ note: ' ' }), { note: '' });
  assert.deepEqual(changed({ amount: '1,5 l' }), { quantity: 1.5, unit: 'l' });
  assert.deepEqual(changed({ amount: '3' }), { quantity: 3, unit: 'piece' });
  assert.deepEqual(changed({ amount: '' }), { quantity: null });
  assert.deepEqual(whatChanged(entry('tea'), { amount: '', note: '', priority: 'normal' }, { amount: '2', note: '', priority: 'normal' }), { quantity: 2 });
  // What was typed without the house may turn out to be a product that is weighed.
  assert.deepEqual(whatChanged(entry('tea', { version: 0 }), begun, { ...begun, amount: '2' }), { quantity: 2, unit: 'piece' });
});

test('an amount is a number with or without a unit, or nothing said', () => {
  assert.equal(readHowMuch('  '), null);
  assert.deepEqual(readHowMuch('2  bags'), { quantity: 2, unit: 'bags' });
  assert.deepEqual(readHowMuch('500g'), { quantity: 500, unit: 'g' });
  for (const text of ['some', '0', '-1', '1.2345', 'g 5', '2 bags of 5']) assert.equal(readHowMuch(text), undefined, text);
});

test('what is known is found by its name, where one thing is called so', () => {
  const [salt, other] = [{ name: 'Salt', brand: 'A' }, { name: 'Sült' }];
  assert.equal(theOne([salt, other], 'sAlt'), salt);
  assert.equal(theOne([salt, { name: 'salt' }], 'Salt'), undefined);
  assert.equal(theOne([salt], 'Sea salt'), undefined);
});

test('what is to be bought already is not written down twice', () => {
  const list = [entry('a', { name: 'Crème' }), entry('b', { name: 'Tea', checked: true }), entry('c', { name: 'My soap', product_id: 'p' })];
  assert.equal(onListAlready(list, 'creme')?.id, 'a');
  assert.equal(onListAlready(list, 'Tea'), undefined);
  assert.equal(onListAlready(list, 'Soap', 'p')?.id, 'c');
});

test('two of what is counted in grams are two packs', () => {
  const flour = { base_unit: 'g', pack_size: 1000 };
  assert.deepEqual(amountOf({ quantity: 2 }, flour), { quantity: 2000, unit: 'g' });
  assert.deepEqual(amountOf({ quantity: 500, unit: 'g' }, flour), { quantity: 500, unit: 'g' });
  assert.deepEqual(amountOf({ quantity: 2 }, { base_unit: 'ml', pack_size: 1 }), { quantity: 2, unit: 'piece' });
  assert.deepEqual(amountOf({ quantity: 2 }, { base_unit: 'piece', pack_size: 6 }), { quantity: 2 });
  assert.deepEqual(amountOf({}, flour), {});
});

test('what waits to be put away is ticked and put away already', () => {
  const waiting = [{ method: 'POST', path: `${SHOPPING}/milk/purchase`, body: { put_away: true } }];
  const [milk] = asItWillBe([entry('milk')], waiting);
  assert.deepEqual([milk.checked, milk.put_away_at], [true, '']);
});

test('what went away while a question was on its way does not come back with the answer', () => {
  const kept = new Kept();
  kept.takeAll([entry('a'), entry('b', { version: 3 })], kept.moment);
  const asked = kept.moment;
  kept.drop('a');
  kept.take(entry('c'));
  kept.take(entry('b', { version: 4 }));
  kept.takeAll([entry('a'), entry('b', { version: 3 })], asked);
  assert.deepEqual(kept.items.value.map(({ id, version }) => `${id}${version}`).sort(), ['b4', 'c1']);
  kept.takeAll([entry('b', { version: 4 })], kept.moment);
  assert.deepEqual(kept.items.value.map(({ id }) => id), ['b']);
});

test('what was taken off does not come back with what the device kept when the house goes out of reach', () => {
  const kept = new Kept();
  kept.takeAll([entry('a'), entry('b'), entry('c')], kept.moment);
  kept.drop('a');
  kept.take(entry('b', { version: 2, checked: true }));
  kept.take(entry('d'));
  kept.recall([entry('a'), entry('b'), entry('c')]);
  assert.deepEqual(kept.items.value.map(({ id, version }) => `${id}${version}`).sort(), ['b2', 'c1', 'd1']);
  const empty = new Kept();
  empty.recall([entry('a')]);
  assert.equal(empty.items.value.length, 1);
});

test('all pages are one answer, as old as the oldest of them', async () => {
  const pages = {
    '/x?limit=2': { data: { items: [1, 2], next: 'a b' }, known: false },
    '/x?limit=2&cursor=a%20b': { data: { items: [3] }, known: true, asOf: 7 },
  };
  assert.deepEqual(await readAll(async (path) => pages[path], '/x?limit=2'), { data: [1, 2, 3], asOf: 7 });
});

test('ids sort by the time they were made', () => {
  const [early, late] = [uuid7(1_700_000_000_000), uuid7(1_700_000_000_001)];
  assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(early.slice(0, 8) + early.slice(9, 13), 16), 1_700_000_000_000);
  assert.ok(early < late);
});

test('what day it is does not hang on how a language writes days', () => {
  const known = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format'));
  Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { configurable: true, get: () => () => '11/21/2026' });
  try {
    assert.equal(today(Date.parse('2026-01-02T23:30:00Z'), 'Europe/Berlin'), '2026-01-03');
  } finally {
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', known);
  }
});

test('amounts and days in words, from a catalogue of the screen’s own', async () => {
  await learn('kitchen');
  await speak('en');
  assert.equal(amount(3, 'piece'), '3');
  assert.equal(amount(250, 'g'), '250 g');
  assert.equal(amount(1500, 'ml'), '1.5 l');
  assert.equal(daysUntil('2026-12-01', '2026-11-28'), 3);
  assert.equal(today(Date.parse('2026-11-20T23:30:00Z'), 'Europe/Berlin'), '2026-11-21');
  assert.deepEqual(due('2026-11-22', '2026-11-21'), { tone: 'soon', text: 'Nov 22 · tomorrow' });
  assert.deepEqual(due('2027-01-19', '2026-11-21'), { tone: 'fresh', text: 'Jan 19 · in 8 weeks' });
  assert.equal(due('2027-10-19', '2026-11-21').text, 'Oct 19, 2027 · in 11 months');
  assert.equal(due('2027-01-20', '2026-11-21').text, 'Jan 20 · in 2 months');
  assert.equal(due('2029-05-07', '2026-11-21').text, 'May 7, 2029 · in 2.5 years');
  assert.equal(due('2030-09-04', '2026-11-21').text, 'Sep 4, 2030 · in 4 years');
  assert.equal(due('2028-10-10', '2026-11-21').text, 'Oct 10, 2028 · in 2 years');
  assert.equal(due('2028-04-20', '2026-11-21').text, 'Apr 20, 2028 · in 17 months');
  assert.equal(due('2028-05-20', '2026-11-21').text, 'May 20, 2028 · in 1.5 years');
  assert.equal(due('2026-12-11', '2026-11-21').text, 'Dec 11 · in 3 weeks');
  assert.equal(due('2023-01-10', '2026-11-21').text, 'Jan 10, 2023 · 4 years ago');
  assert.equal(due('2026-11-20', '2026-11-21').tone, 'over');
  assert.equal(plain('Käse Großes Crème'), 'kase grosses creme');
  await speak('de');
  assert.equal(t('shopping.urgent'), 'Dringend');
  assert.equal(due('2030-09-04', '2026-11-21').text, '4. Sept. 2030 · in 4 Jahren');
  assert.equal(due('2030-04-04', '2026-11-21').text, '4. Apr. 2030 · in 3,5 Jahren');
  assert.equal(t('action.save'), 'Speichern');
});
