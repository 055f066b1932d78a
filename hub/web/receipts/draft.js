// What somebody types about a receipt and its lines, until it is saved. A field is text, as in a form.

import { meet as meetFields, touched } from '../lib/meet.js';
import { readAmount, typed } from '../kitchen/words.js';
import { readMoney, typedMoney } from './figures.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {import('../lib/meet.js').Fields} Fields */

/** The sign between whole and part, as this language writes it. */
const point = () => typed(0.5).charAt(1);

/** @param {number | undefined} minor @param {string} currency */
const sum = (minor, currency) => (minor === undefined ? '' : typedMoney(minor, currency, point()));

/** @param {Receipt} receipt @returns {Fields} */
export function headFields({ shop, day = '', time = '', currency, total }) {
  return { shop, day, time, currency, total: sum(total, currency) };
}

/** `arrives` is empty while it follows from the rest. @param {Line} line @param {string} currency @returns {Fields} */
export function lineFields(line, currency) {
  return {
    wording: line.wording,
    product_id: line.product_id ?? '',
    quantity: typed(line.quantity),
    unit: line.unit,
    total: sum(line.total, currency),
    arrives: line.arrives === undefined ? '' : typed(line.arrives),
    place_id: line.place_id ?? '',
    best_before: line.best_before ?? '',
    ignored: line.ignored ? 'yes' : '',
  };
}

const AMOUNTS = ['quantity', 'arrives'];

/** Whether two fields say the same, however they are written. @param {string} currency */
const sameIn = (currency) => (/** @type {string} */ name, a = '', b = '') => {
  if (AMOUNTS.includes(name)) return a.trim() === b.trim() || (readAmount(a) ?? a) === (readAmount(b) ?? b);
  if (name === 'total') return a.trim() === b.trim() || (readMoney(a, currency) ?? a) === (readMoney(b, currency) ?? b);
  return a.trim() === b.trim();
};

/** @param {Fields} begun @param {Fields} now @param {string} currency @returns {string[]} */
export const changed = (begun, now, currency) => touched(begun, now, sameIn(currency));

/**
 * What to send of it, and which fields say nothing that can be.
 *
 * @param {Fields} begun
 * @param {Fields} now
 * @param {string} currency
 * @returns {{ body: Record<string, unknown>, wrong: string[] }}
 */
export function changesOf(begun, now, currency) {
  /** @type {Record<string, unknown>} */
  const body = {};
  /** @type {string[]} */
  const wrong = [];
  const names = changed(begun, now, currency);
  for (const name of names) {
    const text = (now[name] ?? '').trim();
    // A line costs something, be it nothing; what is printed below may be missing.
    const lacking = name === 'total' && text === '' && !('currency' in begun);
    const value = lacking ? undefined : valueOf(name, text, (now['currency'] ?? '').trim() || currency);
    if (value === undefined) wrong.push(name);
    else body[name] = value;
  }
  return { body, wrong };
}

/** @param {string} name @param {string} text @param {string} currency */
function valueOf(name, text, currency) {
  if (name === 'ignored') return text === 'yes';
  if (name === 'quantity') return readAmount(text) || undefined;
  // Nothing said: it is reckoned again, or not known.
  if (name === 'arrives') return text === '' ? null : readAmount(text) || undefined;
  if (name === 'total') return text === '' ? null : readMoney(text, currency);
  if (['product_id', 'place_id', 'best_before', 'day', 'time'].includes(name)) return text || null;
  if (name === 'wording') return text || undefined;
  if (name === 'currency') return /^[A-Z]{3}$/.test(text) ? text : undefined;
  return text;
}

/**
 * Somebody else was faster.
 *
 * @param {Fields} begun
 * @param {Fields} mine
 * @param {Fields} now
 * @param {string} currency
 */
export const meet = (begun, mine, now, currency) => meetFields(begun, mine, now, sameIn(currency));

/** What the house is told of a line that is typed in. @param {Fields} said @param {string} currency */
export function newLine(said, currency) {
  const kind = said['kind'] || 'item';
  const sum = readMoney(said['total'] ?? '', currency) ?? 0;
  /** @type {Record<string, unknown>} */
  const line = { wording: (said['wording'] ?? '').trim(), kind, total: kind === 'discount' ? -Math.abs(sum) : sum };
  if (kind !== 'item') return line;
  line['quantity'] = readAmount(said['quantity'] ?? '') ?? 1;
  line['unit'] = said['unit'] || 'piece';
  const arrives = readAmount(said['arrives'] ?? '');
  if (arrives) line['arrives'] = arrives;
  for (const name of ['product_id', 'place_id', 'best_before']) if (said[name]) line[name] = said[name];
  return line;
}
