// What was chosen to be sent: on the device until the house has it.
//
// A paper may be thrown away once its picture is taken, so the picture is kept before it is sent, also where
// nobody answers; each with a key of its own, so that sending twice is sending once.

import { batch, computed, signal } from '#signals';
import { Problem, Unreachable } from '../lib/api.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */

/**
 * @typedef {object} Paper
 * @property {string} id also the idempotency key
 * @property {string} name as the file is called; nothing for a text
 * @property {string} type
 * @property {ArrayBuffer} bytes
 * @property {string} actor who chose it; nobody else's sign-in sends it
 * @property {number} order
 * @property {{ code: string, detail: string }} [refused]
 */

/**
 * @typedef {object} TrayParts
 * @property {import('../lib/outbox.js').Shelf<Paper>} shelf
 * @property {(paper: Paper, progress: (part: number) => void) => Promise<Receipt>} send
 * @property {() => string | undefined} actor
 * @property {() => string} uuid
 * @property {() => number} time
 * @property {(ms: number, then: () => void) => () => void} after
 * @property {(receipt: Receipt) => void} arrived
 * @property {(count: number) => void} [waiting] tells how many are kept here
 * @property {(work: () => Promise<void>) => Promise<unknown>} [alone] one page at a time
 */

/** How long until one that could not be sent is tried again. */
const PAUSE = 15_000;

export class Tray {
  /** @type {TrayParts} */
  #parts;
  /** @type {import('#signals').Signal<readonly Paper[]>} */
  #papers = signal(/** @type {readonly Paper[]} */ ([]));
  /** Which one is on its way, and how much of it. @type {import('#signals').Signal<{ id: string, part: number } | null>} */
  sending = signal(null);
  /** Whether this device keeps them also when the page is closed. */
  safe = signal(true);
  /** @type {Promise<void> | undefined} */
  #read;
  #running = false;
  #stopWaiting = () => {};

  /** @param {TrayParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Of whoever is here, in the order in which they were chosen. */
  papers = computed(() => {
    const who = this.#parts.actor();
    return this.#papers.value.filter(({ actor }) => actor === who);
  });

  /** Reads what an earlier page left behind, and sends it. */
  async start() {
    this.#read ??= this.#parts.shelf.all().then(
      (kept) => {
        const here = new Set(this.#papers.peek().map(({ id }) => id));
        this.#set([...kept.filter(({ id }) => !here.has(id)), ...this.#papers.peek()]);
      },
      () => void (this.safe.value = false),
    );
    await this.#read;
    void this.flush();
  }

  /** @param {readonly Paper[]} papers */
  #set(papers) {
    this.#papers.value = [...papers].sort((a, b) => a.order - b.order);
    this.#parts.waiting?.(papers.length);
  }

  /** @param {Paper} paper */
  async #keep(paper) {
    this.#set([...this.#papers.peek().filter(({ id }) => id !== paper.id), paper]);
    await this.#parts.shelf.put(paper).catch(() => void (this.safe.value = false));
  }

  /** @param {{ name: string, type: string, bytes: ArrayBuffer }} chosen */
  async add({ name, type, bytes }) {
    const { actor, uuid, time } = this.#parts;
    const order = Math.max(time(), ...this.#papers.peek().map((paper) => paper.order + 1));
    await this.#keep({ id: uuid(), name, type, bytes, actor: actor() ?? '', order });
    void this.flush();
  }

  /** Takes it away: it has arrived, or is not to. @param {string} id */
  async drop(id) {
    this.#set(this.#papers.peek().filter((paper) => paper.id !== id));
    await this.#parts.shelf.remove(id).catch(() => {});
  }

  /** Sends one once more that was refused. @param {string} id */
  async again(id) {
    const paper = this.#papers.peek().find((one) => one.id === id);
    if (!paper) return;
    const { refused: _, ...fresh } = paper;
    await this.#keep({ ...fresh, id: this.#parts.uuid() });
    await this.drop(id);
    void this.flush();
  }

  /** Sends what waits, one after the other. */
  async flush() {
    if (this.#running) return;
    this.#running = true;
    this.#stopWaiting();
    const alone = this.#parts.alone ?? ((work) => work());
    try {
      await alone(() => this.#sendAll());
    } finally {
      this.#running = false;
    }
  }

  async #sendAll() {
    const next = () => this.papers.peek().find(({ refused }) => !refused);
    for (let paper = next(); paper; paper = next()) {
      if (!(await this.#try(paper))) return;
    }
  }

  /** @param {Paper} paper whether the next may go */
  async #try(paper) {
    this.sending.value = { id: paper.id, part: 0 };
    try {
      const receipt = await this.#parts.send(paper, (part) => (this.sending.value = { id: paper.id, part }));
      batch(() => {
        this.sending.value = null;
        this.#parts.arrived(receipt);
      });
      await this.drop(paper.id);
      return true;
    } catch (error) {
      this.sending.value = null;
      if (error instanceof Problem && !error.passing && error.status !== 401) {
        await this.#keep({ ...paper, refused: { code: error.code, detail: error.detail || error.title } });
        return true;
      }
      if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
      const pause = error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : PAUSE;
      this.#stopWaiting = this.#parts.after(pause, () => void this.flush());
      return false;
    }
  }
}
