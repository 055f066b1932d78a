// The reader as the page knows it: a worker of its own that is given one picture at a time.

/** @typedef {import('./sight.js').Read} Read */
/** @typedef {Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>} Beside */

/** The reader could not be loaded, or broke. */
export class Unreadable extends Error {}

const besidePage = () => /** @type {Beside} */ (new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));

export class Reader {
  #make;
  /** @type {Beside | undefined} */
  #worker;
  /** The picture that is being read, and those behind it. @type {Promise<unknown>} */
  #turn = Promise.resolve();
  #settle = (/** @type {{ codes?: Read[], trouble?: string }} */ _answer) => {};

  /** @param {() => Beside} [make] */
  constructor(make = besidePage) {
    this.#make = make;
  }

  /**
   * Every code on a picture. The picture is handed over and is empty afterwards.
   *
   * @param {ImageData} picture
   * @param {{ thorough?: boolean }} [how] `thorough`: for one picture that will not be taken again
   * @returns {Promise<Read[]>}
   */
  read(picture, { thorough = false } = {}) {
    const asked = this.#turn.then(() => this.#ask(picture, thorough));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  close() {
    this.#settle({ codes: [] });
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #beside() {
    if (this.#worker) return this.#worker;
    const worker = this.#make();
    worker.onmessage = ({ data }) => this.#settle(data);
    worker.onerror = () => this.#settle({ trouble: 'not loaded' });
    this.#worker = worker;
    return worker;
  }

  /** @param {ImageData} picture @param {boolean} thorough @returns {Promise<Read[]>} */
  async #ask(picture, thorough) {
    /** @type {{ codes?: Read[], trouble?: string }} */
    const answer = await new Promise((resolve) => {
      this.#settle = resolve;
      const { data, width, height } = picture;
      this.#beside().postMessage({ picture: { data, width, height }, thorough }, [data.buffer]);
    });
    if (answer.codes) return answer.codes;
    // The next one starts anew: what was missing may be there by then.
    this.close();
    throw new Unreadable(answer.trouble);
  }
}
