// Short messages that pass, and a few that wait to be read.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from './icon.js';

/**
 * @typedef {object} Toast
 * @property {number} id
 * @property {() => string} text
 * @property {'plain' | 'over'} tone
 * @property {{ word: () => string, run: () => void }} [action]
 */

/** @type {import('#signals').Signal<Toast[]>} */
const shown = signal([]);
let count = 0;
const SHORT = 5000;
const LONG = 9000;

/**
 * @param {() => string} text
 * @param {{ tone?: 'plain' | 'over', action?: Toast['action'], stays?: boolean }} [options]
 * @returns {() => void} takes it away again
 */
export function toast(text, { tone = 'plain', action, stays = false } = {}) {
  const id = ++count;
  /** @type {Toast} */
  const made = { id, text, tone };
  if (action) made.action = action;
  const remove = () => {
    shown.value = shown.value.filter((toast) => toast.id !== id);
  };
  shown.value = [...shown.value.slice(-2), made];
  if (!stays) linger(id, action ? LONG : SHORT, remove);
  return remove;
}

/** Waits, and longer while somebody's pointer or focus is on the message. @param {number} id @param {number} ms @param {() => void} remove */
function linger(id, ms, remove) {
  setTimeout(() => {
    const element = document.getElementById(`toast-${id}`);
    if (element?.matches(':hover, :focus-within')) linger(id, ms, remove);
    else remove();
  }, ms);
}

/** Where the focus was before it came to the messages. @type {HTMLElement | null} */
let before = null;

/** @param {FocusEvent} event */
function entered({ currentTarget, relatedTarget }) {
  const from = /** @type {HTMLElement | null} */ (relatedTarget);
  if (!(/** @type {Element} */ (currentTarget).contains(from))) before = from;
}

/** @param {Toast} toast */
function row(toast) {
  const close = () => {
    if (document.getElementById(`toast-${toast.id}`)?.matches(':focus-within')) before?.focus({ preventScroll: true });
    shown.value = shown.value.filter(({ id }) => id !== toast.id);
  };
  const { action } = toast;
  return html`<div class="toast ${toast.tone}" id="toast-${toast.id}">
    ${icon(toast.tone === 'over' ? 'triangle-alert' : 'circle-check')}
    <span class="grow">${toast.text()}</span>
    ${action
      ? html`<button
          class="button bare word"
          type="button"
          @click=${() => {
            close();
            action.run();
          }}
        >
          ${action.word()}
        </button>`
      : nothing}
    <button class="button bare" type="button" aria-label=${t('action.dismiss')} @click=${close}>${icon('x')}</button>
  </div>`;
}

/** Where messages appear; once, in the frame. Both regions are there from the start, so that they are read out. */
export function toastRegion() {
  const rows = (/** @type {Toast['tone']} */ tone) =>
    list(
      shown.value.filter((toast) => toast.tone === tone),
      (toast) => toast.id,
      row,
    );
  return html`<div class="toasts" @focusin=${entered}>
    <div role="status">${part(() => rows('plain'))}</div>
    <div role="alert">${part(() => rows('over'))}</div>
  </div>`;
}
