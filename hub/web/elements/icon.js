import { html } from '../lib/view.js';

const sprite = new URL('../icons.svg', import.meta.url).pathname;

/** A picture that goes with a word; it says nothing by itself. @param {string} name */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
}
