// Both sides of what two people changed at the same time.

import { html, nothing } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';

/** @typedef {{ what: string, mine: string, theirs: string, keep: () => void, take: () => void }} Dispute */

/** @param {string} id @param {Dispute[]} all */
export function bothSides(id, all) {
  if (all.length === 0) return nothing;
  return html`<div class="notice soon" id=${id} tabindex="-1" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack">
      <p><strong>${t('product.disputed')}</strong></p>
      ${all.map(
        ({ keep, take, ...values }) => html`<div class="stack tight">
          <p>${t('product.disputed.both', values)}</p>
          <div class="actions start">
            <button class="button" type="button" @click=${keep}>${t('product.disputed.mine', values)}</button>
            <button class="button" type="button" @click=${take}>${t('product.disputed.theirs', values)}</button>
          </div>
        </div>`,
      )}
    </div>
  </div>`;
}
