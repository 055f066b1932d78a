// The shopping list, made for one hand in a shop.

import { computed, html, list, nothing, part } from '../lib/view.js';
import { language, t } from '../lib/text.js';
import { arrivals } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { emptyState, screenHead } from '../elements/pieces.js';
import { follow, sources } from '../system/follow.js';
import { details, mayStore, storeAll } from './entry.js';
import { aisles, basket } from './list.js';
import { arrived, at, change, entries, everything, hear, say, takeOff } from './listed.js';
import { adding, again } from './wishing.js';
import { amount } from './words.js';

/** @typedef {import('./list.js').Shown} Shown */

const EVERY = 60_000;

/** Where the keyboard goes on when a row leaves from under it. @param {HTMLElement} ticked */
function goOn(ticked) {
  if (!ticked.matches(':focus-visible')) return;
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.buy-open .buy-tick')]);
  const index = all.indexOf(ticked);
  const next = all[index + 1] ?? all[index - 1] ?? document.querySelector('#main h1');
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (next)?.focus());
}

/** @param {Shown} entry */
const isStored = (entry) => entry.checked && entry.put_away_at !== undefined;

/** @param {Shown} entry @param {Event} event */
function tick(entry, event) {
  if (isStored(entry)) return again(entry);
  const checked = !entry.checked;
  goOn(/** @type {HTMLElement} */ (event.currentTarget));
  change('PATCH', at(entry.id), { checked });
  say(
    () => t(checked ? 'shopping.ticked' : 'shopping.unticked', { name: entry.name }),
    () => change('PATCH', at(entry.id), { checked: !checked }),
  );
}

function emptyBasket() {
  // The last one in is the first in the basket again.
  const gone = basket(entries.peek()).reverse();
  takeOff(
    gone,
    () => t('shopping.emptied', { count: gone.length }),
    (count, stays) => [count > 0 && t('shopping.refilled', { count }), stays > 0 && t('shopping.refilled.not', { count: stays })].filter(Boolean).join(' '),
  );
}

/** @param {Shown} entry */
function row(entry) {
  const how = entry.quantity === undefined ? '' : amount(entry.quantity, entry.unit);
  return html`<li class="buy ${entry.checked ? 'bought' : ''}">
    <button
      class="buy-tick"
      type="button"
      role=${isStored(entry) ? nothing : 'checkbox'}
      aria-checked=${isStored(entry) ? nothing : String(entry.checked)}
      @click=${(/** @type {Event} */ event) => tick(entry, event)}
    >
      <span class="buy-box">${entry.checked ? icon('check') : nothing}</span>
      <span class="grow">
        <span class="buy-name">${entry.name}</span>
        ${entry.note ? html`<span class="row-sub">${entry.note}</span>` : nothing}
        ${entry.priority === 'urgent' && !entry.checked
          ? html`<span class="chip over">${icon('zap')}${t('shopping.urgent')}</span>`
          : nothing}
        ${isStored(entry) ? html`<span class="row-sub">${t('shopping.in-stock')}</span>` : nothing}
      </span>
      ${how ? html`<span class="buy-amount">${how}</span>` : nothing}
    </button>
    <button class="button bare" type="button" aria-label=${t('shopping.details', { name: entry.name })} @click=${() => details(entry)}>
      ${icon('ellipsis')}
    </button>
  </li>`;
}

function open() {
  const groups = aisles(entries.value, language.value);
  if (groups.length === 0) {
    const done = entries.value.some(({ checked }) => checked);
    return emptyState({
      icon: done ? 'circle-check' : 'shopping-cart',
      title: t(done ? 'shopping.done' : 'shopping.empty'),
      text: t(done ? 'shopping.done.text' : 'shopping.empty.text'),
    });
  }
  return html`<div class="stack buy-open">
    ${list(
      groups,
      ({ id }) => id,
      ({ id, name, entries: rows }) =>
        html`<section class="stack tight" aria-labelledby="aisle-${id}">
          <h2 class=${name || groups.length > 1 ? 'group-head' : 'unseen'} id="aisle-${id}">${name || t('shopping.elsewhere')}</h2>
          <ul class="card rows">${list(rows, (entry) => entry.id, row)}</ul>
        </section>`,
    )}
  </div>`;
}

/** Whether the basket is unfolded: it is so still when it was emptied and is filled again. */
let unfolded = false;

function inBasket() {
  const rows = basket(entries.value);
  if (rows.length === 0) return nothing;
  const home = rows.filter(mayStore);
  const toggled = (/** @type {Event} */ event) => (unfolded = /** @type {HTMLDetailsElement} */ (event.target).open);
  return html`<details class="folded" ?open=${unfolded} @toggle=${toggled}>
    <summary>${t('shopping.basket', { count: rows.length })}</summary>
    <div class="stack">
      <ul class="card rows">${list(rows, (entry) => entry.id, row)}</ul>
      <div class="actions start">
        ${home.length > 0
          ? html`<button class="button" type="button" @click=${() => void storeAll(home)}>${icon('package')}${t('shopping.store.all', { count: home.length })}</button>`
          : nothing}
        <button class="button" type="button" @click=${emptyBasket}>${icon('trash-2')}${t('shopping.empty-basket')}</button>
      </div>
    </div>
  </details>`;
}

const toBuy = computed(() => entries.value.filter(({ checked }) => !checked).length);

/** @returns {import('../lib/router.js').Screen} */
export function shopping() {
  const { shown } = sources(everything);
  unfolded = false;
  arrivals.add(arrived);
  const stop = follow({ load: everything.load, hear, every: () => EVERY, may: () => true });
  const left = () => {
    stop();
    arrivals.delete(arrived);
  };
  const head = () => {
    const count = toBuy.value;
    // That there is nothing is said where it would be.
    return screenHead({ title: t('place.shopping'), ...(count > 0 ? { sub: t('shopping.left', { count }) } : {}) });
  };
  const view = () =>
    html`<div class="screen">
      ${part(head)} ${adding()}
      ${part(() => shown(() => html`${part(open)} ${part(inBasket)}`))}
    </div>`;
  return { title: () => t('place.shopping'), view, left };
}
