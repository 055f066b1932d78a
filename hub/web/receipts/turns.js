// What one does to a receipt goes out one after the other, so that one's own quick hands are never somebody else.

/** @type {Map<string, Promise<unknown>>} */
const lines = new Map();

/** What became of a receipt, by what it was changed from here. @type {Map<string, number>} */
const became = new Map();

/** Which version there is, of the one that somebody looked at, after all that was done to it here since. @param {string} id @param {number} version */
function present(id, version) {
  let now = version;
  for (let next = became.get(`${id}/${now}`); next !== undefined; next = became.get(`${id}/${now}`)) now = next;
  return now;
}

/**
 * Does something to a receipt once all before it has its answer.
 *
 * @template {{ version: number }} T
 * @param {string} id
 * @param {number} version that was looked at
 * @param {(version: number) => Promise<T>} work is told the version that there is when its turn comes
 * @returns {Promise<T>}
 */
export function inTurn(id, version, work) {
  const mine = (lines.get(id) ?? Promise.resolve()).then(async () => {
    const from = present(id, version);
    const done = await work(from);
    if (done.version > from) became.set(`${id}/${from}`, done.version);
    return done;
  });
  const settled = mine.catch(() => {});
  lines.set(id, settled);
  void settled.then(() => {
    if (lines.get(id) === settled) lines.delete(id);
  });
  return mine;
}

/** When all that is on its way has its answer. @param {string} id */
export const quiet = async (id) => void (await lines.get(id));
