// Scans of this device: what waits to be sent, and what became of the rest.

/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {{ id: string, code: string, at: number, outcome?: Outcome }} Scan */

export const SCAN = '/api/scanner/scan';
export const UNDO = '/api/scanner/undo';
const REMEMBERED = 30;

/** Those that wait and those that were settled, newest first. @param {readonly Scan[]} settled @param {readonly Write[]} waiting @returns {Scan[]} */
export function scansShown(settled, waiting) {
  const there = new Set(settled.map(({ id }) => id));
  const open = waiting
    .filter(({ path, body }) => path === SCAN && !there.has(body['scan_id']))
    .map(({ body, made_at }) => ({ id: body['scan_id'], code: body['code'], at: made_at }));
  return [...settled, ...open].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
}

/** @param {readonly Scan[]} settled @param {Scan} scan @returns {Scan[]} */
export function settle(settled, scan) {
  return [...settled.filter(({ id }) => id !== scan.id), scan].sort((a, b) => b.at - a.at).slice(0, REMEMBERED);
}

/**
 * Whether a scan can be taken back: it did something, and nobody did so already.
 *
 * @param {Scan} scan
 * @param {ReadonlySet<string>} undone
 */
export function undoable({ id, outcome }, undone) {
  if (!outcome || undone.has(id)) return false;
  return ['applied', 'question', 'unknown'].includes(outcome.status) || (outcome.status === 'duplicate' && outcome.after !== undefined);
}

/** Signs that are not seen, made visible. @param {string} code */
export function legible(code) {
  return code.replaceAll('\u001d', '␝');
}
