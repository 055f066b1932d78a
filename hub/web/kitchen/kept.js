// A collection of the house as this page knows it: read as a whole, kept fresh by what is heard.
//
// The newer version of a thing wins. What was heard while a question was on its way is newer than the answer,
// so a thing that went away meanwhile does not come back with it.

import { computed, signal } from '#signals';
import { newer } from '../lib/store.js';

/** @template {{ id: string, version: number }} T */
export class Kept {
  /** @type {import('#signals').Signal<Map<string, T>>} */
  #known = signal(new Map());
  /** When each thing was last heard of, counted. @type {Map<string, number>} */
  #heard = new Map();
  #count = 0;

  items = computed(() => [...this.#known.value.values()]);

  /** To be named when the answer to what is asked now arrives. */
  get moment() {
    return this.#count;
  }

  /** @param {T} state */
  take(state) {
    this.#heard.set(state.id, ++this.#count);
    this.#known.value = new Map(this.#known.value).set(state.id, newer(this.#known.value.get(state.id), state));
  }

  /** @param {string} id */
  drop(id) {
    this.#heard.set(id, ++this.#count);
    const left = new Map(this.#known.value);
    left.delete(id);
    this.#known.value = left;
  }

  /**
   * What the device kept of an earlier answer: it says nothing of what was heard of since, so nothing that went away
   * comes back with it, and nothing goes.
   *
   * @param {readonly T[]} items
   */
  recall(items) {
    const before = this.#known.value;
    const after = new Map(before);
    for (const item of items) {
      if (before.has(item.id) || !this.#heard.has(item.id)) after.set(item.id, newer(before.get(item.id), item));
    }
    this.#known.value = after;
  }

  /** A part of what was asked for: what is not in it stays as it is. @param {readonly T[]} items @param {number} asked */
  takeSome(items, asked) {
    this.takeAll(items, asked, () => false);
  }

  /**
   * @param {readonly T[]} items
   * @param {number} asked
   * @param {(item: T) => boolean} [among] what was asked for; the rest stays as it is
   */
  takeAll(items, asked, among = () => true) {
    const before = this.#known.value;
    const later = (/** @type {string} */ id) => (this.#heard.get(id) ?? 0) > asked;
    /** @type {Map<string, T>} */
    const after = new Map();
    for (const item of items) {
      const known = before.get(item.id);
      if (known && later(item.id) && known.version >= item.version) after.set(item.id, known);
      else if (known || !later(item.id)) after.set(item.id, newer(known, item));
    }
    for (const [id, state] of before) {
      if ((later(id) || !among(state)) && !after.has(id)) after.set(id, state);
    }
    this.#known.value = after;
  }
}

/**
 * All pages of a list, as one answer. Who wants to see something at once is told of what is there so far: of the
 * first page, then each time there is twice as much, so that a long list is not put in order anew for each page.
 *
 * @template T
 * @param {(path: string) => Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<T>>>} read
 * @param {string} path with its limit
 * @param {(items: readonly T[]) => void} [some]
 * @returns {Promise<import('../lib/watch.js').Seen<T[]>>}
 */
export async function readAll(read, path, some = () => {}) {
  /** @type {T[]} */
  const items = [];
  /** @type {number | undefined} */
  let asOf;
  /** @type {string | undefined} */
  let next = '';
  let told = 0;
  const tell = () => {
    if (items.length > told) some(items);
    told = items.length;
  };
  while (next !== undefined) {
    /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<T>>} */
    const answer = await read(next ? `${path}&cursor=${encodeURIComponent(next)}` : path).catch((error) => {
      tell();
      throw error;
    });
    if (answer.asOf !== undefined) asOf = Math.min(asOf ?? answer.asOf, answer.asOf);
    items.push(...answer.data.items);
    next = answer.data.next;
    if (next !== undefined && items.length >= 2 * told) tell();
  }
  return { data: items, asOf };
}
