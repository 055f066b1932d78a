// Writes that must not be lost.
//
// A write is kept on the device before it is sent, and sent in the order it was made, each with its
// own key so that sending twice does it once. No answer and 5xx mean: later again. Any other answer
// settles it; a refusal is either told to the form that still waits for it, or kept and shown until
// somebody has read it.

import { computed, signal } from '#signals';
import { Problem, Unreachable } from './api.js';
import { backoff } from './live.js';

/**
 * @typedef {object} Entry
 * @property {string} id also the idempotency key
 * @property {number} order
 * @property {string} actor who made it; nobody else's sign-in sends it
 * @property {string} method
 * @property {string} path
 * @property {Record<string, any>} body
 * @property {string} label what it is, as a key of the catalogue
 * @property {string} [join] a later write of the same name is folded into it while it waits
 * @property {number} made_at
 * @property {Record<string, any>} [before] how that stood when it was written; where nobody else said something about the same, it is sent anew
 * @property {{ name: string, to: string }} [about] the thing, and where it is seen
 * @property {boolean} [tried] it may have reached the house, whose answer did not reach this device
 * @property {string} [back] the key under which what it did is undone: whatever became of it before, it is to have done nothing
 * @property {{ code: string, detail: string, current?: any }} [refused] `current`: as it is now, where somebody else was faster
 */

/**
 * Where entries outlive the page.
 *
 * @template [T=Entry]
 * @typedef {object} Shelf
 * @property {() => Promise<T[]>} all
 * @property {(entry: T) => Promise<void>} put
 * @property {(id: string) => Promise<void>} remove
 */

/** @typedef {{ state: 'done', data: any } | { state: 'refused', problem: Problem } | { state: 'kept' }} Outcome */

/** @typedef {Pick<Entry, 'method' | 'path' | 'body' | 'label' | 'join' | 'before' | 'about' | 'back'> & { id?: string }} Write `id`: for whoever may take it back */

/**
 * @typedef {object} OutboxParts
 * @property {Shelf} shelf
 * @property {(entry: Entry) => Promise<any>} send
 * @property {() => string | undefined} actor
 * @property {() => string} uuid
 * @property {import('./live.js').Clock} clock
 * @property {() => number} time milliseconds since 1970
 * @property {() => number} random
 * @property {() => boolean} [online] whether what is sent leaves this device
 * @property {(entry: Entry, now: any) => Promise<Pick<Entry, 'body' | 'before'> | undefined>} [meet] what is left of a write whose thing is newer by now; nothing where both spoke about the same
 * @property {(work: () => Promise<void>) => Promise<void>} [alone] one page at a time
 * @property {(entry: Entry, data: any) => void} [onDone]
 * @property {() => void} [onHomeless] the device has no room: what is written lives as long as the page
 * @property {(entry: Entry) => void} [onRefused] only for refusals no form was waiting for
 */

/** How long a form waits before it says “saved on this device”. */
const PATIENCE = 4000;

/**
 * Whether a state already says what a write wanted: then the write arrived and its answer was lost.
 *
 * @param {unknown} current
 * @param {Record<string, any>} body
 */
export function fulfilled(current, body) {
  if (typeof current !== 'object' || current === null) return false;
  const state = /** @type {Record<string, unknown>} */ (current);
  return Object.entries(body).every(([name, value]) => name === 'version' || state[name] === value);
}

/**
 * `state` as it will be once the waiting writes to `path` have arrived.
 *
 * @template T
 * @param {T} state
 * @param {readonly Entry[]} entries
 * @param {string} path
 * @returns {T}
 */
export function overlay(state, entries, path) {
  let seen = state;
  for (const entry of entries) {
    if (entry.path !== path || !['PATCH', 'PUT'].includes(entry.method) || entry.refused) continue;
    const { version: _, ...fields } = entry.body;
    seen = { ...seen, ...fields };
  }
  return seen;
}

/** @param {readonly Entry[]} entries */
const inOrder = (entries) => [...entries].sort((a, b) => a.order - b.order);

export class Outbox {
  /** @type {OutboxParts} */
  #parts;
  /** @type {import('#signals').Signal<Entry[]>} */
  #entries = signal([]);
  #mine = computed(() => this.#entries.value.filter((entry) => entry.actor === this.#parts.actor()));
  waiting = computed(() => this.#mine.value.filter((entry) => !entry.refused));
  refused = computed(() => this.#mine.value.filter((entry) => entry.refused));
  /** Forms that wait for an answer. @type {Map<string, (outcome: Outcome) => void>} */
  #listeners = new Map();
  /** Not on the shelf yet, so not to be sent yet. @type {Map<string, Entry>} */
  #landing = new Map();
  /** The device had no room for them: they live as long as the page. @type {Map<string, Entry>} */
  #homeless = new Map();
  #sending = '';
  #attempt = 0;
  #running = false;
  #again = false;
  #cancelRetry = () => {};

  /** @param {OutboxParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Reads what an earlier page left behind and starts sending it. */
  async start() {
    await this.#reload();
    void this.#flush();
  }

  /** Sends now what waits; for when the network is back. */
  nudge() {
    this.#attempt = 0;
    void this.#flush();
  }

  /**
   * Keeps a write and sends it as soon as possible. Resolves when it is settled, or when it is
   * clear that it will take longer.
   *
   * @param {Write} write
   * @returns {Promise<Outcome>}
   */
  async add(write) {
    const entry = this.#place(write);
    const outcome = this.#hear(entry.id);
    await this.#keep(entry);
    void this.#flush();
    return outcome;
  }

  /**
   * Takes a write back; whether it had never left this device. What may have is done, and then `instead`.
   *
   * @param {string} id
   * @param {Write} [instead]
   */
  async takeBack(id, instead) {
    let here = false;
    // Nobody sends it meanwhile.
    await this.#alone(async () => {
      await this.#reload();
      here = this.waiting.value.some((entry) => entry.id === id && !entry.tried) && !this.#landing.has(id);
      if (here) await this.#forget(id);
      else if (instead) await this.#keep(this.#place(instead));
    });
    void this.#flush();
    return here;
  }

  /** Somebody has read the refusal. @param {string} id */
  dismiss(id) {
    return this.#forget(id);
  }

  async #reload() {
    const found = await this.#parts.shelf.all();
    const held = new Map([...this.#homeless, ...this.#landing]);
    this.#entries.value = inOrder([...found.filter(({ id }) => !held.has(id)), ...held.values()]);
  }

  /** @param {Entry} entry */
  async #keep(entry) {
    this.#landing.set(entry.id, entry);
    this.#entries.value = inOrder([...this.#entries.value.filter(({ id }) => id !== entry.id), entry]);
    try {
      await this.#parts.shelf.put(entry);
      this.#homeless.delete(entry.id);
    } catch {
      if (this.#homeless.size === 0) this.#parts.onHomeless?.();
      this.#homeless.set(entry.id, entry);
    }
    if (this.#landing.get(entry.id) === entry) this.#landing.delete(entry.id);
  }

  /** @param {string} id */
  async #forget(id) {
    if (!this.#homeless.delete(id)) await this.#parts.shelf.remove(id);
    this.#entries.value = this.#entries.value.filter((entry) => entry.id !== id);
  }

  /** @param {string} id @param {Outcome} outcome */
  #tell(id, outcome) {
    const listener = this.#listeners.get(id);
    this.#listeners.delete(id);
    listener?.(outcome);
    return listener !== undefined;
  }

  /**
   * Gives the version that a write made to those behind it. Before the write is forgotten: a page that ends
   * in between sends it once more, which does nothing, while one behind it with the old version would be
   * refused.
   *
   * @param {Entry} sent
   * @param {any} data
   */
  async #pass(sent, data) {
    // Who named no version does not mind what others did in between.
    if (typeof data?.version !== 'number' || sent.body['version'] === undefined) return;
    for (const entry of this.waiting.value) {
      if (entry.id === sent.id || entry.path !== sent.path) continue;
      if (entry.body['version'] !== sent.body['version']) continue;
      await this.#keep({ ...entry, body: { ...entry.body, version: data.version } });
    }
  }

  /** @param {Entry} sent @param {any} data */
  async #done(sent, data) {
    await this.#pass(sent, data);
    await this.#forget(sent.id);
    // And those that came in the meantime.
    await this.#pass(sent, data);
    this.#parts.onDone?.(sent, data);
    this.#tell(sent.id, { state: 'done', data });
  }

  /** @param {Entry} entry @param {Problem} problem */
  async #refuse(entry, problem) {
    if (problem.code === 'stale-version' && fulfilled(problem.current, entry.body)) {
      await this.#done(entry, problem.current);
      return;
    }
    if (await this.#met(entry, problem)) return;
    if (this.#tell(entry.id, { state: 'refused', problem })) {
      await this.#forget(entry.id);
      return;
    }
    const { code, detail, title, current } = problem;
    const kept = { ...entry, refused: { code, detail: detail || title, ...(entry.before ? { current } : {}) } };
    await this.#keep(kept);
    this.#parts.onRefused?.(kept);
  }

  /**
   * Somebody else was faster. Where they said nothing about the same, it is sent to what there is now.
   *
   * @param {Entry} entry
   * @param {Problem} problem
   */
  async #met(entry, { code, current }) {
    const now = /** @type {any} */ (current);
    if (code !== 'stale-version' || !entry.before || !now || now.version === entry.body['version']) return false;
    const left = await this.#parts.meet?.(entry, now).catch(() => undefined);
    if (!left) return false;
    if (Object.keys(left.body).length > 1) await this.#keep({ ...entry, ...left });
    else await this.#done(entry, now);
    return true;
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether the next one may go */
  async #try(entry) {
    this.#sending = entry.id;
    const leaves = this.#parts.online?.();
    try {
      await this.#done(entry, await this.#parts.send(entry));
    } catch (error) {
      if (error instanceof Problem && !error.passing && error.status !== 401) {
        await this.#refuse(entry, error);
      } else if (error instanceof Problem || error instanceof Unreachable) {
        if (leaves && !entry.tried) await this.#keep({ ...entry, tried: true });
        // What stands behind it has to wait as well.
        for (const id of [...this.#listeners.keys()]) this.#tell(id, { state: 'kept' });
        this.#later(error instanceof Problem ? error.retryAfter : undefined);
        return false;
      } else {
        throw error;
      }
    } finally {
      this.#sending = '';
    }
    this.#attempt = 0;
    return true;
  }

  /** @param {number} [seconds] */
  #later(seconds) {
    const { clock, random } = this.#parts;
    const wait = seconds === undefined ? backoff(this.#attempt, random()) : seconds * 1000;
    this.#attempt += 1;
    this.#cancelRetry();
    this.#cancelRetry = clock.after(wait, () => void this.#flush());
  }

  async #flush() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#cancelRetry();
    try {
      await this.#alone(() => this.#sendAll());
    } finally {
      this.#running = false;
      if (this.#again) {
        this.#again = false;
        void this.#flush();
      }
    }
  }

  /** One page at a time. @param {() => Promise<void>} work */
  #alone(work) {
    return this.#parts.alone ? this.#parts.alone(work) : work();
  }

  async #sendAll() {
    await this.#reload();
    const next = () => this.waiting.value[0];
    for (let entry = next(); entry && !this.#landing.has(entry.id); entry = next()) {
      if (!(await this.#try(entry))) break;
    }
  }

  /** The entry a write becomes: one of its own, or more of one that still waits. @param {Write} write */
  #place(write) {
    const { actor, time, uuid } = this.#parts;
    const open = this.waiting.value.find(
      (entry) => entry.join && entry.join === write.join && entry.id !== this.#sending,
    );
    if (open) {
      const { version: _, ...fields } = write.body;
      const before = open.before && { before: { ...write.before, ...open.before } };
      return { ...open, body: { ...open.body, ...fields }, ...before };
    }
    const order = Math.max(time(), ...this.#entries.value.map((entry) => entry.order + 1));
    return { id: uuid(), ...write, order, actor: actor() ?? '', made_at: time() };
  }

  /** What becomes of an entry, as far as a form wants to wait for it. @param {string} id @returns {Promise<Outcome>} */
  #hear(id) {
    this.#tell(id, { state: 'kept' });
    return new Promise((resolve) => {
      const stop = this.#parts.clock.after(PATIENCE, () => this.#tell(id, { state: 'kept' }));
      this.#listeners.set(id, (settled) => {
        stop();
        resolve(settled);
      });
    });
  }
}
