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
 * @property {{ code: string, detail: string }} [refused]
 */

/**
 * Where entries outlive the page.
 *
 * @typedef {object} Shelf
 * @property {() => Promise<Entry[]>} all
 * @property {(entry: Entry) => Promise<void>} put
 * @property {(id: string) => Promise<void>} remove
 */

/** @typedef {{ state: 'done', data: any } | { state: 'refused', problem: Problem } | { state: 'kept' }} Outcome */

/** @typedef {{ method: string, path: string, body: Record<string, any>, label: string, join?: string }} Write */

/**
 * @typedef {object} OutboxParts
 * @property {Shelf} shelf
 * @property {(entry: Entry) => Promise<any>} send
 * @property {() => string | undefined} actor
 * @property {() => string} uuid
 * @property {import('./live.js').Clock} clock
 * @property {() => number} time milliseconds since 1970
 * @property {() => number} random
 * @property {(work: () => Promise<void>) => Promise<void>} [alone] one page at a time
 * @property {(entry: Entry, data: any) => void} [onDone]
 * @property {(entry: Entry) => void} [onRefused] only for refusals no form was waiting for
 */

/** @typedef {ReturnType<typeof createOutbox>} Outbox */

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
    if (entry.path !== path || entry.method !== 'PATCH' || entry.refused) continue;
    const { version: _, ...fields } = entry.body;
    seen = { ...seen, ...fields };
  }
  return seen;
}

/** @param {OutboxParts} parts */
export function createOutbox(parts) {
  const { shelf, send, actor, uuid, clock, time, random } = parts;
  const alone = parts.alone ?? ((work) => work());
  /** @type {import('#signals').Signal<Entry[]>} */
  const entries = signal([]);
  /** @type {Map<string, (outcome: Outcome) => void>} */
  const listeners = new Map();
  /** Not on the shelf yet, so not to be sent yet. @type {Map<string, Entry>} */
  const landing = new Map();
  /** The device had no room for them: they live as long as the page. @type {Map<string, Entry>} */
  const homeless = new Map();
  let sending = '';
  let attempt = 0;
  let running = false;
  let again = false;
  let cancelRetry = () => {};

  const mine = computed(() => entries.value.filter((entry) => entry.actor === actor()));
  const waiting = computed(() => mine.value.filter((entry) => !entry.refused));
  const refused = computed(() => mine.value.filter((entry) => entry.refused));

  /** @param {Entry[]} next */
  function show(next) {
    entries.value = next.sort((a, b) => a.order - b.order);
  }

  async function reload() {
    const found = await shelf.all();
    const held = new Map([...homeless, ...landing]);
    show([...found.filter(({ id }) => !held.has(id)), ...held.values()]);
  }

  /** @param {Entry} entry */
  async function keep(entry) {
    landing.set(entry.id, entry);
    show([...entries.value.filter(({ id }) => id !== entry.id), entry]);
    try {
      await shelf.put(entry);
    } catch {
      homeless.set(entry.id, entry);
    }
    if (landing.get(entry.id) === entry) landing.delete(entry.id);
  }

  /** @param {string} id */
  async function forget(id) {
    if (!homeless.delete(id)) await shelf.remove(id);
    entries.value = entries.value.filter((entry) => entry.id !== id);
  }

  /** @param {string} id @param {Outcome} outcome */
  function tell(id, outcome) {
    const listener = listeners.get(id);
    listeners.delete(id);
    listener?.(outcome);
    return listener !== undefined;
  }

  /** @param {Entry} sent @param {any} data */
  async function done(sent, data) {
    await forget(sent.id);
    if (typeof data?.version === 'number') {
      for (const entry of waiting.value) {
        if (entry.path !== sent.path || entry.body['version'] !== sent.body['version']) continue;
        await keep({ ...entry, body: { ...entry.body, version: data.version } });
      }
    }
    parts.onDone?.(sent, data);
    tell(sent.id, { state: 'done', data });
  }

  /** @param {Entry} entry @param {Problem} problem */
  async function refuse(entry, problem) {
    if (problem.code === 'stale-version' && fulfilled(problem.current, entry.body)) {
      await done(entry, problem.current);
      return;
    }
    if (tell(entry.id, { state: 'refused', problem })) {
      await forget(entry.id);
      return;
    }
    const kept = { ...entry, refused: { code: problem.code, detail: problem.detail || problem.title } };
    await keep(kept);
    parts.onRefused?.(kept);
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether the next one may go */
  async function attemptOne(entry) {
    sending = entry.id;
    try {
      await done(entry, await send(entry));
    } catch (error) {
      if (error instanceof Problem && !error.passing && error.status !== 401) {
        await refuse(entry, error);
      } else if (error instanceof Problem || error instanceof Unreachable) {
        // What stands behind it has to wait as well.
        for (const id of [...listeners.keys()]) tell(id, { state: 'kept' });
        later(error instanceof Problem ? error.retryAfter : undefined);
        return false;
      } else {
        throw error;
      }
    } finally {
      sending = '';
    }
    attempt = 0;
    return true;
  }

  /** @param {number} [seconds] */
  function later(seconds) {
    const wait = seconds === undefined ? backoff(attempt, random()) : seconds * 1000;
    attempt += 1;
    cancelRetry();
    cancelRetry = clock.after(wait, () => void flush());
  }

  async function flush() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    cancelRetry();
    try {
      await alone(async () => {
        await reload();
        for (let next = waiting.value[0]; next && !landing.has(next.id); next = waiting.value[0]) {
          if (!(await attemptOne(next))) break;
        }
      });
    } finally {
      running = false;
      if (again) {
        again = false;
        void flush();
      }
    }
  }

  /** The entry a write becomes: one of its own, or more of one that still waits. @param {Write} write */
  function place(write) {
    const open = waiting.value.find((entry) => entry.join && entry.join === write.join && entry.id !== sending);
    if (open) {
      const { version: _, ...fields } = write.body;
      return { ...open, body: { ...open.body, ...fields } };
    }
    const order = Math.max(time(), ...entries.value.map((entry) => entry.order + 1));
    return { ...write, id: uuid(), order, actor: actor() ?? '', made_at: time() };
  }

  /** What becomes of an entry, as far as a form wants to wait for it. @param {string} id @returns {Promise<Outcome>} */
  function hear(id) {
    tell(id, { state: 'kept' });
    return new Promise((resolve) => {
      const stop = clock.after(PATIENCE, () => tell(id, { state: 'kept' }));
      listeners.set(id, (settled) => {
        stop();
        resolve(settled);
      });
    });
  }

  return {
    waiting,
    refused,
    /** Reads what an earlier page left behind and starts sending it. */
    async start() {
      await reload();
      void flush();
    },
    reload,
    /** Sends now what waits; for when the network is back. */
    nudge() {
      attempt = 0;
      void flush();
    },
    /**
     * Keeps a write and sends it as soon as possible. Resolves when it is settled, or when it is
     * clear that it will take longer.
     *
     * @param {Write} write
     * @returns {Promise<Outcome>}
     */
    async add(write) {
      const entry = place(write);
      const outcome = hear(entry.id);
      await keep(entry);
      void flush();
      return outcome;
    },
    /** Somebody has read the refusal. @param {string} id */
    dismiss: (id) => forget(id),
  };
}
