// The stock, by place, category or day, with what one does to it.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { gently } from '../lib/gently.js';
import { language, t, warningDays } from '../lib/text.js';
import { arrivals, remember, remembered } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { emptyState, notice, screenHead } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { follow, sources } from '../system/follow.js';
import { together } from './alike.js';
import { categories, hearFurnishing, loadFurnishing, warningOf } from './furnishing.js';
import { arrivedLots, everything, hearLot, lotRow, lots, more } from './lots.js';
import { puttingIn } from './putting-in.js';
import { byCategory, byDay, byPlace, matching, slices } from './shelves.js';
import './slice.js';
import { mayWarn, warningButton, warningField } from './warning.js';
import { today } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('./shelves.js').Group} Group */
/** @typedef {'place' | 'category' | 'day'} Order */

const EVERY = 120_000;
/** Rows of one piece of the list. */
const SLICE = 40;

const RENAMING = /^(product\.(updated|merged)|place\.updated)$/;
/** @type {Order[]} */
const ORDERS = ['place', 'category', 'day'];

const query = signal('');
/** @type {import('../lib/view.js').Signal<Order>} */
const order = signal(ORDERS.find((word) => word === remembered('stock-order')) ?? 'place');

const again = gently(everything.load, 5000);

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear(frame) {
  hearLot(frame);
  hearFurnishing(frame);
  // A lot bears the names of its product and its place; these changes say nothing of the lots themselves.
  if (RENAMING.test(frame.type)) again();
}

/** @param {Lot[]} found @returns {Group[]} */
function inOrder(found) {
  if (order.value === 'day') return byDay(found, today(), warningOf);
  if (order.value === 'category') return byCategory(found, categories.data.value ?? []);
  return byPlace(found, language.value);
}

/** @param {Lot[]} found @returns {Group[]} */
const groupsOf = (found) => inOrder(found).map((group) => ({ ...group, lots: together(group.lots) }));

/** How many different things there are. @param {readonly Lot[]} found */
const things = (found) => new Set(found.map((lot) => lot.product_master_id)).size;

/** @param {Group} group */
function nameOf({ id, name }) {
  if (order.value === 'day') return span(id);
  return name || t('stock.no-category');
}

/** @param {string} id */
function span(id) {
  const count = warningDays.value;
  if (id !== 'soon') return t(`stock.span.${id}`);
  return count > 0 ? t('stock.span.soon', { count }) : t('stock.span.today');
}

const warning = () => (order.value === 'day' && mayWarn() ? warningField() : nothing);

/** The same of a category, which may say otherwise. @param {Group} group */
function ownWarning({ id }) {
  const category = (categories.data.value ?? []).find((one) => one.id === id);
  return order.value === 'category' && category && mayWarn() ? warningButton(category) : nothing;
}

const inPlace = (/** @type {Lot} */ lot) => lotRow(lot, false);
const anywhere = (/** @type {Lot} */ lot) => lotRow(lot, true);

/** @param {Group} group @param {number} at */
function shelf(group, at) {
  const row = order.value === 'place' ? inPlace : anywhere;
  return html`<section class="stack tight" aria-labelledby="shelf-${group.id}">
    <div class="row">
      <h2 class="group-head grow" id="shelf-${group.id}">${nameOf(group)}</h2>
      ${part(() => ownWarning(group))}
    </div>
    <div class="card">
      ${slices(group.lots, SLICE).map((rows, place) => html`<hearth-slice .first=${at + place === 0} .row=${row} .rows=${rows}></hearth-slice>`)}
    </div>
  </section>`;
}

function shelves() {
  const all = lots.value;
  if (all.length === 0) {
    return emptyState({ icon: 'package', title: t('stock.empty'), text: t('stock.empty.text'), action: html`<div class="actions">${scanning()}${puttingIn(() => '')}</div>` });
  }
  const found = matching(all, query.value);
  if (found.length === 0) {
    return emptyState({ icon: 'search', title: t('stock.none', { query: query.value }), ...(more.value ? { text: rest() } : {}) });
  }
  return html`<div class="stack">
    ${list(groupsOf(found), ({ id }) => `${order.value} ${id}`, shelf)}
    ${part(() => (more.value ? html`<p class="quiet">${rest()}</p>` : nothing))}
  </div>`;
}

/** How much there is, and that this is not yet all. @param {string} key @param {readonly Lot[]} found */
const counted = (key, found) => t(more.value ? `${key}.so-far` : key, { count: things(found) });

/** There is nothing at all, and so nothing to look through. */
const bare = computed(() => everything.data.value !== null && lots.value.length === 0);

/** What becomes of all that is not shown yet. */
const rest = () => t(everything.trouble.value ? 'stock.part' : 'stock.coming');

/** Says at once where the rest is not on its way. */
const partly = () => (more.value && everything.trouble.value ? notice(rest(), { tone: 'soon', icon: 'wifi-off' }) : nothing);

function scanning() {
  return html`<a class="button primary" href="/app/scan">${icon('scan-barcode')}${t('stock.scan')}</a>`;
}

function looking() {
  return html`<div class="looking">
    <div class="field">
      <label class="label" for="field-search">${t('stock.search')}</label>
      <div class="beside">
        <input
          class="input"
          id="field-search"
          type="search"
          autocomplete="off"
          .value=${query.peek()}
          @input=${(/** @type {Event} */ event) => (query.value = /** @type {HTMLInputElement} */ (event.target).value)}
        />
        ${puttingIn(() => query.peek().trim())}
      </div>
    </div>
    ${part(() =>
      segmented({
        name: 'order',
        legend: t('stock.order'),
        value: order.value,
        choices: ORDERS.map((value) => ({ value, word: t(`stock.order.${value}`) })),
        change: (value) => {
          order.value = value;
          remember('stock-order', value);
        },
      }),
    )}
    ${part(warning)}
    <p class="unseen" role="status">${part(() => (query.value ? counted('stock.found', matching(lots.value, query.value)) : nothing))}</p>
  </div>`;
}

/** @param {import('../lib/router.js').Arrival} arrival the address may say in which order @returns {import('../lib/router.js').Screen} */
export function stock({ token }) {
  order.value = ORDERS.find((word) => word === token) ?? order.peek();
  const { shown } = sources(everything);
  const load = () => Promise.all([everything.load(), loadFurnishing()]);
  arrivals.add(arrivedLots);
  const stop = follow({ load, hear, every: () => EVERY, may: () => true });
  const left = () => {
    stop();
    arrivals.delete(arrivedLots);
  };
  const enough = () => more.value || everything.data.value !== null;
  const view = () =>
    html`<div class="screen">
      ${screenHead({
        title: t('place.stock'),
        sub: part(() => (lots.value.length > 0 ? counted('stock.lots', lots.value) : nothing)),
        action: html`<a class="button" href="/app/stocktake">${icon('list-todo')}${t('count.title')}</a>`,
      })} ${part(() => (bare.value ? nothing : looking()))}
      ${part(partly)} ${part(() => shown(() => html`${part(shelves)}`, enough))}
    </div>`;
  return { title: () => t('place.stock'), view, left };
}
