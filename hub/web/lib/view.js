// A view is a function from state to template; state lives in signals.
//
// `mount` draws a view and draws it again whenever a signal it read has changed. `part` does the
// same for a piece of a larger view, so that a clock that ticks redraws the clock and nothing else.
// `Piece` is the base of the few elements that need to know when they come and go.

import { html, nothing, render, svg } from '#lit-html';
import { AsyncDirective, directive } from '#lit-html/async';
import { live } from '#lit-html/live';
import { repeat } from '#lit-html/repeat';
import { batch, computed, effect, signal, untracked } from '#signals';

export { batch, computed, effect, html, live, nothing, signal, svg, untracked };

/** @typedef {import('#lit-html').TemplateResult | typeof nothing | string | number | null | undefined} Simple */
/** @typedef {Simple | Simple[] | import('#lit-html/async').DirectiveResult} Template */
/**
 * @template T
 * @typedef {import('#signals').Signal<T>} Signal
 */
/**
 * @template T
 * @typedef {import('#signals').ReadonlySignal<T>} ReadonlySignal
 */

/**
 * Draws `view` into `root` until the returned function is called.
 *
 * @param {HTMLElement} root
 * @param {() => Template} view
 * @returns {() => void}
 */
export function mount(root, view) {
  return effect(() => {
    render(view(), root);
  });
}

/**
 * A list whose rows keep their place in the page, and so their focus, as long as their key lives.
 *
 * @template T
 * @param {Iterable<T>} items
 * @param {(item: T) => unknown} key
 * @param {(item: T, index: number) => Template} row
 * @returns {Template}
 */
export function list(items, key, row) {
  return /** @type {import('#lit-html/async').DirectiveResult} */ (repeat(items, key, row));
}

class Part extends AsyncDirective {
  /** @type {(() => void) | undefined} */
  #stop;
  /** @type {(() => Template) | undefined} */
  #view;

  /** @param {() => Template} view */
  render(view) {
    this.#view = view;
    this.#stop?.();
    this.#stop = undefined;
    return this.#follow();
  }

  #follow() {
    let first = true;
    /** @type {Template} */
    let drawn = nothing;
    this.#stop = untracked(() =>
      effect(() => {
        drawn = this.#view?.();
        if (!first) this.setValue(drawn);
      }),
    );
    first = false;
    return drawn;
  }

  /** @override */
  disconnected() {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** @override */
  reconnected() {
    if (!this.#stop) this.setValue(this.#follow());
  }
}

/** A piece of a view that follows its own signals. */
export const part = directive(Part);

/** The base of elements with a lifecycle. They draw into themselves, in the open. */
export class Piece extends HTMLElement {
  /** @type {(() => void) | undefined} */
  #stop;

  /** What the element shows. Override it. @returns {Template} */
  view() {
    return nothing;
  }

  /** Called once the element is on the page and drawn. */
  arrived() {}

  /** Called when the element has left the page. */
  left() {}

  connectedCallback() {
    if (this.#stop) return;
    this.#stop = untracked(() => mount(this, () => this.view()));
    this.arrived();
  }

  disconnectedCallback() {
    this.#stop?.();
    this.#stop = undefined;
    this.left();
  }
}
