// Saying what a code is: a name of its own, or something that is known already, so that nothing is there twice.

import { html } from '../lib/view.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { chooseProduct } from './choose.js';
import { inFull, plain } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {{ name: string } | { into: string }} Word */

/** What is called so already. @param {string} name */
async function calledSo(name) {
  /** @type {import('../types/wire.d.ts').Page<ProductBody>} */
  const { items } = await api.get(`/api/products?limit=12&q=${encodeURIComponent(name)}`);
  return items.find((one) => one.state === 'active' && [one.name, inFull(one)].some((other) => plain(other) === plain(name)));
}

/** The word for a name; nothing where somebody thought better of it. @param {string} name @returns {Promise<Word | undefined>} */
export async function wordFor(name) {
  const one = await calledSo(name);
  if (!one) return { name };
  return openDialog({
    title: () => t('inbox.known.already', { name: inFull(one) }),
    body: (close) => html`<div class="stack">
      <p>${t('inbox.known.already.text')}</p>
      <div class="actions">
        <button class="button" type="button" @click=${() => close({ name })}>${t('inbox.known.other')}</button>
        <button class="button primary" type="button" autofocus @click=${() => close({ into: one.id })}>${t('inbox.known.same')}</button>
      </div>
    </div>`,
  });
}

/** Whatever is typed as its name is looked for. @param {string} field its id @param {(product: ProductBody) => void} say */
export function choosing(field, say) {
  const choose = async () => {
    const typed = document.getElementById(field);
    const product = await chooseProduct({
      title: () => t('inbox.known.which'),
      text: () => t('inbox.known.which.text'),
      label: () => t('stock.search'),
      begin: typed instanceof HTMLInputElement ? typed.value.trim() : '',
    });
    if (product) say(product);
  };
  return html`<div class="actions start">
    <button class="button" type="button" @click=${() => void choose()}>${icon('search')}${t('inbox.known')}</button>
  </div>`;
}
