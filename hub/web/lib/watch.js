// Something a screen shows and reads again whenever it may have changed.
//
// One question is on its way at a time; who asks meanwhile is answered by one more, so the last
// answer is the newest. What was read stays when the house is out of reach, with since when.

import { batch, signal } from '#signals';

/**
 * @template T
 * @typedef {{ data: T, asOf?: number | undefined }} Seen an answer, and since when it is known if it is an old one
 */

/**
 * @template T
 * @typedef {object} Watched
 * @property {import('#signals').Signal<T | null>} data
 * @property {import('#signals').Signal<number | undefined>} asOf milliseconds; undefined while `data` is fresh
 * @property {import('#signals').Signal<unknown>} trouble why the last question went without an answer
 * @property {() => Promise<void>} load
 * @property {() => void} forget
 */

/** How to read again what is shown as it was known earlier. @type {Set<() => unknown>} */
const old = new Set();
/** How often a newer answer was told of. */
let told = 0;

/** A newer answer is there than one that was shown: what is old asks once more. */
export function askAgain() {
  told += 1;
  for (const load of [...old]) load();
}

/**
 * @template T
 * @param {() => Promise<Seen<T>>} read
 * @param {() => number} [time]
 * @returns {Watched<T>}
 */
export function watch(read, time = Date.now) {
  /** @type {import('#signals').Signal<T | null>} */
  const data = signal(/** @type {T | null} */ (null));
  /** @type {import('#signals').Signal<number | undefined>} */
  const asOf = signal(undefined);
  /** @type {import('#signals').Signal<unknown>} */
  const trouble = signal(null);
  /** @type {Promise<void> | undefined} */
  let running;
  let again = false;
  let readAt = 0;
  /** Rises when all is forgotten, so that a late answer does not bring it back. */
  let era = 0;

  async function once() {
    const mine = era;
    const before = told;
    try {
      const seen = await read();
      if (mine !== era) return;
      if (seen.asOf === undefined) old.delete(load);
      else old.add(load);
      // What was told of meanwhile may have been about this.
      if (seen.asOf !== undefined && told !== before) again = true;
      readAt = seen.asOf ?? time();
      batch(() => {
        data.value = seen.data;
        asOf.value = seen.asOf;
        trouble.value = null;
      });
    } catch (error) {
      if (mine !== era) return;
      batch(() => {
        trouble.value = error;
        if (data.peek() !== null) asOf.value = readAt;
      });
    }
  }

  async function all() {
    do {
      again = false;
      await once();
    } while (again);
    running = undefined;
  }

  function load() {
    if (running) again = true;
    else running = all();
    return running;
  }

  function forget() {
    era += 1;
    old.delete(load);
    batch(() => {
      data.value = null;
      asOf.value = undefined;
      trouble.value = null;
    });
  }

  return { data, asOf, trouble, load, forget };
}

/**
 * What was heard since the house answered last stays, where the device can only say what it kept of that answer.
 *
 * @template T
 * @param {T | null} shown
 * @param {Seen<T>} seen
 * @returns {Seen<T>}
 */
export function orAsShown(shown, { data, asOf }) {
  return { data: asOf === undefined || shown === null ? data : shown, asOf };
}

/** The older of two moments; undefined is the present. @param {number | undefined} a @param {number | undefined} b */
export function older(a, b) {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
