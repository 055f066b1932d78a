// The shopping list: what it will be once all that waits here has arrived, and how it is shown.

/** @typedef {import('../types/wire.d.ts').Entry} Entry */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {Pick<Entry, 'id' | 'name' | 'unit' | 'priority' | 'note' | 'checked' | 'automatic' | 'version'> & Partial<Entry>} Shown */

export const SHOPPING = '/api/shopping';

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
    const id = write.path.slice(SHOPPING.length + 1);
    const entry = shown.get(id);
    if (write.method === 'DELETE') shown.delete(id);
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
