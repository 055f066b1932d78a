// What was done in the kitchen lately, one entry for each act: the ledger has a row for every lot. What was done at once
// to several things, such as booking a receipt or a count, is one line.

/** @typedef {import('../types/wire.d.ts').Movement} Movement */
/** @typedef {{ id: string, at: string, kind: string, product: string, name: string, amount: number, total: number, unit: string, place: string, actor: string, person?: string | undefined, undone: boolean, group: string, reason: string }} Moment */
/** @typedef {Moment & { things: number, names: string[] }} Line `things`: how many it was about; `names`: of the first of them */

/** So many are named of what a line is about. */
const NAMED = 3;

/** @param {readonly Movement[]} movements newest first @returns {Moment[]} */
export function momentsOf(movements) {
  /** @type {Map<string, Movement[]>} */
  const acts = new Map();
  for (const movement of movements) {
    // What the ledger put right by itself nobody did.
    if (movement.kind === 'settle' || movement.kind === 'cap') continue;
    acts.set(movement.act_id, [...(acts.get(movement.act_id) ?? []), movement]);
  }
  return [...acts.values()].map(moment);
}

/** @param {Movement[]} rows of one act, the last first @returns {Moment} */
function moment(rows) {
  const last = /** @type {Movement} */ (rows[0]);
  const part = (/** @type {1 | -1} */ sign) => rows.reduce((sum, { quantity }) => sum + Math.max(0, sign * quantity), 0);
  const amount = Math.round(Math.max(part(1), part(-1)) * 1000) / 1000;
  // Where it is now, rather than where it came from.
  const arrived = rows.find(({ quantity }) => quantity > 0) ?? last;
  return {
    id: last.act_id,
    at: last.recorded_at,
    kind: last.kind,
    product: last.product_id,
    name: last.product_name,
    amount,
    total: last.total,
    unit: last.unit,
    place: arrived.place_name,
    actor: last.actor,
    person: last.person_id,
    undone: last.undone_by !== undefined,
    group: last.group_id,
    reason: last.reason ?? '',
  };
}

/**
 * What was done at once is one line: what the house booked together, and what came in one go.
 *
 * @param {readonly Moment[]} moments newest first
 * @param {boolean} [all] whether there are none before them; otherwise the last line may be only a part of what was done
 * @returns {Line[]}
 */
export function linesOf(moments, all = true) {
  /** @type {Map<string, number>} */
  const together = new Map();
  for (const { group } of moments) together.set(group, (together.get(group) ?? 0) + 1);
  /** @type {Map<string, Moment[]>} */
  const lines = new Map();
  for (const moment of moments) {
    const { group, at, actor, kind, reason } = moment;
    const key = (together.get(group) ?? 0) > 1 ? group : [at, actor, kind, reason].join(' ');
    lines.set(key, [...(lines.get(key) ?? []), moment]);
  }
  const told = [...lines.values()].flatMap(line);
  const last = told.at(-1);
  return !all && told.length > 1 && last && last.things > 1 ? told.slice(0, -1) : told;
}

/** @param {Moment[]} moments what was done at once @returns {Line[]} */
function line(moments) {
  const names = [...new Map(moments.map(({ product, name }) => [product, name])).values()];
  if (names.length < 2) return moments.map((moment) => ({ ...moment, things: 1, names }));
  const first = /** @type {Moment} */ (moments[0]);
  return [{ ...first, undone: moments.every(({ undone }) => undone), things: names.length, names: names.slice(0, NAMED) }];
}
