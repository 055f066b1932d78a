// Scans of this device: what waits to be sent, and what became of the rest.

/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('../types/wire.d.ts').Frame} Frame */
/** @typedef {import('../lib/outbox.js').Entry} Write */
/** @typedef {{ id: string, code: string, at: number, who?: string, mode?: string, outcome?: Outcome, undone?: boolean, fixed?: boolean }} Scan `mode`: what it was to do; `fixed`: there is nothing to take back */

export const SCAN = '/api/scanner/scan';
export const UNDO = '/api/scanner/undo';
export const REMEMBERED = 30;

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

/** What an answer to a write changes: a scan has its outcome, or was taken back. @param {readonly Scan[]} settled @param {Write} write @param {Outcome} outcome */
export function answered(settled, { body, actor, made_at }, outcome) {
  const { scan_id, code = '', mode, undoes } = body;
  const undone = outcome.status === 'undone' || outcome.problem?.code === 'already-undone';
  // What was refused is not offered once more.
  const fixed = outcome.problem?.code === 'nothing-to-undo';
  const taken = undoes && (undone || fixed);
  // What was taken back is said by its name, also where the house only says that it was.
  const thing = settled.find(({ id }) => id === undoes)?.outcome?.product;
  const named = thing && !outcome.product ? { ...outcome, product: thing } : outcome;
  const before = taken ? settled.map((scan) => (scan.id === undoes ? { ...scan, undone, fixed } : scan)) : settled;
  return settle(before, { id: scan_id, code, at: made_at, who: actor, mode, outcome: named });
}

/**
 * What the house tells of scans of this device: somebody said elsewhere which one it was, or what it is called.
 *
 * @param {readonly Scan[]} settled
 * @param {Frame} frame
 * @returns {readonly Scan[]} the same when there is nothing new
 */
export function told(settled, { type, entity_id, data }) {
  if (type.startsWith('scan.') && data?.outcome) {
    const scan = settled.find(({ id }) => id === entity_id);
    const news = scan?.outcome && ['question', 'unknown'].includes(scan.outcome.status);
    return news ? settled.map((one) => (one === scan ? { ...one, outcome: data.outcome } : one)) : settled;
  }
  if (type !== 'product.updated') return settled;
  const concerned = settled.some(({ outcome }) => outcome?.product?.id === entity_id && renamed(outcome, data) !== outcome);
  return concerned
    ? settled.map((scan) => (scan.outcome?.product?.id === entity_id ? { ...scan, outcome: renamed(scan.outcome, data) } : scan))
    : settled;
}

/**
 * What the house knows of scans by now: which were taken back elsewhere, and of which nothing is left to take back,
 * because what they wrote on the shopping list was bought or struck out.
 *
 * @param {readonly Scan[]} settled
 * @param {readonly import('../types/wire.d.ts').PastScan[]} past
 * @returns {readonly Scan[]} the same when there is nothing new
 */
export function lookedUp(settled, past) {
  const known = new Map(past.map((scan) => [scan.id, scan]));
  const next = settled.map((scan) => {
    const { undone = !!scan.undone, reversible = !scan.fixed } = known.get(scan.id) ?? {};
    const same = !!scan.undone === undone && (undone || !scan.fixed === reversible);
    return same ? scan : { ...scan, undone, fixed: !undone && !reversible };
  });
  return next.some((scan, at) => scan !== settled[at]) ? next : settled;
}

/** The outcome when its product has this name now. @param {Outcome} outcome @param {{ name: string, state?: string }} product @returns {Outcome} */
export function renamed(outcome, { name, state }) {
  const { product, status } = outcome;
  if (!product) return outcome;
  const known = status === 'unknown' && state === 'active';
  if (product.name === name && !known) return outcome;
  const named = { ...outcome, product: { ...product, name } };
  return known ? { ...named, status: 'applied', tone: 'ok' } : named;
}

/** Those of somebody that are kept on this device. @param {string | null} text @returns {Scan[]} */
export function keptScans(text) {
  try {
    const kept = JSON.parse(text || '[]');
    return Array.isArray(kept) ? kept.filter((scan) => typeof scan?.id === 'string' && typeof scan.at === 'number') : [];
  } catch {
    return [];
  }
}

/**
 * Whether a scan can be taken back: it did something, and nobody did so already.
 *
 * @param {Scan} scan
 */
export function undoable({ outcome, undone, fixed }) {
  if (!outcome || undone || fixed || asksWhich(outcome) || asksAgain(outcome)) return false;
  return ['applied', 'question', 'unknown'].includes(outcome.status) || (outcome.status === 'duplicate' && outcome.after !== undefined);
}

/** Whether nothing is booked before somebody says which of several things it was. @param {Outcome} outcome */
export function asksWhich({ status, warnings }) {
  return status === 'question' && warnings?.includes('several-products') === true;
}

/** Whether this very pack is here already by its number, and nothing is booked unless somebody says that it is another one. @param {Outcome} outcome */
export function asksAgain({ status, warnings }) {
  return status === 'question' && warnings?.includes('already-here') === true;
}

/** Whether it wrote on the shopping list, and moved nothing. @param {Pick<Scan, 'mode' | 'outcome'>} scan */
export function lists({ mode, outcome }) {
  return mode === 'shop' && outcome?.status === 'applied';
}

/** Whether somebody has to look at what became of it. @param {Outcome} outcome */
export function wantsLook({ status, tone }) {
  return tone !== 'ok' || ['question', 'refused', 'unknown'].includes(status);
}

/** Signs that are not seen, made visible; what kind of symbol it was in is left out. @param {string} code */
export function legible(code) {
  return code.replace(/^\][A-Za-z]\w(?=.)/, '').replaceAll('\u001d', '␝');
}
