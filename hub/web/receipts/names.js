// What the products are called, and counted in, that lines of receipts were said to be.

import { signal } from '../lib/view.js';

/** @typedef {{ name: string, unit: string }} Named */

/** @type {import('../lib/view.js').Signal<ReadonlyMap<string, Named>>} */
const known = signal(new Map());

/** @param {Iterable<[string, Named]>} said */
export function learnNames(said) {
  const fresh = [...said].filter(([id, { name, unit }]) => known.peek().get(id)?.name !== name || known.peek().get(id)?.unit !== unit);
  if (fresh.length > 0) known.value = new Map([...known.peek(), ...fresh]);
}

/** @param {string} id */
export const nameOfProduct = (id) => known.value.get(id)?.name ?? '…';
/** @param {string} id */
export const unitOfProduct = (id) => known.value.get(id)?.unit ?? '';
