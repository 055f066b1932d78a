// A piece of a long list: drawn while it is near the window, otherwise as much empty room as it takes.
//
// Rows are drawn a few at a time, those in sight first, so that fingers and keys are never kept waiting.

import { html, list, nothing, Piece, signal } from '../lib/view.js';

/** How far from the window rows are drawn, so that they are there before one comes. */
const NEAR = 900;
/** How many rows are drawn without a rest. */
const AT_ONCE = 6;

/** @type {IntersectionObserver | undefined} */
let observer;
/** Those with rows still to be drawn, in the order of their turn. @type {Slice[]} */
let waiting = [];
let busy = false;

function drawOn() {
  const next = waiting[0];
  busy = next !== undefined;
  if (!next) return;
  if (!next.drawSome()) waiting = waiting.filter((slice) => slice !== next);
  // Whoever looks sees the first rows before the next are drawn.
  setTimeout(drawOn);
}

function watcher() {
  observer ??= new IntersectionObserver(
    (entries) => {
      const middle = innerHeight / 2;
      const away = (/** @type {IntersectionObserverEntry} */ { boundingClientRect: { top, bottom } }) => Math.max(top - middle, middle - bottom, 0);
      for (const { target, isIntersecting, boundingClientRect: box } of entries.sort((a, b) => away(a) - away(b))) {
        if (!(target instanceof Slice)) continue;
        if (!isIntersecting) target.leave(box.height);
        else if (!waiting.includes(target)) waiting.push(target);
      }
      if (!busy) drawOn();
    },
    { rootMargin: `${NEAR}px 0px` },
  );
  return observer;
}

/** @typedef {{ id: string }} Row */

class Slice extends Piece {
  /** @type {import('../lib/view.js').Signal<readonly Row[]>} */
  #rows = signal([]);
  #drawn = signal(0);
  /** @type {(row: any) => import('../lib/view.js').Template} */
  row = () => nothing;
  /** Whether it is among what is seen first: then its first rows are there without a look at the window. */
  first = false;
  /** How high a row is as a rule, in rem. */
  usual = 4.75;

  get rows() {
    return this.#rows.value;
  }

  set rows(rows) {
    const before = this.#rows.peek();
    this.#rows.value = rows;
    if (before.length !== rows.length && this.#drawn.peek() < rows.length) this.#makeRoom(`${rows.length * this.usual}rem`);
  }

  /** @override */
  view() {
    const most = this.#drawn.value;
    return most > 0 ? html`<ul class="rows">${list(this.rows.slice(0, most), ({ id }) => id, this.row)}</ul>` : nothing;
  }

  /** Draws a few more rows; whether any are left. */
  drawSome() {
    if (!this.isConnected) return false;
    const drawn = this.#drawn.peek() + AT_ONCE;
    this.#drawn.value = drawn;
    const all = drawn >= this.#rows.peek().length;
    if (all) {
      this.#drawn.value = Infinity;
      this.#makeRoom('');
    }
    return !all;
  }

  /** Nobody is near any more. What has the focus stays. @param {number} height as it was */
  leave(height) {
    waiting = waiting.filter((slice) => slice !== this);
    if (this.#drawn.peek() === 0 || this.contains(document.activeElement)) return;
    this.#makeRoom(`${height}px`);
    this.#drawn.value = 0;
  }

  /** @param {string} size */
  #makeRoom(size) {
    this.style.minBlockSize = size;
  }

  /** @override */
  arrived() {
    if (this.first) this.drawSome();
    watcher().observe(this);
  }

  /** @override */
  left() {
    watcher().unobserve(this);
    waiting = waiting.filter((slice) => slice !== this);
  }
}

customElements.define('hearth-slice', Slice);
