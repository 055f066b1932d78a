// Lots that nothing tells apart: one row to look at, still several to the house, which never merges them.

import { exact } from './shelves.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {Lot & { alike?: readonly Lot[] }} Row what is taken next stands first among those alike */

/** @param {Lot} lot */
const broadly = (lot) => [lot.product_master_id, lot.place_id, lot.best_before, lot.use_by, lot.batch, lot.frozen, lot.estimated].join(' ');

/** When they came and their numbers make a difference to whoever asks about one product. @param {Lot} lot @param {(moment: string) => string} dayOf */
const closely = (lot, dayOf) => `${broadly(lot)} ${dayOf(lot.received_at)} ${lot.serial}`;

/** @param {Lot} a @param {Lot} b */
const first = (a, b) => (a.received_at < b.received_at || (a.received_at === b.received_at && a.id < b.id) ? -1 : 1);

/**
 * What is open stands alone: it has a date and an amount of its own.
 *
 * @param {readonly Lot[]} lots
 * @param {(moment: string) => string} [dayOf] given where it matters when they came
 * @returns {Row[]}
 */
export function together(lots, dayOf) {
  /** @type {Map<string, Lot[]>} */
  const found = new Map();
  for (const lot of lots) {
    const key = lot.opened_at ? lot.id : dayOf ? closely(lot, dayOf) : broadly(lot);
    const there = found.get(key);
    if (there) there.push(lot);
    else found.set(key, [lot]);
  }
  return [...found.values()].map(row);
}

/** @param {Lot[]} lots @returns {Row} */
function row(lots) {
  const [only] = lots;
  if (lots.length === 1 && only) return only;
  const alike = [...lots].sort(first);
  const quantity = exact(alike.reduce((sum, lot) => sum + lot.quantity, 0));
  // The last one is there longest, so the row stays the same while the others are used up.
  return { .../** @type {Lot} */ (alike.at(-1)), quantity, alike };
}

/**
 * Which lots an amount falls on: the earliest first. Of a count, what each has afterwards.
 *
 * @param {Row} row
 * @param {string} verb
 * @param {number} quantity
 * @returns {{ lot: Lot, quantity: number }[]}
 */
export function shares(row, verb, quantity) {
  const lots = row.alike;
  if (!lots) return [{ lot: row, quantity }];
  if (verb !== 'count') return taken(lots, quantity);
  const last = /** @type {Lot} */ (lots.at(-1));
  const more = exact(quantity - row.quantity);
  if (more >= 0) return [{ lot: last, quantity: exact(last.quantity + more) }];
  return taken(lots, -more).map((share) => ({ ...share, quantity: exact(share.lot.quantity - share.quantity) }));
}

/** @param {readonly Lot[]} lots @param {number} quantity */
function taken(lots, quantity) {
  const found = [];
  let left = quantity;
  for (const lot of lots) {
    if (left <= 0) break;
    const share = Math.min(lot.quantity, left);
    left = exact(left - share);
    found.push({ lot, quantity: share });
  }
  return found;
}
