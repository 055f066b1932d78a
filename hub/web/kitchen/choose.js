// Choosing a product among all there are.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { face } from './lots.js';
import { amount } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../lib/view.js').Template} Template */
/** What is looked for, and whether nothing is called so. @typedef {{ query: import('../lib/view.js').ReadonlySignal<string>, none: import('../lib/view.js').ReadonlySignal<boolean> }} Looked */

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

/** The first of them that are called so. @param {import('../lib/view.js').Signal<string>} query @param {string} except */
function searching(query, except) {
  return watch(async () => {
    const q = query.peek().trim();
    const answer = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<ProductBody>>>} */ (
      api.read(`/api/products?limit=12${q && `&q=${encodeURIComponent(q)}`}`)
    );
    return { data: answer.data.items.filter(({ id }) => id !== except), asOf: answer.asOf };
  });
}

/**
 * Asks which product it is; Enter takes the first that is found.
 *
 * @param {{ title: () => string, text: () => string, label: () => string, except?: string, begin?: string, besides?: (close: (product: ProductBody) => void, looked: Looked) => Template }} parts
 *   `begin`: what is looked for at first; `besides`: what can be done instead of choosing
 * @returns {Promise<ProductBody | undefined>}
 */
export function chooseProduct({ title, text, label, except = '', begin = '', besides }) {
  const query = signal(begin);
  const found = searching(query, except);
  const none = computed(() => found.data.value?.length === 0);
  void found.load();
  const looked = (/** @type {Event} */ event) => {
    query.value = /** @type {HTMLInputElement} */ (event.target).value;
    void found.load();
  };
  // What is shown may still be what was found before the last letter.
  const first = async () => {
    if (!query.peek().trim()) return undefined;
    await found.load();
    return found.data.peek()?.[0];
  };
  /** @param {(product: ProductBody) => void} close */
  const results = (close) => {
    if (found.trouble.value) return html`<p>${explain(found.trouble.value)}</p>`;
    const all = found.data.value ?? [];
    if (found.data.value && all.length === 0) {
      return query.value.trim() ? html`<p class="quiet">${t('stock.none', { query: query.value })}</p>` : nothing;
    }
    return html`<ul class="card rows compact">
      ${list(all, ({ id }) => id, (one) => candidate(one, () => close(one)))}
    </ul>`;
  };
  return openDialog({
    title,
    body: (close) => html`<div class="stack">
      <p class="quiet">${text()}</p>
      <form
        class="field"
        @submit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          void first().then((one) => {
            if (one) close(one);
            else /** @type {HTMLElement | null} */ (document.querySelector('dialog[open] details[open] input'))?.focus();
          });
        }}
      >
        <label class="label" for="field-other">${label()}</label>
        <input class="input" id="field-other" type="search" autocomplete="off" autofocus maxlength="120" .value=${begin} @input=${looked}
          @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()} />
      </form>
      <div role="status">${part(() => results(close))}</div>
      ${besides?.(close, { query, none }) ?? nothing}
    </div>`,
  });
}
