// What somebody types about a product, until it is saved; and what happens when somebody else was faster.
//
// A field is text, as in a form. Three states meet: as it was when one began, as it was typed, and as it is now.
// What only the other changed is taken over; what both changed is shown with both sides, and nothing is lost.

import { readAmount, typed } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {Record<string, string>} Fields */

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
export function changed(begun, now) {
  return Object.keys(begun).filter((name) => !same(name, begun[name], now[name]));
}

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
 * Where three states of some fields meet: what was touched stays as it was typed, the rest is as it is now.
 *
 * @param {Fields} begun as it was when one began
 * @param {Fields} mine as it was typed
 * @param {Fields} now as it is
 * @param {(name: string, a?: string, b?: string) => boolean} same
 * @returns {{ fields: Fields, theirs: Fields }} what the form holds now, and what the other said where both spoke
 */
export function meetFields(begun, mine, now, same) {
  /** @type {Fields} */
  const fields = {};
  /** @type {Fields} */
  const theirs = {};
  for (const name of Object.keys(now)) {
    const [was, typedHere = '', is = ''] = [begun[name], mine[name], now[name]];
    const touched = !same(name, was, typedHere);
    fields[name] = touched ? typedHere : is;
    if (touched && !same(name, was, is) && !same(name, typedHere, is)) theirs[name] = is;
  }
  return { fields, theirs };
}

/** Somebody else was faster. @param {ProductBody} before as it was when one began @param {Fields} mine @param {ProductBody} current */
export function meet(before, mine, current) {
  return meetFields(fieldsOf(before), mine, fieldsOf(current), same);
}
