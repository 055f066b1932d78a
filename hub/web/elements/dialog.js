// Dialogs: the browser's own, opened from anywhere, drawn in one place.
//
// The browser keeps the focus inside, closes on Escape and gives the focus back. What is added
// here: the answer comes as a promise, and a click beside the dialog closes it.

import { html, list, nothing, Piece, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from './icon.js';

/** @typedef {import('../lib/view.js').Template} Template */

/**
 * @typedef {object} Open
 * @property {number} id
 * @property {() => string} title
 * @property {(close: (answer?: any) => void) => Template} body
 * @property {(answer: any) => void} answer
 */

/** @type {import('#signals').Signal<Open[]>} */
const open = signal([]);
let count = 0;

/**
 * Opens a dialog and waits for its answer; undefined when it was only closed.
 *
 * @param {{ title: () => string, body: (close: (answer?: any) => void) => Template }} parts
 * @returns {Promise<any>}
 */
export function openDialog({ title, body }) {
  const id = ++count;
  return new Promise((resolve) => {
    /** @param {any} value */
    const answer = (value) => {
      open.value = open.value.filter((dialog) => dialog.id !== id);
      resolve(value);
    };
    open.value = [...open.value, { id, title, body, answer }];
  });
}

/**
 * Asks before something that cannot be taken back.
 *
 * @param {{ title: () => string, text: () => Template, confirm: () => string, tone?: 'danger' | 'primary' }} parts
 * @returns {Promise<boolean>}
 */
export async function confirmDialog({ title, text, confirm, tone = 'danger' }) {
  const answer = await openDialog({
    title,
    body: (close) => html`
      <div class="stack">
        <div class="quiet">${text()}</div>
        <div class="actions">
          <button class="button" type="button" autofocus @click=${() => close(false)}>${t('action.cancel')}</button>
          <button class="button ${tone}" type="button" @click=${() => close(true)}>${confirm()}</button>
        </div>
      </div>
    `,
  });
  return answer === true;
}

/** Closes whatever is open, for instance when the person has signed out. */
export function closeDialogs() {
  for (const dialog of open.value) dialog.answer(undefined);
}

class DialogElement extends Piece {
  /** @type {Open | undefined} */
  dialog;
  /** @type {Element | null} */
  #before = null;

  /** @override */
  view() {
    const { dialog } = this;
    if (!dialog) return nothing;
    const heading = `dialog-${dialog.id}`;
    return html`<dialog
      class="dialog"
      aria-labelledby=${heading}
      @cancel=${this.#cancelled}
      @close=${() => dialog.answer(undefined)}
      @pointerdown=${this.#beside}
    >
      <div class="dialog-inner">
        <div class="dialog-head">
          <h2 id=${heading} tabindex="-1">${dialog.title()}</h2>
          <button class="button bare" type="button" aria-label=${t('action.close')} @click=${() => dialog.answer(undefined)}>
            ${icon('x')}
          </button>
        </div>
        ${dialog.body(dialog.answer)}
      </div>
    </dialog>`;
  }

  /** @param {Event} event */
  #cancelled = (event) => {
    event.preventDefault();
    this.dialog?.answer(undefined);
  };

  /** @param {PointerEvent} event */
  #beside = (event) => {
    if (event.target === event.currentTarget) this.dialog?.answer(undefined);
  };

  /** @override */
  arrived() {
    this.#before = document.activeElement;
    const native = this.querySelector('dialog');
    native?.showModal();
    const first = native?.querySelector('[autofocus]') ?? native?.querySelector('input, select, textarea, h2');
    if (first instanceof HTMLElement) first.focus();
  }

  /** @override */
  left() {
    if (this.#before instanceof HTMLElement && this.#before.isConnected) this.#before.focus();
  }
}

customElements.define('hearth-dialog', DialogElement);

/** Where dialogs are drawn; once, in the frame. */
export function dialogHost() {
  return list(
    open.value,
    (dialog) => dialog.id,
    (dialog) => html`<hearth-dialog .dialog=${dialog}></hearth-dialog>`,
  );
}
