// Which lots are offered a label.

import { plain } from '../kitchen/words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */

const SHOWN = 8;

/** The one that came later first. @param {Lot} a @param {Lot} b */
function later(a, b) {
  if (a.received_at !== b.received_at) return a.received_at < b.received_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/**
 * What is offered: what fits, what came last first; and what was chosen, which stays where it is.
 *
 * @template {Lot} T
 * @param {readonly T[]} all
 * @param {ReadonlySet<string>} chosen
 * @param {string} query
 * @param {number} [shown]
 */
export function offered(all, chosen, query, shown = SHOWN) {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  const fits = (/** @type {T} */ { product_name, brand, place_name, batch }) => {
    const said = plain([product_name, brand, place_name, batch].filter(Boolean).join(' '));
    return wanted.every((word) => said.includes(word));
  };
  const latest = [...all].sort(later);
  const fitting = latest.filter(fits);
  const first = new Set(fitting.slice(0, shown).map(({ id }) => id));
  const rows = latest.filter(({ id }) => first.has(id) || chosen.has(id));
  return { rows, more: fitting.filter(({ id }) => !first.has(id) && !chosen.has(id)).length };
}
