// What lies in a place, or is of a category, in a few words.

/** @typedef {Pick<import('../types/wire.d.ts').Lot, 'product_master_id' | 'product_name' | 'place_id' | 'category_id'>} Held */

/**
 * How many products there are of each, by its id; many lots of one product are one.
 *
 * @param {readonly Held[]} lots
 * @param {(lot: Held) => string | undefined} by
 * @returns {Map<string, number>}
 */
export function ofEach(lots, by) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  for (const lot of lots) {
    const id = by(lot);
    if (id === undefined) continue;
    const products = found.get(id) ?? new Set();
    found.set(id, products.add(lot.product_master_id));
  }
  return new Map([...found].map(([id, products]) => [id, products.size]));
}

/**
 * The first few names of what is there, each once, and how many more there are.
 *
 * @param {readonly Held[]} lots
 * @param {(lot: Held) => boolean} there
 * @param {number} most
 */
export function namesIn(lots, there, most) {
  const names = [...new Map(lots.filter(there).map((lot) => [lot.product_master_id, lot.product_name])).values()];
  return { all: names.slice(0, most), more: Math.max(0, names.length - most) };
}
