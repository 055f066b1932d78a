// What of all that the camera sees is meant, and that it is taken once.
//
// A pack often carries several codes, a shelf several packs, and a code stays in view for many pictures. So a
// code that was taken is not taken again until it has been out of view for a while; of two codes of one article
// the one that says more counts; of several articles the one that is held into the middle, or none, and then a
// person says which.

/**
 * A code as the reader names it, and where it was: parts of the picture, from 0 to 1.
 *
 * @typedef {{ id: string, text: string, x: number, y: number, bars: boolean }} Read
 */

/** @typedef {{ message: string, x: number, y: number }} Code */
/** @typedef {{ take?: Code, among: Code[] }} Choice `among`: those that a person may choose from */

/** So long a code may go unread and is still in view: a hand shakes. */
export const LINGERS = 500;
/** After so long out of view it may come again. */
export const AWAY = 1200;
/** And never sooner than this after it was taken. */
export const GUARD = 2000;
/** So far from the middle (of half the picture) a code may be and is still held into it. */
const MIDDLE = 0.5;
/** And the next one has to be further away by so much. */
const CLEARLY = 2;

/** What a scanner would send: the kind of symbol in front, separators as they are. @param {Pick<Read, 'id' | 'text'>} read */
export function message({ id, text }) {
  return /^\][A-Za-z][0-9A-Za-z]$/.test(id) ? id + text : text;
}

/** The article's number in fourteen digits, as far as that can be told without reading further. @param {string} message */
export function article(message) {
  const [, number] =
    /^\]E[04](\d{8}|\d{13})$/.exec(message) ??
    /^\](?:d2|C1|Q3|e0)01(\d{14})/.exec(message) ??
    /^(?:\]..)?https?:\/\/\S*\/(?:01|gtin)\/(\d{8,14})(?:[/?#]|$)/i.exec(message) ??
    [];
  return number?.padStart(14, '0') ?? '';
}

/** Whether a code says no more than which article it is on. @param {string} message */
function bare(message) {
  return /^\]E[04]/.test(message) || /^\]..01\d{14}$/.test(message) || /\/(?:01|gtin)\/\d{8,14}\/?$/i.test(message);
}

/** An address that leads to somebody's page, and to no article. @param {string} message */
export function elsewhere(message) {
  return /^(?:\]..)?(?:https?:\/\/|www\.)/i.test(message) && !article(message);
}

/** Whether it is for us without doubt: an article, a GS1 code, or one of the house's own. @param {string} message */
function ours(message) {
  return article(message) !== '' || /^\](?:d2|C1|Q3|e0)/.test(message) || /^(?:\]..)?HEARTH[A-Z]/i.test(message);
}

/**
 * Whether two codes are on one pack, as far as can be told: the same, or of one article and one of them says no
 * more than that.
 *
 * @param {string} one
 * @param {string} other
 */
export function samePack(one, other) {
  if (one === other) return true;
  const number = article(one);
  return number !== '' && number === article(other) && (bare(one) || bare(other));
}

/** @param {Code} code */
const offMiddle = ({ x, y }) => Math.hypot(x - 0.5, y - 0.5) * 2;

/** Of codes on one pack the one that says most. @param {Code[]} codes */
function richest(codes) {
  const sorted = [...codes].sort((a, b) => Number(bare(a.message)) - Number(bare(b.message)) || b.message.length - a.message.length);
  /** @type {Code[]} */
  const kept = [];
  for (const code of sorted) {
    const there = kept.find(({ message }) => samePack(message, code.message));
    if (!there) kept.push(code);
    // The pack is in the middle when any of its codes is.
    else if (offMiddle(code) < offMiddle(there)) kept[kept.indexOf(there)] = { ...there, x: code.x, y: code.y };
  }
  return kept;
}

/** Of all codes in view the one that is meant. @param {Code[]} codes @returns {Choice} */
export function choose(codes) {
  const certain = codes.filter(({ message }) => ours(message));
  const packs = richest(certain.length > 0 ? certain : codes).sort((a, b) => offMiddle(a) - offMiddle(b));
  const [first, second] = packs;
  if (!first) return { among: [] };
  const alone = !second && !elsewhere(first.message);
  const held = second && offMiddle(first) <= MIDDLE && offMiddle(second) >= CLEARLY * offMiddle(first);
  if (alone || (held && certain.length > 0)) return { take: first, among: [] };
  return { among: packs };
}

export class Sight {
  /** What is in view: where, when it was seen last, and how often. @type {Map<string, Code & { last: number, count: number, bars: boolean }>} */
  #view = new Map();
  /** What was taken, and when it was seen last. @type {{ message: string, taken: number, seen: number }[]} */
  #taken = [];

  /**
   * What one picture showed.
   *
   * @param {readonly Read[]} reads
   * @param {number} at milliseconds
   * @returns {Choice}
   */
  look(reads, at) {
    for (const read of reads) this.#see(read, at);
    for (const [message, { last }] of this.#view) if (at - last > LINGERS) this.#view.delete(message);
    this.#taken = this.#taken.filter(({ taken, seen }) => at - seen <= AWAY || at - taken <= GUARD);
    // Bars have to be read twice: unlike squares they have no means to correct what is misread.
    const sure = [...this.#view.values()].filter(({ bars, count }) => count > 1 || !bars);
    const { take, among } = choose(sure.map(({ message, x, y }) => ({ message, x, y })));
    if (take) return this.#held(take.message) ? { among: [] } : { take, among };
    return { among: among.filter(({ message }) => !this.#held(message)) };
  }

  /** This one is being booked. @param {string} message @param {number} at */
  take(message, at) {
    this.#taken.push({ message, taken: at, seen: at });
  }

  /** Nothing is in view any more: the camera was away. */
  forget() {
    this.#view.clear();
  }

  /** @param {string} message */
  #held(message) {
    return this.#taken.some((one) => samePack(one.message, message));
  }

  /** @param {Read} read @param {number} at */
  #see(read, at) {
    const said = message(read);
    const count = (this.#view.get(said)?.count ?? 0) + 1;
    this.#view.set(said, { message: said, x: read.x, y: read.y, bars: read.bars, last: at, count });
    for (const one of this.#taken) if (samePack(one.message, said)) one.seen = at;
  }
}

/**
 * The part of the film that its frame on the page shows (`object-fit: cover`), and how small it may be read.
 *
 * @param {{ width: number, height: number }} film
 * @param {{ width: number, height: number }} frame
 * @param {number} [longest] pixels of the longer side
 */
export function region(film, frame, longest = 1280) {
  const scale = Math.max(frame.width / film.width, frame.height / film.height);
  const [width, height] = [Math.min(film.width, frame.width / scale), Math.min(film.height, frame.height / scale)];
  const smaller = Math.min(1, longest / Math.max(width, height));
  return {
    x: Math.round((film.width - width) / 2),
    y: Math.round((film.height - height) / 2),
    width: Math.round(width),
    height: Math.round(height),
    to: { width: Math.round(width * smaller), height: Math.round(height * smaller) },
  };
}
