// What was done in the kitchen lately, one entry for each act: the ledger has a row for every lot.

/** @typedef {import('../types/wire.d.ts').Movement} Movement */
/** @typedef {{ id: string, at: string, kind: string, product: string, name: string, amount: number, total: number, unit: string, place: string, actor: string, person?: string | undefined, undone: boolean }} Moment */

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
  };
}
