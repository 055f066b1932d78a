import { html, nothing } from '../lib/view.js';
import { dateTime, relative, t } from '../lib/text.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';

/** @param {string} url */
async function copy(url) {
  try {
    await navigator.clipboard.writeText(url);
  } catch {
    const field = document.querySelector('.share-link');
    if (field instanceof HTMLInputElement) field.select();
    if (!document.execCommand('copy')) {
      toast(() => t('share.copy-yourself'), { tone: 'over' });
      return;
    }
  }
  toast(() => t('share.copied'));
}

/**
 * A link that is shown once, with the ways of handing it on.
 *
 * @param {{ url: string, expires: string, text: string }} parts
 */
export function shareLink({ url, expires, text }) {
  const share = typeof navigator.share === 'function';
  return html`<div class="stack">
    <p class="quiet">${text}</p>
    <div class="field">
      <label class="label" for="share-link">${t('share.link')}</label>
      <input class="input share-link" id="share-link" readonly .value=${url} @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()} />
      <p class="hint" title=${dateTime(expires)}>${t('share.expires', { when: relative(expires) })}</p>
    </div>
    <div class="actions">
      ${share
        ? html`<button class="button" type="button" @click=${() => void navigator.share({ url }).catch(() => {})}>
            ${icon('share-2')}${t('share.share')}
          </button>`
        : nothing}
      <button class="button primary" type="button" @click=${() => void copy(url)}>${icon('copy')}${t('share.copy')}</button>
    </div>
  </div>`;
}
