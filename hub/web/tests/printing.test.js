import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offered } from '../printing/offer.js';
import { mostCopies, paperOf, papersFor, pathOf, sizeOf, whatOf } from '../printing/papers.js';

const wish = { what: 'commands', paper: paperOf('a4', 'commands'), skip: 0, copies: 1, lots: [], language: 'en' };

test('what is printed lies where the house has it', () => {
  assert.equal(pathOf(wish, 'pdf'), '/api/labels/commands.pdf?sheet=a4&language=en');
  assert.equal(pathOf(wish, 'svg', 1), '/api/labels/commands.svg?sheet=a4&language=en');
  assert.equal(pathOf(wish, 'svg', 2), '/api/labels/commands.svg?sheet=a4&language=en&page=2');
  const lots = { ...wish, what: 'lots', paper: paperOf('a4-3x8', 'lots'), skip: 5, copies: 3, lots: ['a', 'b'] };
  assert.equal(pathOf(lots, 'pdf'), '/api/labels/lots.pdf?sheet=a4-3x8&language=en&skip=5&ids=a,b&copies=3');
  // What belongs to another paper, or to something else, is left out.
  assert.equal(pathOf({ ...wish, skip: 5, copies: 3, lots: ['a'] }, 'pdf'), '/api/labels/commands.pdf?sheet=a4&language=en');
  assert.match(pathOf({ ...lots, skip: 99 }, 'pdf'), /skip=23&/);
});

test('the test of a scanner is offered on what is wide enough for its bars', () => {
  const words = papersFor('scanner-test').map(({ word }) => word);
  assert.ok(words.includes('a4') && words.includes('a4-3x8') && words.includes('roll-62x29'));
  assert.ok(!words.includes('a4-4x10') && !words.includes('roll-40x30'));
  assert.equal(paperOf('roll-40x30', 'scanner-test').word, 'a4');
  assert.equal(paperOf('roll-40x30', 'places').word, 'roll-40x30');
  assert.equal(paperOf(null, 'places').word, 'a4');
});

test('labels go by the size they are sold under', () => {
  const german = (length) => new Intl.NumberFormat('de').format(length);
  assert.equal(sizeOf(paperOf('a4-3x7', 'lots'), german), '63,5 × 38,1 mm');
  assert.equal(sizeOf(paperOf('letter-3x10', 'lots'), german), '2⅝ × 1″');
});

test('a document has five hundred labels at most', () => {
  assert.equal(mostCopies(0), 24);
  assert.equal(mostCopies(20), 24);
  assert.equal(mostCopies(100), 5);
  assert.equal(mostCopies(500), 1);
  assert.equal(whatOf('nonsense'), 'commands');
});

test('what came last is offered first, and what was chosen stays where it is', () => {
  const lot = (id, product_name, received_at, more = {}) => ({ id, product_name, received_at, place_name: 'Fridge', ...more });
  const all = [lot('1', 'Milk', '2026-11-01'), lot('2', 'Jam', '2026-11-03'), lot('3', 'Käse', '2026-11-02', { batch: 'B-7' })];
  const ids = (...parts) => offered(all, ...parts).rows.map(({ id }) => id);
  assert.deepEqual(ids(new Set(), ''), ['2', '3', '1']);
  assert.deepEqual(ids(new Set(['1']), ''), ['2', '3', '1']);
  assert.deepEqual([ids(new Set(), '', 2), offered(all, new Set(), '', 2).more], [['2', '3'], 1]);
  assert.deepEqual([ids(new Set(['1']), '', 2), offered(all, new Set(['1']), '', 2).more], [['2', '3', '1'], 0]);
  assert.deepEqual(ids(new Set(), 'kase'), ['3']);
  assert.deepEqual(ids(new Set(['2']), 'fridge b-7'), ['2', '3']);
});
