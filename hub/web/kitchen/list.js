// The shopping list: what it will be once all that waits here has arrived, and how it is shown.

import { plain, readAmount, typed } from './words.js';

/** @typedef {import('../types/wire.d.ts').Entry} Entry */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {Pick<Entry, 'id' | 'name' | 'unit' | 'priority' | 'note' | 'checked' | 'automatic' | 'version'> & Partial<Entry>} Shown */

export const SHOPPING = '/api/shopping';

/** Thousandths are as fine as it gets. @param {number} value */
const exact = (value) => Math.round(value * 1000) / 1000;

/** Which entry an address is about. @param {string} path */
export const idIn = (path) => path.slice(SHOPPING.length + 1).split('/')[0] ?? '';

/** @param {Write} write @returns {Shown} */
function provisional({ body }) {
  return { unit: '', priority: 'normal', note: '', checked: false, automatic: false, version: 0, ...body, id: body['id'], name: body['name'] };
}

/**
 * @param {readonly Shown[]} entries
 * @param {readonly Write[]} waiting
 * @returns {Shown[]}
 */
export function asItWillBe(entries, waiting) {
  /** @type {Map<string, Shown>} */
  const shown = new Map(entries.map((entry) => [entry.id, entry]));
  for (const write of waiting) {
    if (write.refused) continue;
    if (write.method === 'POST' && write.path === SHOPPING) {
      if (!shown.has(write.body['id'])) shown.set(write.body['id'], provisional(write));
      continue;
    }
    if (!write.path.startsWith(`${SHOPPING}/`)) continue;
    const id = idIn(write.path);
    const entry = shown.get(id);
    if (write.method === 'DELETE') shown.delete(id);
    else if (entry && write.path.endsWith('/purchase')) shown.set(id, { ...entry, checked: true, ...(write.body['put_away'] ? { put_away_at: '' } : {}) });
    else if (entry && write.method === 'PATCH') shown.set(id, { ...entry, ...write.body });
  }
  return [...shown.values()];
}

const RANK = { urgent: 0, normal: 1, low: 2 };

/**
 * What is still to be bought, along one's way through the shop: aisles in their order, what has none last; in
 * each the urgent first.
 *
 * @param {readonly Shown[]} entries
 * @param {string} language
 */
export function aisles(entries, language) {
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  /** @type {Map<string, { id: string, name: string, position: number, entries: Shown[] }>} */
  const found = new Map();
  for (const entry of entries) {
    if (entry.checked) continue;
    const id = entry.category_id ?? '';
    const aisle = found.get(id) ?? { id, name: entry.category_name ?? '', position: id ? (entry.aisle ?? 0) : Infinity, entries: [] };
    aisle.entries.push(entry);
    found.set(id, aisle);
  }
  for (const aisle of found.values()) {
    aisle.entries.sort((a, b) => RANK[a.priority] - RANK[b.priority] || compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  }
  const inOrder = (/** @type {number} */ a, /** @type {number} */ b) => (a === b ? 0 : a - b);
  return [...found.values()].sort((a, b) => inOrder(a.position, b.position) || compare(a.name, b.name));
}

/** What lies in the basket, the last one first. @param {readonly Shown[]} entries */
export function basket(entries) {
  const when = (/** @type {Shown} */ entry) => entry.checked_at ?? '9';
  return entries.filter(({ checked }) => checked).sort((a, b) => when(b).localeCompare(when(a)) || (a.id < b.id ? 1 : -1));
}

/**
 * What somebody typed: “500 g flour” and “2 x milk” name an amount, anything else is a name.
 *
 * @param {string} text
 * @returns {{ name: string, quantity?: number, unit?: string }}
 */
export function readWish(text) {
  const name = text.trim().replace(/\s+/g, ' ');
  const found = /^(\d{1,6}(?:[.,]\d{1,3})?) ?(kg|g|ml|cl|dl|l|x|×) (.+)$/iu.exec(name);
  const [, digits = '', unit = '', rest = ''] = found ?? [];
  const quantity = Number(digits.replace(',', '.'));
  if (!found || quantity === 0) return { name };
  if (/[x×]/iu.test(unit)) return { name: rest, quantity };
  return { name: rest, quantity, unit: unit.toLowerCase() };
}

/**
 * “6 eggs”, where there is something called eggs; “7 Up” and “4 Jahreszeiten” are names. Nothing where it says no number.
 *
 * @param {string} text
 * @returns {ReturnType<typeof readWish> | undefined}
 */
export function readCount(text) {
  const [, digits = '', name = ''] = /^([1-9]\d{0,2}) (\p{L}.*)$/u.exec(readWish(text).name) ?? [];
  return name ? { name, quantity: Number(digits) } : undefined;
}

/**
 * What was meant: a thing that is called exactly so, or so many of one. A thing that was chosen is called as it is.
 *
 * @template {{ name: string }} T
 * @param {string} text
 * @param {readonly T[]} products that may be meant
 * @param {T} [chosen]
 */
export function meantBy(text, products, chosen) {
  const [wish, count] = [readWish(text), readCount(text)];
  const exact = theOne(chosen ? [chosen] : products, wish.name);
  if (exact || !count) return { wish, one: chosen ?? exact };
  const one = chosen ?? theOne(products, count.name);
  return { wish: one ? count : wish, one };
}

/** An amount as one types it: “3”, “500 g”. @param {{ quantity?: number | undefined, unit?: string | undefined }} entry */
export function howMuch({ quantity, unit = '' }) {
  if (quantity === undefined) return '';
  return unit === '' || unit === 'piece' ? typed(quantity) : `${typed(quantity)} ${unit}`;
}

/**
 * What somebody says of an amount; null is nothing said, undefined is no amount.
 *
 * @param {string} text
 * @returns {{ quantity: number, unit: string } | null | undefined}
 */
export function readHowMuch(text) {
  const said = text.trim().replace(/\s+/g, ' ');
  if (said === '') return null;
  const [, digits = '', unit = ''] = /^([\d.,]+) ?(\D{0,20})?$/u.exec(said) ?? [];
  const quantity = readAmount(digits);
  // A number alone says no unit, not the one that was there before.
  return quantity ? { quantity, unit: unit.trim() || 'piece' } : undefined;
}

/**
 * The fields that somebody changed, and no others: what others make of the rest meanwhile stays.
 *
 * @param {Shown} entry
 * @param {{ amount: string, note: string, priority: string }} begun
 * @param {{ amount: string, note: string, priority: string }} said
 */
export function whatChanged(entry, begun, said) {
  /** @type {Record<string, unknown>} */
  const body = {};
  const amount = readHowMuch(said.amount);
  // A word that has not arrived may turn out to be something that is weighed: a number is not so many grams of it.
  const wordOfOwn = amount?.unit === 'piece' && !entry.unit && entry.version > 0;
  if (said.amount.trim() !== begun.amount && amount !== undefined) {
    if (amount === null) body['quantity'] = null;
    else Object.assign(body, wordOfOwn ? { quantity: amount.quantity } : amount);
  }
  if (said.note.trim() !== begun.note) body['note'] = said.note.trim();
  if (said.priority !== begun.priority) body['priority'] = said.priority;
  return body;
}

/** The one that is called so, where no other is. @template {{ name: string }} T @param {readonly T[]} products @param {string} name */
export function theOne(products, name) {
  const same = products.filter((one) => plain(one.name) === plain(name));
  return same.length === 1 ? same[0] : undefined;
}

/** What is to be bought already, under this name or as this product. @param {readonly Shown[]} entries @param {string} name @param {string} [product] */
export const onListAlready = (entries, name, product) =>
  entries.find((entry) => !entry.checked && ((product !== undefined && entry.product_id === product) || plain(entry.name) === plain(name)));

/** The same wish under another id. @param {Shown} entry @param {string} id */
export function onceMore({ name, product_id, quantity, unit, note, priority, category_chosen: chosen, category_id }, id) {
  const how = quantity === undefined ? {} : { quantity, ...(unit ? { unit } : {}) };
  return { id, name, ...(product_id ? { product_id } : {}), ...how, note, priority, ...(chosen && category_id ? { category_id } : {}) };
}

/**
 * What makes an entry that was written down anew as bought as it was before.
 *
 * @param {Shown} entry
 * @param {string} path of the new one
 * @returns {['POST' | 'PATCH', string, Record<string, unknown>]}
 */
export function boughtAgain({ bought_quantity: quantity, bought_unit: unit }, path) {
  if (quantity === undefined) return ['PATCH', path, { checked: true }];
  return ['POST', `${path}/purchase`, { quantity, ...(unit ? { unit } : {}) }];
}

/**
 * How much is wanted of a product: two of what is counted in grams are two packs of it.
 *
 * @param {{ quantity?: number, unit?: string }} wish
 * @param {{ base_unit: string, pack_size: number }} product
 */
export function amountOf({ quantity, unit }, { base_unit: base, pack_size: pack }) {
  if (quantity === undefined) return {};
  if (unit) return { quantity, unit };
  if (base === 'piece') return { quantity };
  return pack > 1 ? { quantity: exact(quantity * pack), unit: base } : { quantity, unit: 'piece' };
}
