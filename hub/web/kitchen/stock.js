// The stock, by place or by day, with what one does to it.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { language, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, arrivals, outbox, remember, remembered } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { chip, emptyState, screenHead, tile } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { Kept, readAll } from './kept.js';
import { byDay, byPlace, dueOf, firstOf, INVENTORY, matching, stockAsItWillBe } from './shelves.js';
import { amount, due, today } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('../types/wire.d.ts').Done} Done */
/** @typedef {'consume' | 'open' | 'spoil'} Verb */
/** @typedef {'place' | 'day'} Order */

const EVERY = 120_000;
const SHOWN = 120;

/** @type {Kept<Lot>} */
const known = new Kept();
const everything = watch(async () => {
  const asked = known.moment;
  const seen = await readAll((path) => api.read(path), `${INVENTORY}?limit=500`);
  known.takeAll(/** @type {Lot[]} */ (seen.data), asked);
  return seen;
});
const lots = computed(() => stockAsItWillBe(known.items.value, outbox.waiting.value));

const query = signal('');
/** @type {import('../lib/view.js').Signal<Order>} */
const order = signal(remembered('stock-order') === 'day' ? 'day' : 'place');
const most = signal(SHOWN);

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear(frame) {
  if (frame.type.startsWith('inventory.')) known.take(frame.data);
}

/** @param {import('../lib/outbox.js').Entry} _ @param {any} data */
function arrived(_, data) {
  for (const lot of data?.lots ?? []) known.take(lot);
}

/** @param {string} path @param {Record<string, unknown>} body @returns {Promise<import('../lib/outbox.js').Outcome | undefined>} */
async function write(path, body) {
  const outcome = await outbox.add({ method: 'POST', path, body, label: 'write.stock' });
  if (outcome.state !== 'refused') return outcome;
  const { problem } = outcome;
  toast(() => explain(problem), { tone: 'over', stays: true });
  return undefined;
}

/** @param {Lot} lot @param {Verb} verb @param {number} quantity */
async function act(lot, verb, quantity) {
  const outcome = await write(`${INVENTORY}/${lot.id}/${verb}`, { quantity });
  if (!outcome) return;
  if (outcome.state === 'kept') {
    toast(() => t('saved-here'));
    return;
  }
  const movement = /** @type {Done} */ (outcome.state === 'done' ? outcome.data : undefined)?.movements[0];
  const values = { name: lot.product_name, amount: amount(quantity, lot.unit) };
  const undo = movement && { action: { word: () => t('action.undo'), run: () => void write(`/api/movements/${movement.id}/undo`, {}) } };
  toast(() => t(`stock.done.${verb}`, values), undo || {});
}

/** Asks how much. @param {Lot} lot @param {Verb} verb */
function some(lot, verb) {
  void openDialog({
    title: () => t(`stock.how-much.${verb}`, { name: lot.product_name }),
    body: (close) => {
      const form = createForm({
        submit: async ({ quantity = '' }) => {
          const wanted = Number(quantity.replace(',', '.'));
          if (!(wanted > 0)) {
            form.errors.value = new Map([['quantity', t('stock.how-much.wrong')]]);
            return;
          }
          close();
          await act(lot, verb, wanted);
        },
      });
      const label = lot.unit === 'piece' ? t('stock.amount') : t('stock.amount.in', { unit: lot.unit });
      const hint = t('stock.there', { amount: amount(lot.quantity, lot.unit) });
      return part(() =>
        formOf(form, field({ form, name: 'quantity', label, hint, inputmode: 'decimal', maxlength: 12, autofocus: true }), {
          submit: t(`stock.${verb}`),
        }),
      );
    },
  });
}

/** What “use” takes without asking. @param {Lot} lot */
function use(lot) {
  if (lot.unit === 'piece') void act(lot, 'consume', Math.min(1, lot.quantity));
  else some(lot, 'consume');
}

/** @param {Lot} lot */
function choices(lot) {
  /** @type {import('../elements/menu.js').Choice[]} */
  const all = [{ word: t('stock.consume.all'), icon: 'utensils', run: () => void act(lot, 'consume', lot.quantity) }];
  if (lot.unit === 'piece' && lot.quantity > 1) {
    all.unshift({ word: t('stock.consume.some'), icon: 'utensils', run: () => some(lot, 'consume') });
  }
  if (!lot.opened_at) {
    const one = lot.unit === 'piece' ? Math.min(1, lot.quantity) : lot.quantity;
    all.push({ word: t('stock.open'), icon: 'package-open', run: () => void act(lot, 'open', one) });
  }
  if (lot.quantity !== 1 || lot.unit !== 'piece') {
    all.push({ word: t('stock.spoil.some'), icon: 'trash-2', tone: 'danger', run: () => some(lot, 'spoil') });
  }
  all.push({ word: t('stock.spoil.all'), icon: 'trash-2', tone: 'danger', run: () => void act(lot, 'spoil', lot.quantity) });
  return all;
}

/** @param {Lot} lot */
function dueChip(lot) {
  const day = dueOf(lot);
  if (!day) return nothing;
  const { tone, text } = due(day);
  const words = html`<span class="unseen">${t(lot.use_by ? 'due.use-by' : 'due.best-before')} </span>${text}${lot.estimated
      ? html`<span class="unseen"> ${t('due.estimated')}</span>`
      : nothing}`;
  const mark = tone === 'fresh' ? {} : { icon: tone === 'over' ? 'triangle-alert' : 'calendar-clock' };
  return html`<span class=${lot.estimated ? 'estimated' : ''}>${chip(words, { tone, ...mark })}</span>`;
}

/** @param {Lot} lot */
function row(lot) {
  const beside = [lot.brand, order.value === 'day' ? lot.place_name : '', lot.batch ? t('stock.batch', { batch: lot.batch }) : ''];
  return html`<li class="card-row still lot">
    ${tile(lot.product_name, lot.product_master_id)}
    <span class="grow">
      <span class="row-title">${lot.product_name}</span>
      <span class="row-sub">${beside.filter(Boolean).join(' · ')}</span>
    </span>
    ${lot.opened_at ? chip(t('stock.opened'), { icon: 'package-open' }) : nothing}
    ${lot.frozen ? chip(t('stock.frozen'), { icon: 'snowflake', tone: 'info' }) : nothing} ${part(() => dueChip(lot))}
    <span class="lot-amount">${amount(lot.quantity, lot.unit)}</span>
    <span class="lot-acts">
      <button class="button" type="button" aria-label=${t('stock.consume.of', { name: lot.product_name })} @click=${() => use(lot)}>
        ${icon('utensils')}${t('stock.consume')}
      </button>
      ${menuButton({ label: t('stock.more', { name: lot.product_name }), choices: choices(lot) })}
    </span>
  </li>`;
}

function shelves() {
  const all = lots.value;
  if (all.length === 0) {
    return emptyState({ icon: 'package', title: t('stock.empty'), text: t('stock.empty.text'), action: scanning() });
  }
  const found = matching(all, query.value);
  if (found.length === 0) return emptyState({ icon: 'search', title: t('stock.none', { query: query.value }) });
  const byDays = order.value === 'day';
  const groups = byDays ? byDay(found, today()) : byPlace(found, language.value);
  return html`<div class="stack">
    ${list(
      firstOf(groups, most.value),
      ({ id }) => id,
      ({ id, name, lots: rows }) =>
        html`<section class="stack tight" aria-labelledby="shelf-${id}">
          <h2 class="group-head" id="shelf-${id}">${byDays ? t(`stock.span.${id}`) : name}</h2>
          <ul class="card rows">${list(rows, (lot) => lot.id, row)}</ul>
        </section>`,
    )}
    ${found.length > most.value
      ? html`<div class="actions start">
          <button class="button" type="button" @click=${() => (most.value += SHOWN)}>${t('action.show-more')}</button>
        </div>`
      : nothing}
  </div>`;
}

function scanning() {
  return html`<a class="button primary" href="/app/scan">${icon('scan-barcode')}${t('stock.scan')}</a>`;
}

function looking() {
  return html`<div class="looking">
    <div class="field">
      <label class="label" for="field-search">${t('stock.search')}</label>
      <input
        class="input"
        id="field-search"
        type="search"
        autocomplete="off"
        .value=${query.peek()}
        @input=${(/** @type {Event} */ event) => {
          query.value = /** @type {HTMLInputElement} */ (event.target).value;
          most.value = SHOWN;
        }}
      />
    </div>
    ${part(() =>
      segmented({
        name: 'order',
        legend: t('stock.order'),
        value: order.value,
        choices: [
          { value: /** @type {Order} */ ('place'), word: t('stock.order.place') },
          { value: 'day', word: t('stock.order.day') },
        ],
        change: (value) => {
          order.value = value;
          remember('stock-order', value);
        },
      }),
    )}
    <p class="unseen" role="status">${part(() => (query.value ? t('stock.found', { count: matching(lots.value, query.value).length }) : nothing))}</p>
  </div>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function stock() {
  const { shown } = sources(everything);
  arrivals.add(arrived);
  const stop = follow({ load: everything.load, hear, every: () => EVERY, may: () => true });
  const left = () => {
    stop();
    arrivals.delete(arrived);
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({
        title: t('place.stock'),
        sub: part(() => t('stock.lots', { count: lots.value.length })),
        action: html`<a class="button" href="/app/stocktake">${icon('list-todo')}${t('count.title')}</a>`,
      })} ${looking()}
      ${part(() => shown(() => html`${part(shelves)}`))}
    </div>`;
  return { title: () => t('place.stock'), view, left };
}
