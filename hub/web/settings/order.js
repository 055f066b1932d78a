// Putting things in another order with as few changes as it takes.
//
// Each has a position; where two have the same, their ids decide. Others may change positions at the same time, so
// only what has to be is said anew.

/** @typedef {{ id: string, position: number }} Placed */
/** @template {Placed} T @typedef {{ thing: T, position: number }} Move */

/** @template {Placed} T @param {readonly T[]} things @returns {T[]} */
export function inOrder(things) {
  return [...things].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

/**
 * The thing takes its place next to one neighbour, and those behind it give way as far as they must.
 *
 * @template {Placed} T
 * @param {readonly T[]} order as it is to be
 * @param {number} at where the moved one stands in it
 * @param {1 | -1} way to which side others give way
 * @returns {Move<T>[]}
 */
function givingWay(order, at, way) {
  const [before, after] = [order[at - way], order[at + way]];
  /** @type {Move<T>[]} */
  const moves = [];
  let last = before ? before.position + way : after ? after.position - way : 0;
  for (let index = at; order[index]; index += way) {
    const thing = /** @type {T} */ (order[index]);
    if (index !== at) {
      if ((thing.position - last) * way > 0) break;
      last += way;
    }
    if (thing.position !== last) moves.push({ thing, position: last });
  }
  return moves;
}

/**
 * What has to be said so that the thing that stands at `from` stands at `to`.
 *
 * @template {Placed} T
 * @param {readonly T[]} things in their order
 * @param {number} from
 * @param {number} to
 * @returns {Move<T>[]}
 */
export function moving(things, from, to) {
  const order = [...things];
  const [thing] = order.splice(from, 1);
  if (!thing || from === to) return [];
  order.splice(to, 0, thing);
  const [down, up] = [givingWay(order, to, 1), givingWay(order, to, -1)];
  return up.length < down.length ? up : down;
}
