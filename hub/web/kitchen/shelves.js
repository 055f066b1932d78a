// The stock: what it will be once all that waits here has arrived, and how it is shown.

import { daysUntil, plain, urgency } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {{ id: string, name: string, lots: Lot[] }} Group */

export const INVENTORY = '/api/inventory';

const TAKING = /^\/api\/inventory\/([^/]+)\/(consume|spoil|open)$/;

/** Thousandths are as fine as it gets. @param {number} value */
const exact = (value) => Math.round(value * 1000) / 1000;

/**
 * @param {readonly Lot[]} lots
 * @param {readonly Write[]} waiting
 * @returns {Lot[]}
 */
export function stockAsItWillBe(lots, waiting) {
  const shown = new Map(lots.map((lot) => [lot.id, lot]));
  for (const write of waiting) {
    const [, id = '', verb] = TAKING.exec(write.path) ?? [];
    const lot = shown.get(id);
    if (!lot || write.refused) continue;
    if (verb === 'open') shown.set(id, { ...lot, opened_at: lot.opened_at ?? new Date(write.made_at).toISOString() });
    else shown.set(id, { ...lot, quantity: exact(lot.quantity - Number(write.body['quantity'])) });
  }
  return [...shown.values()].filter(({ quantity }) => quantity > 0);
}

/** @param {Lot} lot */
export const dueOf = (lot) => lot.use_by ?? lot.best_before;

/** Every word of what is looked for is in what the lot says of itself. @param {readonly Lot[]} lots @param {string} query */
export function matching(lots, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...lots];
  return lots.filter(({ product_name, brand = '', batch = '', place_name }) => {
    const text = plain(`${product_name} ${brand} ${batch} ${place_name}`);
    return words.every((word) => text.includes(word));
  });
}

/** @param {string} language @returns {(a: Lot, b: Lot) => number} */
function byName(language) {
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  return (a, b) => compare(a.product_name, b.product_name) || soonest(a, b);
}

/** @param {Lot} a @param {Lot} b */
function soonest(a, b) {
  const [left, right] = [dueOf(a) ?? '9', dueOf(b) ?? '9'];
  return left.localeCompare(right) || a.id.localeCompare(b.id);
}

/** @param {readonly Lot[]} lots @param {string} language @returns {Group[]} */
export function byPlace(lots, language) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const lot of lots) {
    const group = found.get(lot.place_id) ?? { id: lot.place_id, name: lot.place_name, lots: [] };
    group.lots.push(lot);
    found.set(lot.place_id, group);
  }
  for (const { lots: there } of found.values()) there.sort(byName(language));
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, language));
}

/** Named by a word each: `over`, `soon`, `week`, `later`, `undated`. @param {readonly Lot[]} lots @param {string} today @returns {Group[]} */
export function byDay(lots, today) {
  /** @type {Group[]} */
  const groups = ['over', 'soon', 'week', 'later', 'undated'].map((id) => ({ id, name: '', lots: [] }));
  for (const lot of [...lots].sort(soonest)) {
    const day = dueOf(lot);
    groups.find(({ id }) => id === span(day, today))?.lots.push(lot);
  }
  return groups.filter((group) => group.lots.length > 0);
}

/** @param {string | undefined} day @param {string} today */
function span(day, today) {
  if (!day) return 'undated';
  const days = daysUntil(day, today);
  const tone = urgency(days);
  if (tone !== 'fresh') return tone;
  return days <= 7 ? 'week' : 'later';
}

/** The first so many rows, in their groups. @param {readonly Group[]} groups @param {number} most @returns {Group[]} */
export function firstOf(groups, most) {
  let left = most;
  /** @type {Group[]} */
  const shown = [];
  for (const group of groups) {
    if (left <= 0) break;
    shown.push({ ...group, lots: group.lots.slice(0, left) });
    left -= group.lots.length;
  }
  return shown;
}
