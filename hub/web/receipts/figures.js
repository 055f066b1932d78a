// Money as one types it, and which lines still ask something.

import { t } from '../lib/text.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */

/** How many places a currency has after the point. @param {string} currency */
export function placesOf(currency) {
  // What is being typed may be no currency yet.
  if (!/^[A-Z]{3}$/i.test(currency)) return 2;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** What somebody typed, in the smallest units of a currency; nothing where that is no sum. @param {string} text @param {string} currency */
export function readMoney(text, currency) {
  const places = placesOf(currency);
  const plain = text.trim().replace(/^[−–]/, '-').replace(',', '.');
  const found = /^(-?)(\d{1,7})(?:\.(\d*))?$/.exec(plain);
  const [, sign = '', whole = '', parts = ''] = found ?? [];
  if (!found || parts.length > places) return undefined;
  const minor = Number(whole) * 10 ** places + Number(parts.padEnd(places, '0') || 0);
  return sign && minor !== 0 ? -minor : minor;
}

/** A sum as one types it. @param {number} minor @param {string} currency @param {string} [point] */
export function typedMoney(minor, currency, point = '.') {
  const places = placesOf(currency);
  const digits = String(Math.abs(minor)).padStart(places + 1, '0');
  const sign = minor < 0 ? '-' : '';
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}${point}${digits.slice(-places)}`;
}

/** What still has to be said of a line before it can be booked. @param {Line} line @returns {'product' | 'amount' | undefined} */
export function asks({ kind, ignored, product_id, arrives }) {
  if (kind !== 'item' || ignored) return undefined;
  if (!product_id) return 'product';
  return arrives === undefined ? 'amount' : undefined;
}

/** @param {Receipt} receipt */
export const openLines = ({ lines = [] }) => lines.filter((line) => asks(line) !== undefined);

/** What a till makes of a name, as a person would write it. @param {string} wording */
export function tidied(wording) {
  const plain = wording.trim().replace(/\s+/g, ' ');
  // Capitals throughout are the till's and not the name's.
  if (plain !== plain.toLocaleUpperCase()) return plain;
  return plain.toLocaleLowerCase().replace(/(^|[\s.-])(\p{L})/gu, (_, before, letter) => before + letter.toLocaleUpperCase());
}

/** What of a wording is worth looking for: its words, without figures and what is cut short. @param {string} wording */
export function searchFor(wording) {
  const words = tidied(wording).split(' ').filter((word) => !/\d/.test(word) && (word.match(/\p{L}/gu) ?? []).length > 2);
  return words.join(' ') || tidied(wording);
}

/** In what a thing is counted that is sold so. @param {Line['unit']} unit */
export function baseOf(unit) {
  if (unit === 'piece') return 'piece';
  return unit === 'l' || unit === 'ml' ? 'ml' : 'g';
}

/** What a receipt is called: its shop, or that nobody knows it. @param {Pick<Receipt, 'shop'>} receipt */
export const nameOf = ({ shop }) => shop || t('receipt.unnamed');
