// The picture of a product: taken with the device, or chosen from it.

import { html, nothing } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { tile } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { changeAsItIs } from './marks.js';
import { smaller } from './smaller.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

/** Iphones turn what they take into one of these when asked for them. */
const KINDS = 'image/jpeg,image/png,image/webp';
/** More pixels than the house keeps are not worth sending. */
const LARGEST = 2000;
const PATIENCE = 120_000;

/** @param {ProductBody} product @param {File} file @param {(product: ProductBody) => void} take */
async function send(product, file, take) {
  const media = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Media>>} */ (
    api.ask('POST', '/api/media', await smaller(file, LARGEST), { timeout: PATIENCE })
  );
  take(await changeAsItIs(product, () => ({ picture: media.data.id })));
  toast(() => t('photo.saved'));
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take @param {Event} event */
async function chosen(product, take, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const [file] = input.files ?? [];
  if (!file) return;
  const done = toast(() => t('photo.sending'), { stays: true });
  try {
    await send(product, file, take);
  } catch (error) {
    toast(() => explain(error), { tone: 'over', stays: true });
  } finally {
    done();
    input.value = '';
  }
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
async function remove(product, take) {
  // The house lets go of it at once: there is nothing to bring back.
  const sure = await confirmDialog({ title: () => t('photo.remove'), text: () => t('photo.remove.text'), confirm: () => t('photo.remove.do') });
  if (!sure) return;
  try {
    take(await changeAsItIs(product, () => ({ picture: null })));
    const input = document.getElementById('field-photo');
    input?.focus();
    toast(() => t('photo.removed'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
export function photo(product, take) {
  const { name, picture } = product;
  // A screen on the wall shows pictures and takes none.
  const may = product.state === 'active' && !store.screen.value;
  return html`<div class="photo">
    ${picture ? html`<img class="photo-face" src="/media/${picture}/thumb" alt=${t('photo.of', { name })} width="160" height="160" decoding="async" />` : tile(name, product.id)}
    ${may
      ? html`<div class="photo-acts">
          <label class="button photo-choose">
            ${icon('camera')}${t(picture ? 'photo.change' : 'photo.add')}
            <input class="unseen" id="field-photo" type="file" accept=${KINDS} @change=${(/** @type {Event} */ event) => void chosen(product, take, event)} />
          </label>
          ${picture
            ? html`<button class="button bare" type="button" aria-label=${t('photo.remove')} @click=${() => void remove(product, take)}>${icon('trash-2')}</button>`
            : nothing}
        </div>`
      : nothing}
  </div>`;
}
