// The paper itself, beside what was read of it: to be brought closer and moved about.

import { html, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */

const CLOSEST = 4;

/** What is shown of the paper of one receipt. */
export function paperPane() {
  const close = signal(1);
  const missing = signal('');
  const to = (/** @type {number} */ by) => (close.value = Math.min(CLOSEST, Math.max(1, close.peek() + by)));
  /** One taps a place and sees it closer, in the middle. @param {MouseEvent} event */
  const look = (event) => {
    const frame = /** @type {HTMLElement} */ (event.currentTarget);
    const image = frame.querySelector('img');
    if (!image) return;
    const box = image.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    close.value = close.peek() > 1 ? 1 : 2;
    requestAnimationFrame(() => {
      frame.scrollTo(x * image.clientWidth - frame.clientWidth / 2, y * image.clientHeight - frame.clientHeight / 2);
    });
  };

  /** @param {Receipt} receipt */
  const picture = ({ media_url: url = '', shop }) => {
    if (missing.value === url) return notice(t('receipt.picture.missing'), { tone: 'soon', icon: 'image' });
    return html`<div class="paper-frame near-${close.value}" tabindex="0" role="group" aria-label=${t('receipt.picture')} @dblclick=${look}>
        <img src=${url} alt=${t('receipt.picture.of', { shop: shop || t('receipt.unnamed') })} @error=${() => (missing.value = url)} />
      </div>
      <div class="paper-knobs">
        <button class="button" type="button" ?disabled=${close.value <= 1} aria-label=${t('receipt.farther')} @click=${() => to(-1)}>${icon('minus')}</button>
        <button class="button" type="button" ?disabled=${close.value >= CLOSEST} aria-label=${t('receipt.closer')} @click=${() => to(1)}>${icon('plus')}</button>
        <a class="button" href=${url} target="_blank" rel="noopener">${icon('image')}${t('receipt.picture.alone')}</a>
      </div>`;
  };

  /** @param {Receipt} receipt */
  const what = (receipt) => {
    const { source, media_url: url, text } = receipt;
    if (source === 'picture' && url) return part(() => picture(receipt));
    if (source === 'document' && url) {
      return html`<a class="button" href=${url} target="_blank" rel="noopener">${icon('receipt-text')}${t('receipt.document')}</a>`;
    }
    return source === 'text' ? nothing : html`<p class="quiet">${t(text ? 'receipt.paperless' : 'receipt.by-hand')}</p>`;
  };

  /** @param {Receipt} receipt */
  return (receipt) => {
    const { source, text } = receipt;
    const read = text ? html`<pre class="paper-text" tabindex="0" role="group" aria-label=${t('receipt.text')}>${text}</pre>` : nothing;
    return html`<section class="paper" aria-label=${t('receipt.paper')}>
      ${what(receipt)}
      ${text && source === 'picture'
        ? html`<details class="folded"><summary>${t('receipt.text')}</summary>${read}</details>`
        : read}
    </section>`;
  };
}
