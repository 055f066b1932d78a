// What two people changed at the same time, with both sides of it.

import { html, nothing } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from './icon.js';

/** @typedef {import('../lib/meet.js').Fields} Fields */

/** Where both sides are shown, for the focus to go there. */
const DISPUTED = 'disputed';

/** @typedef {{ what: string, mine: string, theirs: string, keep: () => void, take: () => void }} Dispute both sides in words */

/** @param {readonly Dispute[]} all @param {string} [id] where several may be on the page */
export function bothSides(all, id = DISPUTED) {
  if (all.length === 0) return nothing;
  return html`<div class="notice soon" id=${id} tabindex="-1" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack">
      <p><strong>${t('disputed')}</strong></p>
      ${all.map(
        ({ keep, take, ...both }) => html`<div class="stack tight">
          <p>${t('disputed.both', both)}</p>
          <div class="actions start">
            <button class="button" type="button" @click=${keep}>${t('disputed.mine', both)}</button>
            <button class="button" type="button" @click=${take}>${t('disputed.theirs', both)}</button>
          </div>
        </div>`,
      )}
    </div>
  </div>`;
}

/**
 * @param {object} parts
 * @param {Fields} parts.theirs what the other said where both spoke
 * @param {(name: string, theirs: string) => { what: string, mine: string, theirs: string }} parts.said both sides in words
 * @param {(name: string) => void} parts.keep
 * @param {(name: string) => void} parts.take
 */
export function disputes({ theirs, said, keep, take }) {
  return bothSides(Object.entries(theirs).map(([name, value]) => ({ ...said(name, value), keep: () => keep(name), take: () => take(name) })));
}

/** Leads whoever typed to what is disputed. */
export function showDisputes() {
  requestAnimationFrame(() => document.getElementById(DISPUTED)?.focus());
}

/** Puts a value where one types. @param {string} id of what the form stands in @param {string} name @param {string} value */
export function fill(id, name, value) {
  const form = document.getElementById(id)?.querySelector('form');
  const input = /** @type {HTMLFormElement | null | undefined} */ (form)?.elements.namedItem(name);
  if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) input.value = value;
}
