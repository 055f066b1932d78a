// How a product ends: it becomes a part of another, or is not used any more; and how it comes back.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { toast } from '../elements/toast.js';
import { face } from './lots.js';
import { changeAsItIs } from './marks.js';
import { amount } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

/** @param {unknown} error */
const complain = (error) => void toast(() => explain(error), { tone: 'over' });

/** @param {ProductBody} product @param {ProductBody} into */
async function merge(product, into) {
  const names = { name: product.name, other: into.name };
  const sure = await confirmDialog({
    title: () => t('merge.sure', names),
    text: () => t('merge.sure.text', names),
    confirm: () => t('merge.do'),
    tone: 'primary',
  });
  if (!sure) return;
  try {
    await api.post(`/api/products/${product.id}/merge`, { into: into.id });
    toast(() => t('merge.done', names));
    going.to(`/app/product/${into.id}`, { replace: true });
  } catch (error) {
    complain(error);
  }
}

/** Asks which other product this one is. @param {ProductBody} product */
export async function chooseOther(product) {
  const query = signal('');
  const found = watch(async () => {
    const q = query.peek().trim();
    const answer = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<ProductBody>>>} */ (
      api.read(`/api/products?limit=12${q && `&q=${encodeURIComponent(q)}`}`)
    );
    return { data: answer.data.items.filter(({ id }) => id !== product.id), asOf: answer.asOf };
  });
  void found.load();
  const looked = (/** @type {Event} */ event) => {
    query.value = /** @type {HTMLInputElement} */ (event.target).value;
    void found.load();
  };
  /** @type {ProductBody | undefined} */
  const other = await openDialog({
    title: () => t('merge.title', { name: product.name }),
    body: (close) => html`<div class="stack">
      <p class="quiet">${t('merge.text')}</p>
      <div class="field">
        <label class="label" for="field-other">${t('merge.search')}</label>
        <input class="input" id="field-other" type="search" autocomplete="off" autofocus @input=${looked} />
      </div>
      <div role="status">
        ${part(() => {
          if (found.trouble.value) return html`<p>${explain(found.trouble.value)}</p>`;
          const all = found.data.value ?? [];
          if (found.data.value && all.length === 0) return html`<p class="quiet">${t('stock.none', { query: query.value })}</p>`;
          return html`<ul class="card rows compact">
            ${list(all, ({ id }) => id, (one) => candidate(one, () => close(one)))}
          </ul>`;
        })}
      </div>
    </div>`,
  });
  if (other) await merge(product, other);
}

/** @param {ProductBody} one @param {() => void} choose */
function candidate(one, choose) {
  return html`<li>
    <button class="card-row wide" type="button" @click=${choose}>
      ${face(one.name, one.id, one.picture)}
      <span class="grow">
        <span class="row-title">${one.name}</span>
        ${one.brand ? html`<span class="row-sub">${one.brand}</span>` : nothing}
      </span>
      <span class="lot-amount">${amount(one.level.quantity, one.base_unit)}</span>
    </button>
  </li>`;
}

/** @param {ProductBody} product @param {() => unknown} reload */
export async function archive(product, reload) {
  const { name } = product;
  const path = `/api/products/${product.id}`;
  const sure = await confirmDialog({ title: () => t('archive.sure', { name }), text: () => t('archive.text'), confirm: () => t('archive.do') });
  if (!sure) return;
  try {
    await api.remove(path).catch(async (error) => {
      if (!(error instanceof Problem) || error.code !== 'product-in-stock') throw error;
      const left = amount(product.level.quantity, product.base_unit);
      const still = await confirmDialog({
        title: () => t('archive.left', { amount: left, name }),
        text: () => t('archive.left.text'),
        confirm: () => t('archive.do'),
      });
      if (still) await api.remove(`${path}?with_stock=true`);
    });
    await reload();
  } catch (error) {
    complain(error);
  }
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
export function bringBack(product, take) {
  changeAsItIs(product, () => ({ state: 'active' })).then((back) => {
    take(back);
    toast(() => t('archive.back', { name: product.name }));
  }, complain);
}
