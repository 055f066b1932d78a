// The papers that labels and cards are printed on, as the house knows them.

/** @typedef {'plain' | 'labels' | 'roll'} Kind */
/** @typedef {{ word: string, kind: Kind, labels: number, width: number, height: number }} Paper lengths of one label, in millimetres */
/** @typedef {'commands' | 'places' | 'people' | 'lots' | 'scanner-test'} What */

/** @type {[string, Kind, number, number, number][]} */
const ROWS = [
  ['a4', 'plain', 24, 46, 37],
  ['letter', 'plain', 24, 46, 34],
  ['a4-3x8', 'labels', 24, 70, 37],
  ['a4-3x7', 'labels', 21, 63.5, 38.1],
  ['a4-2x7', 'labels', 14, 99.1, 38.1],
  ['a4-4x10', 'labels', 40, 48.5, 25.4],
  ['letter-3x10', 'labels', 30, 66.675, 25.4],
  ['letter-2x5', 'labels', 10, 101.6, 50.8],
  ['roll-62x29', 'roll', 1, 62, 29],
  ['roll-62x100', 'roll', 1, 62, 100],
  ['roll-50x30', 'roll', 1, 50, 30],
  ['roll-40x30', 'roll', 1, 40, 30],
  ['roll-100x50', 'roll', 1, 100, 50],
];

/** @type {Paper[]} */
export const PAPERS = ROWS.map(([word, kind, labels, width, height]) => ({ word, kind, labels, width, height }));

/** @type {What[]} */
export const WHATS = ['commands', 'places', 'people', 'lots', 'scanner-test'];

/** What labels of American sheets are called where they are sold. @type {Record<string, string>} */
const INCHES = { 'letter-3x10': '2⅝ × 1″', 'letter-2x5': '4 × 2″' };

/** The bars of the scanner test need so many millimetres. */
const BARS = 60;
/** The most labels of one document, and of one lot. */
export const MOST = 500;
export const COPIES = 24;

/** @param {string | undefined} word @returns {What} */
export const whatOf = (word) => WHATS.find((what) => what === word) ?? 'commands';

/** On what something can be printed. @param {What} what */
export function papersFor(what) {
  return PAPERS.filter(({ kind, width }) => what !== 'scanner-test' || kind === 'plain' || width >= BARS);
}

/** The paper of this name, where it is one for that. @param {string | null} word @param {What} what @returns {Paper} */
export function paperOf(word, what) {
  const all = papersFor(what);
  return /** @type {Paper} */ (all.find((paper) => paper.word === word) ?? all[0]);
}

/** “70 × 37 mm”. @param {Paper} paper @param {(length: number) => string} number */
export function sizeOf({ word, width, height }, number) {
  return INCHES[word] ?? `${number(width)} × ${number(height)} mm`;
}

/**
 * Where what is to be printed lies.
 *
 * @param {{ what: What, paper: Paper, skip: number, copies: number, lots: readonly string[], language: string }} wish
 * @param {'pdf' | 'svg'} form
 * @param {number} [page]
 */
export function pathOf({ what, paper, skip, copies, lots, language }, form, page) {
  const query = new URLSearchParams({ sheet: paper.word, language });
  if (skip > 0 && paper.kind === 'labels') query.set('skip', String(Math.min(skip, paper.labels - 1)));
  if (what === 'lots') {
    query.set('ids', lots.join(','));
    if (copies > 1) query.set('copies', String(copies));
  }
  if (page !== undefined && page > 1) query.set('page', String(page));
  return `/api/labels/${what}.${form}?${query.toString().replaceAll('%2C', ',')}`;
}

/** Of so many lots, how many labels of each there can be at most. @param {number} lots */
export const mostCopies = (lots) => Math.max(1, Math.min(COPIES, Math.floor(MOST / Math.max(1, lots))));
