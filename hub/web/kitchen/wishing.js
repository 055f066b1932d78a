// Writing something down: a word of one's own, or one of the things that are known, as one types.

import { html, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { uuid7 } from '../lib/uuid7.js';
import { watch } from '../lib/watch.js';
import { api, live, online } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { amountOf, meantBy, onceMore, onListAlready, readCount, readWish, SHOPPING } from './list.js';
import { at, change, entries, say } from './listed.js';
import { inFull, plain } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {{ query: string, products: ProductBody[] }} Found */

/** So many letters say enough to look for it. */
const ENOUGH = 2;
const OFFERED = 4;
/** Whoever is quick is not kept waiting for what it may be. */
const PATIENCE = 400;

/** What is being typed; it outlives the screen. */
const typed = signal('');
/** What to look for: the number of something is no part of its name. @param {string} text */
const lookedFor = (text) => (readCount(text) ?? readWish(text)).name;
/** What was last asked about: the field is empty again before the answer to whoever is quick arrives. */
let wanted = '';

/** @type {import('../lib/watch.js').Watched<Found>} */
const found = watch(async () => {
  const query = wanted;
  if (query.length < ENOUGH || !online.peek()) return { data: { query, products: [] } };
  const { data, asOf } = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<ProductBody>>>} */ (
    api.read(`/api/products?limit=12&q=${encodeURIComponent(query)}`)
  );
  return { data: { query, products: data.items }, asOf };
});

/** What may be called so. @param {string} name @returns {Promise<readonly ProductBody[]>} */
async function called(name) {
  const known = () => (found.data.peek()?.query === name ? found.data.peek() : undefined);
  if (!known() && live.state.peek() === 'live') {
    wanted = name;
    await Promise.race([found.load(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }
  return known()?.products ?? [];
}

/** @param {string} text @param {ProductBody} [product] that was chosen */
async function write(text, product) {
  const { wish, one } = meantBy(text, product ? [] : await called(lookedFor(text)), product);
  const name = one?.name ?? wish.name;
  const before = onListAlready(entries.peek(), name, one?.id);
  const said = one ? amountOf(wish, one) : wish;
  if (before) {
    const { quantity, unit = 'piece' } = said;
    if (quantity !== undefined) change('PATCH', at(before.id), { quantity, unit });
    say(() => t(quantity === undefined ? 'shopping.already' : 'shopping.already.amount', { name: before.name }));
    return;
  }
  change('POST', SHOPPING, { id: uuid7(), ...said, name, ...(one ? { product_id: one.id } : {}) });
}

/** Wants once more what was put away: that is in stock, and stays so; this is a wish of its own. @param {import('./list.js').Shown} entry */
export function again(entry) {
  const { name, product_id } = entry;
  if (onListAlready(entries.peek(), name, product_id)) return say(() => t('shopping.already', { name }));
  const wish = onceMore(entry, uuid7());
  change('POST', SHOPPING, wish);
  say(() => t('shopping.unticked', { name }), () => change('DELETE', at(wish.id), {}));
}

/** @param {ProductBody} [product] */
function add(product) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById('field-wish'));
  const text = typed.peek();
  if (readWish(text).name === '') return;
  void write(text, product);
  typed.value = '';
  input.value = '';
  input.focus();
}

/** @param {Event} event */
function changed(event) {
  typed.value = /** @type {HTMLInputElement} */ (event.target).value;
  wanted = lookedFor(typed.peek());
  if (wanted.length >= ENOUGH) void found.load();
}

/** What it may be, to be chosen with one tap. */
function offers() {
  const name = lookedFor(typed.value);
  if (name.length < ENOUGH || found.trouble.value) return nothing;
  const { products = [] } = found.data.value ?? {};
  // What was found for the letters before is right still, as far as it has these too.
  const words = plain(name).split(' ');
  const fits = products.filter((one) => words.every((word) => plain(inFull(one)).includes(word))).slice(0, OFFERED);
  if (fits.length === 0) return nothing;
  return html`<div class="buy-offers" role="group" aria-label=${t('shopping.known')}>
    ${fits.map((one) => html`<button class="button" type="button" @click=${() => add(one)}>${icon('plus')}${inFull(one)}</button>`)}
  </div>`;
}

export function adding() {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    add();
  };
  return html`<div class="stack tight">
    <form class="buy-add" @submit=${submit}>
      <label class="unseen" for="field-wish">${t('shopping.add')}</label>
      <input class="input" id="field-wish" name="wish" type="text" maxlength="120" autocomplete="off" enterkeyhint="done" placeholder=${t('shopping.add')}
        .value=${typed.peek()} @input=${changed} />
      <button class="button primary" type="submit">${icon('plus')}${t('shopping.add.button')}</button>
    </form>
    ${part(offers)}
  </div>`;
}
