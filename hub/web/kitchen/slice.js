// A piece of a long list: drawn while it is near the window, otherwise as much empty room as it takes.

import { html, list, nothing, Piece, signal } from '../lib/view.js';

/** How far from the window rows are drawn, so that they are there before one comes. */
const NEAR = '1200px 0px';

/** @type {IntersectionObserver | undefined} */
let observer;

function watcher() {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (target instanceof Slice) target.near(isIntersecting);
      }
    },
    { rootMargin: NEAR },
  );
  return observer;
}

/** @typedef {{ id: string }} Row */

class Slice extends Piece {
  /** @type {import('../lib/view.js').Signal<readonly Row[]>} */
  #rows = signal([]);
  #drawn = signal(false);
  /** @type {(row: any) => import('../lib/view.js').Template} */
  row = () => nothing;
  /** How high a row is as a rule, in rem. */
  usual = 4.75;

  get rows() {
    return this.#rows.value;
  }

  set rows(rows) {
    this.#rows.value = rows;
    if (!this.#drawn.peek()) this.#makeRoom();
  }

  /** @override */
  view() {
    if (!this.#drawn.value) return nothing;
    return html`<ul class="rows">${list(this.rows, ({ id }) => id, this.row)}</ul>`;
  }

  /** @param {boolean} near */
  near(near) {
    // What has the focus stays where it is.
    if (near === this.#drawn.peek() || (!near && this.contains(document.activeElement))) return;
    if (!near) this.style.blockSize = `${this.offsetHeight}px`;
    this.#drawn.value = near;
    if (near) this.style.blockSize = '';
  }

  #makeRoom() {
    this.style.blockSize = `${this.rows.length * this.usual}rem`;
  }

  /** @override */
  arrived() {
    watcher().observe(this);
  }

  /** @override */
  left() {
    watcher().unobserve(this);
  }
}

customElements.define('hearth-slice', Slice);
