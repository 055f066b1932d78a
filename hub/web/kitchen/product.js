// A product's page: how much of it there is and why, where it is, what is known of it, and what became of it.

import { computed, effect, html, list, nothing, part, signal, untracked } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { gently } from '../lib/gently.js';
import { newer } from '../lib/store.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, arrivals, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { chip, emptyState, screenHead } from '../elements/pieces.js';
import { follow, sources } from '../system/follow.js';
import { together } from './alike.js';
import { asItWillBe, details, goOn } from './details.js';
import { archive, bringBack, chooseOther } from './ends.js';
import { hearFurnishing, loadFurnishing, warningOf } from './furnishing.js';
import { arrivedLots, hearLot, lotOfProduct, lots, lotsOf } from './lots.js';
import { codes, codesForm, units, unitsForm } from './marks.js';
import { past } from './past.js';
import { photo } from './photo.js';
import { puttingMoreIn } from './putting-in.js';
import { dueOf } from './shelves.js';
import { storyCard, storyOf } from './story.js';
import { listenTo, Wedge } from './wedge.js';
import { amount, due, today, unbroken } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../types/wire.d.ts').Forecast} Forecast */
/** @typedef {import('../types/wire.d.ts').History} History */

const EVERY = 120_000;

/** @template T @param {string} path */
const read = (path) => watch(() => /** @type {Promise<import('../lib/api.js').Answer<T>>} */ (api.read(path)));

/** Everything one page shows. @param {string} id */
function everythingOf(id) {
  /** @type {import('../lib/watch.js').Watched<ProductBody>} */
  const product = read(`/api/products/${id}`);
  /** @type {import('../lib/watch.js').Watched<Forecast>} */
  const forecast = read(`/api/products/${id}/forecast`);
  /** @type {import('../lib/watch.js').Watched<History>} */
  const history = read(`/api/products/${id}/history`);
  const story = storyOf(id);
  const there = lotsOf(id);
  const tell = () => Promise.all([product.load(), story.told.load(), forecast.load(), history.load()]);
  const again = gently(tell);
  const load = () => Promise.all([tell(), there.load(), loadFurnishing()]);
  /** @param {ProductBody} fresh */
  const take = (fresh) => {
    if (fresh.id === id) product.data.value = newer(product.data.peek(), fresh);
  };
  /** @param {import('../types/wire.d.ts').Frame} frame */
  const hear = (frame) => {
    hearLot(frame);
    hearFurnishing(frame);
    const about = frame.entity_id === id || frame.data?.product_id === id || frame.data?.product_master_id === id;
    if (about || frame.type === 'product.merged') again();
    // What it is called is said by each of its lots.
    if (about && frame.type.startsWith('product.')) void there.load();
  };
  return { product, forecast, history, story, there, load, tell, take, hear };
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
function standing(product, take) {
  if (product.state === 'merged' && product.merged_into) {
    return html`<a class="notice soon" href="/app/product/${product.merged_into}">
      ${icon('info')}<span class="grow">${t('product.merged')}</span>${icon('chevron-right')}
    </a>`;
  }
  if (product.state === 'archived') {
    return html`<div class="notice soon">
      ${icon('archive')}
      <div class="grow stack tight">
        <p>${t('product.archived')}</p>
        <p><button class="button" type="button" @click=${() => bringBack(product, take)}>${t('product.use-again')}</button></p>
      </div>
    </div>`;
  }
  if (product.state === 'unknown') {
    return html`<a class="notice soon" href="/app/inbox">${icon('inbox')}<span class="grow">${t('product.unknown')}</span>${icon('chevron-right')}</a>`;
  }
  return nothing;
}

/** @param {readonly import('../types/wire.d.ts').Lot[]} there */
function soonest(there) {
  const days = there.map(dueOf).filter((day) => day !== undefined).sort();
  const [day] = days;
  if (!day) return nothing;
  const { tone, text } = due(day, today(), warningOf(there[0]?.category_id));
  return chip(text, { tone, icon: tone === 'fresh' ? 'calendar-clock' : 'triangle-alert' });
}

/** @param {ProductBody} product @param {readonly import('../types/wire.d.ts').Lot[]} there @param {Forecast | null} forecast @param {(product: ProductBody) => void} take */
function head(product, there, forecast, take) {
  const left = there.reduce((sum, { quantity }) => sum + quantity, 0);
  const opened = there.filter(({ opened_at }) => opened_at).reduce((sum, { quantity }) => sum + quantity, 0);
  const low = product.minimum > 0 && left < product.minimum;
  return html`<section class="card padded product-head" aria-label=${t('product.there')}>
    ${photo(product, take)}
    <div class="stack tight grow">
      <p class="scan-figure">${amount(Math.round(left * 1000) / 1000, product.base_unit)}</p>
      <p class="row">
        ${part(() => soonest(there))} ${opened > 0 ? chip(t('product.open', { amount: amount(opened, product.base_unit) }), { icon: 'package-open' }) : nothing}
        ${low ? chip(t('product.low', { amount: amount(product.minimum, product.base_unit) }), { tone: 'soon', icon: 'shopping-cart' }) : nothing}
      </p>
      ${forecast && (left > 0 || forecast.per_week !== undefined) ? html`<p>${unbroken(forecast.text)}</p>` : nothing}
    </div>
  </section>`;
}

const dayCame = (/** @type {string} */ moment) => today(Date.parse(moment));

/** @param {ProductBody} product @param {readonly import('../types/wire.d.ts').Lot[]} there */
function shelf(product, there) {
  const more = product.state === 'active' ? puttingMoreIn(product) : nothing;
  if (there.length === 0) return html`<p class="quiet">${t('product.none')}</p><div class="actions start">${more}</div>`;
  return html`<section class="stack tight" aria-labelledby="lots-head">
    <h2 class="group-head" id="lots-head">${t('product.lots')}</h2>
    <ul class="card rows">${list(together(there, dayCame), ({ id }) => id, lotOfProduct)}</ul>
    <div class="actions start">
      ${more}
      ${store.screen.value ? nothing : html`<a class="button" href="/app/labels/lots/${product.id}">${icon('printer')}${t('product.labels')}</a>`}
    </div>
  </section>`;
}

/** @param {ProductBody} product @param {() => unknown} reload */
function more(product, reload) {
  if (product.state !== 'active' || store.screen.value) return nothing;
  return menuButton({
    label: t('product.more', { name: product.name }),
    choices: [
      { word: t('merge.begin'), icon: 'link', run: () => void chooseOther(product) },
      { word: t('archive.begin'), icon: 'archive', tone: 'danger', run: () => void archive(product, reload) },
    ],
  });
}

/** A hand scanner's code goes where codes are added; into that field it is added at once. @param {string} code @param {Element | null} field */
function scanned(code, field) {
  const input = document.getElementById('field-code');
  if (!(input instanceof HTMLInputElement)) return;
  input.value = code;
  input.closest('details')?.setAttribute('open', '');
  input.scrollIntoView({ block: 'center' });
  if (field === input) input.form?.requestSubmit();
  else /** @type {HTMLElement | null | undefined} */ (input.form?.querySelector('[type=submit]'))?.focus();
}

/** @param {string} id */
function page(id) {
  const { product, forecast, history, story, there, load, tell, take, hear } = everythingOf(id);
  const own = computed(() => lots.value.filter((lot) => lot.product_master_id === id).sort((a, b) => ((dueOf(a) ?? '9') < (dueOf(b) ?? '9') ? -1 : 1)));
  const { shown } = sources(product, there);
  const [codeForm, unitForm] = [codesForm(() => product.data.peek(), take), unitsForm(() => product.data.peek(), take)];
  const stop = follow({ load, hear, every: () => EVERY, may: () => true });
  const stopListening = listenTo(new Wedge(), scanned);
  const seen = computed(() => product.data.value && asItWillBe(product.data.value));
  const stopWaiting = effect(() => goOn(id, product.data.value, take));
  const arrived = (/** @type {import('../lib/outbox.js').Entry} */ { path }, /** @type {any} */ data) => void (path === `/api/products/${id}` && data && take(data));
  arrivals.add(arrived);
  const body = () => {
    const it = seen.value;
    if (!it) return nothing;
    const used = it.state === 'active' || it.state === 'unknown';
    return html`${standing(it, take)}
      <div class="columns late">
        <div class="stack wide">
          ${part(() => head(it, own.value, forecast.data.value, take))} ${part(() => shelf(it, own.value))} ${part(() => storyCard(story, tell))}
        </div>
        <div class="stack wide">
          ${part(() => details(it, take))} ${used ? codes(it, codeForm, product.load) : nothing} ${used ? units(it, unitForm, take) : nothing}
          ${part(() => past(history.data.value))}
        </div>
      </div>`;
  };
  const view = () => {
    const it = seen.value;
    const trouble = product.trouble.value;
    const gone = !it && trouble instanceof Problem && trouble.status < 500;
    return html`${screenHead({
      title: it?.name ?? t('product.title'),
      sub: it?.brand,
      action: it ? more(it, product.load) : nothing,
      back: { to: '/app/stock', word: t('product.back') },
    })}
    ${gone
      ? emptyState({ icon: 'package', title: t('product.gone'), action: html`<a class="button" href="/app/stock">${t('product.back')}</a>` })
      : part(() => shown(() => html`${part(body)}`))}`;
  };
  const left = () => {
    stop();
    stopListening();
    stopWaiting();
    arrivals.delete(arrived);
  };
  return { title: () => seen.value?.name ?? t('product.title'), view, left };
}

/** @param {import('../lib/router.js').Arrival} arrival @returns {import('../lib/router.js').Screen} */
export function product({ params }) {
  /** @type {import('../lib/view.js').Signal<ReturnType<typeof page> | null>} */
  const open = signal(null);
  arrivals.add(arrivedLots);
  const stop = effect(() => {
    const id = params.value['id'] ?? '';
    untracked(() => {
      open.peek()?.left();
      open.value = page(id);
    });
  });
  const left = () => {
    stop();
    open.peek()?.left();
    arrivals.delete(arrivedLots);
  };
  const view = () => html`<div class="screen product">${part(() => open.value?.view() ?? nothing)}</div>`;
  return { title: () => open.value?.title() ?? '', view, left };
}
