// What a unit is, exactly.

import { readAmount } from '../kitchen/words.js';

/** @typedef {import('../types/wire.d.ts').UnitBody} Unit */

/** The most of one unit that make up an amount, and the largest amount, as the house has them. */
const [MOST_PER, MOST] = [100_000, 1_000_000_000];

/** The form of a unit's name in which all its spellings are the same. @param {string} name */
export const sameWord = (name) => name.trim().replace(/\s+/g, ' ').toLowerCase().replace(/\.$/, '');

/** Made by the house; what everybody knows has no id. @param {Unit} unit */
export const isOwn = ({ id }) => id !== undefined;

/** What everybody takes a word for, if they know it. @param {readonly Unit[]} units @param {string} name */
export function known(units, name) {
  const word = sameWord(name);
  if (word === '') return undefined;
  return units.find((unit) => !isOwn(unit) && [unit.name, ...(unit.words ?? [])].some((each) => sameWord(each) === word));
}

/** What was typed, perhaps as a fraction: above and below the line. @param {string} text @returns {[number | undefined, number]} */
function fraction(text) {
  const [, above, below] = /^(\d{1,6})\s*[/⁄]\s*(\d{1,6})$/.exec(text.trim()) ?? [];
  if (above === undefined || below === undefined) return [readAmount(text), 1];
  return Number(below) > 0 ? [Number(above), Number(below)] : [undefined, 1];
}

/**
 * What was typed: so many are so much; nothing of what cannot be. A third of one is said by the whole: where 1/3 are
 * 80, 1 is 240.
 *
 * @param {Record<string, string>} fields
 */
export function ratioOf(fields) {
  const [[ofThem, parts], [much, split]] = [fraction(fields['per'] ?? ''), fraction(fields['quantity'] ?? '')];
  const per = ofThem && ofThem * split;
  const quantity = much && Math.round(much * parts * 1000) / 1000;
  return {
    per: per !== undefined && Number.isInteger(per) && per >= 1 && per <= MOST_PER ? per : undefined,
    quantity: quantity !== undefined && quantity > 0 && quantity <= MOST ? quantity : undefined,
  };
}

/** Roughly what one is, for a sentence that says so. @param {Pick<Unit, 'per' | 'quantity'>} unit */
export const one = ({ per, quantity }) => Math.round((quantity / per) * 10) / 10;
