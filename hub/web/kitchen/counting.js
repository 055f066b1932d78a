// A count of a place: what it will come to once all that waits here has arrived, and how it is shown.

import { plain } from './words.js';

/** @typedef {import('../types/wire.d.ts').StocktakeEntry} Entry */
/** @typedef {import('../types/wire.d.ts').StocktakeLine} Line */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {{ id: 'less' | 'more' | 'same' | 'unnamed' | 'uncounted', entries: Entry[] }} Group */

export const STOCKTAKES = '/api/stocktakes';

/** Thousandths are as fine as it gets. @param {number} value */
const exact = (value) => Math.round(value * 1000) / 1000;

/** @param {Line} line */
const isLabelled = ({ best_before, use_by, batch }) => Boolean(best_before || use_by || batch);

/** @param {readonly Line[]} lines */
const sum = (lines) => exact(lines.reduce((all, { quantity }) => all + quantity, 0));

/** What was counted with its date or batch: a number said by hand is never below that. @param {Entry} entry */
export const labelled = ({ lines }) => sum(lines.filter(isLabelled));

/** An entry with other lines. What moved since it was counted is the house's to say. @param {Entry} entry @param {Line[]} lines @returns {Entry} */
function withLines(entry, lines) {
  const { counted: _, ...rest } = entry;
  if (lines.length === 0) {
    const standing = entry.standing === 'counted' ? 'uncounted' : entry.standing;
    return { ...rest, lines, moved: 0, after: entry.believed, difference: 0, lots: [], standing };
  }
  const counted = sum(lines);
  if (counted === entry.counted) return { ...entry, lines };
  const standing = entry.standing === 'uncounted' ? 'counted' : entry.standing;
  return { ...entry, lines, counted, after: counted, moved: 0, difference: exact(counted - entry.believed), lots: [], standing };
}

/**
 * What somebody counted, here or elsewhere: the newer line wins.
 *
 * @param {readonly Entry[]} entries
 * @param {{ line?: Line, removed?: string }} news
 * @returns {Entry[]}
 */
export function told(entries, { line, removed }) {
  const known = entries.some(({ product_id }) => product_id === line?.product_id);
  const all = line && !known ? [...entries, unheard(line)] : entries;
  return all.map((entry) => {
    const kept = entry.lines.filter(({ id }) => id !== removed && id !== line?.id);
    const before = entry.lines.find(({ id }) => id === line?.id);
    if (!line || line.product_id !== entry.product_id) return kept.length === entry.lines.length ? entry : withLines(entry, kept);
    return withLines(entry, [...kept, before && before.version > line.version ? before : line]);
  });
}

/** Something that nobody believed to be there. @param {Line} line @returns {Entry} */
function unheard({ product_id, product_name, unit }) {
  return { product_id, product_name, unit, pack_size: 1, standing: 'counted', lines: [], believed: 0, moved: 0, after: 0, difference: 0, lots: [] };
}

/**
 * With what waits here to be sent.
 *
 * @param {readonly Entry[]} entries
 * @param {readonly Write[]} waiting
 * @param {string} id of the count
 * @returns {Entry[]}
 */
export function countAsItWillBe(entries, waiting, id) {
  /** @type {Map<string, number>} */
  const said = new Map();
  for (const { path, body, refused } of waiting) {
    if (path === `${STOCKTAKES}/${id}/count` && !refused) said.set(body['product_id'], Number(body['counted']));
  }
  if (said.size === 0) return [...entries];
  return entries.map((entry) => {
    const quantity = said.get(entry.product_id);
    if (quantity === undefined) return entry;
    const own = entry.lines.find((line) => !isLabelled(line));
    /** @type {Line} */
    const line = {
      id: own?.id ?? '', product_id: entry.product_id, product_name: entry.product_name, unit: entry.unit, quantity,
      counted_at: own?.counted_at ?? '', counted_by: '', version: own?.version ?? 0,
    };
    return withLines(entry, [...entry.lines.filter(isLabelled), line]);
  });
}

/** How many scans and numbers wait here. @param {readonly Write[]} waiting @param {string} id */
export function waitingFor(waiting, id) {
  return waiting.filter(({ path, refused }) => path.startsWith(`${STOCKTAKES}/${id}/`) && !refused).length;
}

/** @param {readonly Entry[]} entries @param {string} query @param {string} language @returns {Entry[]} */
export function onTheList(entries, query, language) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  return entries
    .filter(({ product_name, brand = '' }) => words.every((word) => plain(`${product_name} ${brand}`).includes(word)))
    .sort((a, b) => compare(a.product_name, b.product_name) || a.product_id.localeCompare(b.product_id));
}

/** Whether there is something to book: what was counted, or that what was not counted is not there. @param {readonly Entry[]} entries @param {boolean} gone */
export const isToBook = (entries, gone) => entries.some(({ counted, standing }) => counted !== undefined || (gone && standing === 'uncounted'));

/** What the count comes to, what is missing first. @param {readonly Entry[]} entries @returns {Group[]} */
export function differences(entries) {
  /** @type {Group[]} */
  const groups = [
    { id: 'less', entries: [] }, { id: 'more', entries: [] }, { id: 'unnamed', entries: [] },
    { id: 'uncounted', entries: [] }, { id: 'same', entries: [] },
  ];
  for (const entry of entries) groups.find(({ id }) => id === groupOf(entry))?.entries.push(entry);
  return groups.filter((group) => group.entries.length > 0);
}

/** @param {Entry} entry @returns {Group['id'] | undefined} */
function groupOf({ standing, difference }) {
  if (standing === 'archived') return undefined;
  if (standing !== 'counted') return standing;
  if (difference === 0) return 'same';
  return difference < 0 ? 'less' : 'more';
}
