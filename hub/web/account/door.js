import { html, nothing } from '../lib/view.js';

const mark = new URL('../icons/icon.svg', import.meta.url).pathname;

/** @typedef {import('../lib/view.js').Template} Template */

/**
 * A card at the door: the mark, what this is, and the one thing to do.
 *
 * @param {{ title: string, text?: Template, body: Template }} parts
 */
export function doorCard({ title, text, body }) {
  return html`<div class="card stack wide">
    <div class="stack">
      <img class="mark" src=${mark} alt="" width="64" height="64" />
      <div class="stack tight">
        <h1 tabindex="-1">${title}</h1>
        ${text ? html`<p class="quiet">${text}</p>` : nothing}
      </div>
    </div>
    ${body}
  </div>`;
}
