import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, changesOf, fieldsOf, meet, wordsOf } from '../kitchen/draft.js';
import { columnsOf, HIGH, niceAbove, pointsOf, WIDE } from '../kitchen/scale.js';
import { codeForPeople, money, readAmount, typed, unbroken } from '../kitchen/words.js';

const milk = (more = {}) => ({
  id: 'm', version: 1, name: 'Milk', brand: 'Alp', base_unit: 'ml', pack_size: 1000, minimum: 0, due_kind: 'use-by',
  note: '', shelf_days: 10, facts: { allergens: ['milk'], nutrition: { fat_mg: 3500 } }, place_id: 'fridge', ...more,
});

test('what was not touched is not sent', () => {
  const product = milk();
  const same = { ...fieldsOf(product), pack_size: '1000,0', allergens: ' milk ', name: 'Milk ' };
  assert.deepEqual(changed(fieldsOf(product), same), []);
  assert.deepEqual(changesOf(product, same), { body: { version: 1 }, wrong: [] });
});

test('what is emptied is sent as nothing, and what is in a pack stays beside its allergens', () => {
  const product = milk();
  const typedNow = { ...fieldsOf(product), place_id: '', shelf_days: '', minimum: '1,5', allergens: 'soybeans, milk', category_id: 'dairy' };
  assert.deepEqual(changesOf(product, typedNow).body, {
    version: 1, place_id: null, shelf_days: null, minimum: 1.5, category_id: 'dairy',
    facts: { allergens: ['soybeans', 'milk'], nutrition: { fat_mg: 3500 } },
  });
  assert.deepEqual(changesOf(milk({ minimum: 2 }), { ...fieldsOf(milk()), minimum: '' }).body['minimum'], 0);
});

test('what is no number is named', () => {
  const product = milk();
  const typedNow = { ...fieldsOf(product), minimum: 'two', shelf_days: '1.5', pack_size: '' };
  assert.deepEqual(changesOf(product, typedNow).wrong.sort(), ['minimum', 'pack_size', 'shelf_days']);
});

test('where two people changed different things, both are kept', () => {
  const before = milk();
  const { fields, theirs } = meet(before, { ...fieldsOf(before), name: 'Oat milk' }, milk({ version: 2, brand: 'Bergland' }));
  assert.deepEqual([fields.name, fields.brand, theirs], ['Oat milk', 'Bergland', {}]);
});

test('where two people changed the same, both sides are known and nothing typed is lost', () => {
  const before = milk();
  const mine = { ...fieldsOf(before), name: 'Oat milk', minimum: '2' };
  const { fields, theirs } = meet(before, mine, milk({ version: 2, name: 'Whole milk', minimum: 2 }));
  assert.deepEqual([fields.name, theirs], ['Oat milk', { name: 'Whole milk' }]);
  // Saving again says it with the new version.
  assert.deepEqual(changesOf(milk({ version: 2, name: 'Whole milk', minimum: 2 }), fields).body, { version: 2, name: 'Oat milk' });
});

test('words between commas', () => {
  assert.deepEqual(wordsOf(' milk,, kiwi '), ['milk', 'kiwi']);
});

test('codes are said as they stand on the pack', () => {
  assert.equal(codeForPeople('04006381333931'), '4006381333931');
  assert.equal(codeForPeople('00000096385074'), '96385074');
  assert.equal(codeForPeople('00012345678905'), '012345678905');
  assert.equal(codeForPeople('19520000595316'), '19520000595316');
  assert.equal(codeForPeople('shop:02012345000006'), '2012345000006');
  assert.equal(codeForPeople('text:SHELF 7'), 'SHELF 7');
});

test('numbers as one types them', () => {
  assert.deepEqual(['1,5', '1.25', ' 3 ', '0', '', 'x', '-1', '1.2345'].map(readAmount), [1.5, 1.25, 3, 0, undefined, undefined, undefined, undefined]);
  assert.equal(typed(1234.5), '1234.5');
});

test('money in its own smallest units', () => {
  assert.equal(money(249, 'EUR'), '€2.49');
  assert.equal(money(249, 'JPY'), '¥249');
});

test('a scale ends with a number that one counts in', () => {
  assert.deepEqual([0, 0.3, 1, 3, 7, 12, 24, 260].map(niceAbove), [1, 0.5, 1, 5, 10, 20, 25, 500]);
});

test('columns stand on the ground and on each other, and stay inside', () => {
  const { most, drawn } = columnsOf([{ lower: 3, upper: 1 }, { lower: 0, upper: 0 }]);
  assert.equal(most, 5);
  const [first] = drawn;
  assert.ok(Math.abs(first.upper.y + first.upper.height - first.lower.y) < 1e-9);
  assert.ok(first.upper.y >= 0 && first.lower.y + first.lower.height <= HIGH && drawn[1].x + drawn[1].width <= WIDE);
});

test('points lie in time; one alone lies in the middle', () => {
  assert.equal(pointsOf([{ at: 5, value: 1 }]).drawn[0].x, WIDE / 2);
  const { drawn } = pointsOf([{ at: 0, value: 2 }, { at: 1, value: 1 }, { at: 4, value: 2 }]);
  assert.ok(drawn[0].x < drawn[1].x && drawn[1].x - drawn[0].x < drawn[2].x - drawn[1].x && drawn[1].y > drawn[0].y);
});

test('a number and its unit stay on one line, and nothing else does', () => {
  assert.equal(unbroken('Mila used 1.5 kg of 2 gone, 300 ml left'), 'Mila used 1.5\u00a0kg of 2 gone, 300\u00a0ml left');
});
