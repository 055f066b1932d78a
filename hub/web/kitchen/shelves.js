// The stock: what it will be once all that waits here has arrived, and how it is shown.

import { warningDays } from '../lib/text.js';
import { daysUntil, plain, urgency } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('../types/wire.d.ts').Category} Category */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {{ id: string, name: string, lots: Lot[] }} Group */

export const INVENTORY = '/api/inventory';

const TAKING = /^\/api\/inventory\/([^/]+)\/(consume|spoil|open|count|transfer)$/;

/** Thousandths are as fine as it gets. @param {number} value */
export const exact = (value) => Math.round(value * 1000) / 1000;

/**
 * What is carried away in part shows as less; what arrives elsewhere shows once the house knows it.
 *
 * @param {Lot} lot
 * @param {string} verb
 * @param {Write} write
 * @param {ReadonlyMap<string, string>} names
 * @returns {Lot}
 */
function after(lot, verb, { body, made_at }, names) {
  const quantity = Number(body['quantity']);
  if (verb === 'open') return { ...lot, opened_at: lot.opened_at ?? new Date(made_at).toISOString() };
  if (verb === 'count') return { ...lot, quantity };
  if (verb !== 'transfer' || quantity < lot.quantity) return { ...lot, quantity: exact(lot.quantity - quantity) };
  const place_id = String(body['place_id']);
  return { ...lot, place_id, place_name: names.get(place_id) ?? '' };
}

/**
 * @param {readonly Lot[]} lots
 * @param {readonly Write[]} waiting
 * @param {ReadonlyMap<string, string>} [names] of places
 * @returns {Lot[]}
 */
export function stockAsItWillBe(lots, waiting, names = new Map()) {
  const shown = new Map(lots.map((lot) => [lot.id, lot]));
  for (const write of waiting) {
    const [, id = '', verb = ''] = TAKING.exec(write.path) ?? [];
    const lot = shown.get(id);
    if (lot && !write.refused && !write.back) shown.set(id, after(lot, verb, write, names));
  }
  return [...shown.values()].filter(({ quantity }) => quantity > 0);
}

/** @param {Lot} lot */
export const dueOf = (lot) => lot.use_by ?? lot.best_before;

/** What a lot is found by, made once: thousands are looked through at each key. @type {WeakMap<Lot, string>} */
const sought = new WeakMap();

/** @param {Lot} lot */
function textOf(lot) {
  const before = sought.get(lot);
  if (before !== undefined) return before;
  const { product_name, brand = '', batch = '', place_name } = lot;
  const text = plain(`${product_name} ${brand} ${batch} ${place_name}`);
  sought.set(lot, text);
  return text;
}

/** Every word of what is looked for is in what the lot says of itself. @param {readonly Lot[]} lots @param {string} query */
export function matching(lots, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...lots];
  return lots.filter((lot) => {
    const text = textOf(lot);
    return words.every((word) => text.includes(word));
  });
}

/** What names are ordered by, made once each: comparing as a dictionary does takes too long for thousands. @type {Map<string, string>} */
const keys = new Map();
const MOST_KEYS = 20_000;

/** @param {string} name */
function keyOf(name) {
  const before = keys.get(name);
  if (before !== undefined) return before;
  if (keys.size > MOST_KEYS) keys.clear();
  const key = plain(name).replace(/\d+/g, (digits) => digits.padStart(6, '0'));
  keys.set(name, key);
  return key;
}

/** @param {string} a @param {string} b */
const inOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** @param {Lot} a @param {Lot} b */
function soonest(a, b) {
  return inOrder(dueOf(a) ?? '9', dueOf(b) ?? '9') || inOrder(a.id, b.id);
}

/** @param {Lot} a @param {Lot} b */
function byName(a, b) {
  return inOrder(keyOf(a.product_name), keyOf(b.product_name)) || soonest(a, b);
}

/** @param {readonly Lot[]} lots @param {(lot: Lot) => { id: string, name: string }} groupOf @returns {Group[]} */
function inGroups(lots, groupOf) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const lot of lots) {
    const { id, name } = groupOf(lot);
    const group = found.get(id) ?? { id, name, lots: [] };
    group.lots.push(lot);
    found.set(id, group);
  }
  for (const { lots: there } of found.values()) there.sort(byName);
  return [...found.values()];
}

/** @param {readonly Lot[]} lots @param {string} language @returns {Group[]} */
export function byPlace(lots, language) {
  const groups = inGroups(lots, ({ place_id, place_name }) => ({ id: place_id, name: place_name }));
  return groups.sort((a, b) => a.name.localeCompare(b.name, language));
}

/**
 * In the order of the aisles; what has no category comes last, without a name.
 *
 * @param {readonly Lot[]} lots
 * @param {readonly Category[]} categories
 * @returns {Group[]}
 */
export function byCategory(lots, categories) {
  const known = new Map(categories.map((category, at) => [category.id, { name: category.name, at }]));
  const groups = inGroups(lots, ({ category_id = '' }) => {
    const name = known.get(category_id)?.name;
    return name === undefined ? { id: 'none', name: '' } : { id: category_id, name };
  });
  const place = (/** @type {Group} */ { id }) => known.get(id)?.at ?? Infinity;
  return groups.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Named by a word each: `over`, `soon`, `week`, `later`, `undated`. @param {readonly Lot[]} lots @param {string} today @param {(category: string | undefined) => number} [soon] how many days are soon @returns {Group[]} */
export function byDay(lots, today, soon = () => warningDays.value) {
  /** @type {Group[]} */
  const groups = ['over', 'soon', 'week', 'later', 'undated'].map((id) => ({ id, name: '', lots: [] }));
  const named = new Map(groups.map((group) => [group.id, group]));
  for (const lot of [...lots].sort(soonest)) named.get(span(dueOf(lot), today, soon(lot.category_id)))?.lots.push(lot);
  return groups.filter((group) => group.lots.length > 0);
}

/** @param {string | undefined} day @param {string} today @param {number} soon */
function span(day, today, soon) {
  if (!day) return 'undated';
  const days = daysUntil(day, today);
  const tone = urgency(days, soon);
  if (tone !== 'fresh') return tone;
  return days <= 7 ? 'week' : 'later';
}

/** A long list in pieces that are drawn only where somebody looks. @template T @param {readonly T[]} rows @param {number} most */
export function slices(rows, most) {
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, at) => rows.slice(at * most, (at + 1) * most));
}

/** How much more or less one step is, for an amount of that size. @param {string} unit @param {number} quantity */
export function stepOf(unit, quantity) {
  if (unit === 'piece') return 1;
  const size = 10 ** Math.floor(Math.log10(Math.max(quantity, 10)) - 1);
  return quantity / size >= 50 ? 5 * size : size;
}
