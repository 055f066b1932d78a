// What somebody types about a product, until it is saved; and what happens when somebody else was faster.
//
// How two sides meet is in `lib/meet.js`; here is what the fields of a product are.

import { meet as meetFields, parted as partFields, touched } from '../lib/meet.js';
import { readAmount, typed } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../lib/meet.js').Fields} Fields */

/** Allergens that have a name of their own everywhere. */
export const ALLERGENS = [
  'celery', 'crustaceans', 'eggs', 'fish', 'gluten', 'lupin', 'milk',
  'molluscs', 'mustard', 'nuts', 'peanuts', 'sesame', 'soybeans', 'sulphites',
];

const TEXTS = /** @type {const} */ (['name', 'brand', 'base_unit', 'due_kind', 'note']);
const PLACES = /** @type {const} */ (['category_id', 'place_id']);
const AMOUNTS = /** @type {const} */ (['pack_size', 'minimum']);
const DAYS = /** @type {const} */ (['shelf_days', 'opened_days', 'frozen_days', 'thawed_days']);

/** @param {readonly string[]} words */
const joined = (words) => [...new Set(words)].sort().join(', ');

/** Allergens as they are kept in one field, and back. @param {string} text */
export const wordsOf = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);

/** @param {ProductBody} product @returns {Fields} */
export function fieldsOf(product) {
  /** @type {Fields} */
  const fields = { allergens: joined(product.facts.allergens ?? []) };
  for (const name of TEXTS) fields[name] = product[name];
  for (const name of PLACES) fields[name] = product[name] ?? '';
  for (const name of AMOUNTS) fields[name] = typed(product[name]);
  for (const name of DAYS) fields[name] = product[name] === undefined ? '' : String(product[name]);
  return fields;
}

/** Whether two fields say the same, however they are written. @param {string} name @param {string | undefined} a @param {string | undefined} b */
function same(name, a = '', b = '') {
  if (name === 'allergens') return joined(wordsOf(a)) === joined(wordsOf(b));
  if (/** @type {readonly string[]} */ (AMOUNTS).includes(name)) return a === b || (readAmount(a) ?? a) === (readAmount(b) ?? b);
  return a.trim() === b.trim();
}

/** @param {Fields} begun @param {Fields} now @returns {string[]} */
export const changed = (begun, now) => touched(begun, now, same);

/**
 * What to send, or which fields say nothing that can be.
 *
 * @param {ProductBody} product as it was when one began
 * @param {Fields} now
 * @returns {{ body: Record<string, unknown>, wrong: string[] }}
 */
export function changesOf(product, now) {
  const begun = fieldsOf(product);
  /** @type {Record<string, unknown>} */
  const body = { version: product.version };
  /** @type {string[]} */
  const wrong = [];
  for (const name of changed(begun, now)) {
    const text = (now[name] ?? '').trim();
    if (name === 'allergens') body['facts'] = { ...product.facts, allergens: wordsOf(text) };
    else if (/** @type {readonly string[]} */ (PLACES).includes(name)) body[name] = text || null;
    else if (/** @type {readonly string[]} */ (TEXTS).includes(name)) body[name] = text;
    else {
      const number = text === '' && !name.endsWith('_size') ? (name === 'minimum' ? 0 : null) : readAmount(text);
      const broken = number === undefined || (name.endsWith('_days') && number !== null && !Number.isInteger(number));
      if (broken) wrong.push(name);
      else body[name] = number;
    }
  }
  return { body, wrong };
}

/**
 * Somebody else was faster.
 *
 * @param {ProductBody} before as it was when one began
 * @param {Fields} mine as it was typed
 * @param {ProductBody} current as it is now
 */
export const meet = (before, mine, current) => meetFields(fieldsOf(before), mine, fieldsOf(current), same);

/**
 * What waited on the device, and met what somebody else said about the same.
 *
 * @param {import('../lib/outbox.js').Entry} change
 * @param {ProductBody} current
 */
export const parted = (change, current) => partFields(change, current, fieldsOf, same);
