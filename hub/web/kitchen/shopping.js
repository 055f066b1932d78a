// The shopping list, made for one hand in a shop.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { language, t } from '../lib/text.js';
import { uuid7 } from '../lib/uuid7.js';
import { watch } from '../lib/watch.js';
import { api, arrivals, outbox } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { emptyState, screenHead } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { Kept, readAll } from './kept.js';
import { aisles, asItWillBe, basket, readWish, SHOPPING } from './list.js';
import { amount } from './words.js';

/** @typedef {import('../types/wire.d.ts').Entry} Entry */
/** @typedef {import('../types/wire.d.ts').Priority} Priority */
/** @typedef {import('./list.js').Shown} Shown */

const EVERY = 60_000;

/** @type {Kept<Entry>} */
const known = new Kept();
const everything = watch(async () => {
  const asked = known.moment;
  const seen = await readAll((path) => api.read(path), `${SHOPPING}?limit=500`);
  if (seen.asOf === undefined) known.takeAll(/** @type {Entry[]} */ (seen.data), asked);
  else known.recall(/** @type {Entry[]} */ (seen.data));
  return seen;
});
const entries = computed(() => asItWillBe(known.items.value, outbox.waiting.value));

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear(frame) {
  // An entry bears the names of its product and its aisle.
  if (/^(shopping\.cleared|product\.(updated|merged)|category\.(updated|archived))$/.test(frame.type)) void everything.load();
  else if (frame.type === 'shopping.deleted') known.drop(frame.entity_id);
  else if (frame.type.startsWith('shopping.')) known.take(frame.data);
}

/** @param {import('../lib/outbox.js').Entry} write @param {any} data */
function arrived(write, data) {
  if (!write.path.startsWith(SHOPPING)) return;
  if (data?.id) known.take(data);
  else if (write.path.startsWith(`${SHOPPING}/`)) known.drop(write.path.slice(SHOPPING.length + 1));
}

/** @param {'POST' | 'PATCH' | 'DELETE'} method @param {string} path @param {Record<string, any>} body */
async function write(method, path, body) {
  const join = method === 'PATCH' ? { join: path } : {};
  const outcome = await outbox.add({ method, path, body, label: 'write.shopping', ...join });
  if (outcome.state === 'refused') throw outcome.problem;
}

/** Writes, and says so only when the house refuses. @param {Parameters<typeof write>} parts */
function change(...parts) {
  write(...parts).catch((error) => toast(() => explain(error), { tone: 'over', stays: true }));
}

/** @param {string} id */
const at = (id) => `${SHOPPING}/${id}`;

let unsay = () => {};

/** A word that replaces the one before: who ticks quickly wants no pile of them. @param {() => string} text @param {() => void} undo */
function say(text, undo) {
  unsay();
  unsay = toast(text, { action: { word: () => t('action.undo'), run: undo } });
}

/** Where the keyboard goes on when a row leaves from under it. @param {HTMLElement} ticked */
function goOn(ticked) {
  if (!ticked.matches(':focus-visible')) return;
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.buy-open .buy-tick')]);
  const index = all.indexOf(ticked);
  const next = all[index + 1] ?? all[index - 1] ?? document.querySelector('#main h1');
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (next)?.focus());
}

/** @param {Shown} entry @param {Event} event */
function tick(entry, event) {
  const checked = !entry.checked;
  goOn(/** @type {HTMLElement} */ (event.currentTarget));
  change('PATCH', at(entry.id), { checked });
  say(
    () => t(checked ? 'shopping.ticked' : 'shopping.unticked', { name: entry.name }),
    () => change('PATCH', at(entry.id), { checked: !checked }),
  );
}

/** @param {Shown} entry */
function takeOff(entry) {
  change('DELETE', at(entry.id), {});
  say(
    () => t('shopping.removed', { name: entry.name }),
    // What was taken off does not come back; the same is written down anew.
    () => {
      const { name, product_id, quantity, unit, priority, note } = entry;
      const said = quantity === undefined ? {} : unit ? { quantity, unit } : { quantity };
      change('POST', SHOPPING, { id: uuid7(), name, priority, note, ...(product_id ? { product_id } : {}), ...said });
    },
  );
}

function emptyBasket() {
  for (const entry of basket(entries.peek())) change('DELETE', at(entry.id), {});
  unsay();
  unsay = toast(() => t('shopping.emptied'));
}

/** @param {Shown} entry */
function details(entry) {
  const priority = signal(entry.priority);
  void openDialog({
    title: () => entry.name,
    body: (close) => {
      const form = createForm({
        submit: async ({ note = '' }) => {
          close();
          await write('PATCH', at(entry.id), { note, priority: priority.value });
        },
      });
      return part(() =>
        formOf(
          form,
          html`${segmented({
              name: 'priority',
              legend: t('shopping.priority'),
              value: priority.value,
              choices: /** @type {Priority[]} */ (['urgent', 'normal', 'low']).map((value) => ({ value, word: t(`shopping.${value}`) })),
              change: (value) => (priority.value = value),
            })}
            ${field({ form, name: 'note', label: t('shopping.note'), value: entry.note, required: false, maxlength: 500 })}
            ${entry.product_id
              ? html`<p><a class="button bare word" href="/app/product/${entry.product_id}">${icon('package')}${t('shopping.product', { name: entry.name })}</a></p>`
              : nothing}`,
          {
            submit: t('action.save'),
            cancel: html`<button
              class="button danger-quiet"
              type="button"
              @click=${() => {
                close();
                takeOff(entry);
              }}
            >
              ${icon('trash-2')}${t('shopping.remove')}
            </button>`,
          },
        ),
      );
    },
  });
}

/** @param {Shown} entry */
function row(entry) {
  const how = entry.quantity === undefined ? '' : amount(entry.quantity, entry.unit);
  return html`<li class="buy ${entry.checked ? 'bought' : ''}">
    <button
      class="buy-tick"
      type="button"
      role="checkbox"
      aria-checked=${String(entry.checked)}
      @click=${(/** @type {Event} */ event) => tick(entry, event)}
    >
      <span class="buy-box">${entry.checked ? icon('check') : nothing}</span>
      <span class="grow">
        <span class="buy-name">${entry.name}</span>
        ${entry.note ? html`<span class="row-sub">${entry.note}</span>` : nothing}
      </span>
      ${entry.priority === 'urgent' && !entry.checked
        ? html`<span class="chip over">${icon('zap')}${t('shopping.urgent')}</span>`
        : nothing}
      ${how ? html`<span class="buy-amount">${how}</span>` : nothing}
    </button>
    <button class="button bare" type="button" aria-label=${t('shopping.details', { name: entry.name })} @click=${() => details(entry)}>
      ${icon('ellipsis')}
    </button>
  </li>`;
}

/** @param {SubmitEvent} event */
function add(event) {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.currentTarget).elements.namedItem('wish'));
  const wish = readWish(input.value);
  if (wish.name === '') return;
  change('POST', SHOPPING, { id: uuid7(), ...wish });
  input.value = '';
  input.focus();
}

function adding() {
  return html`<form class="buy-add" @submit=${add}>
    <label class="unseen" for="field-wish">${t('shopping.add')}</label>
    <input class="input" id="field-wish" name="wish" type="text" maxlength="120" autocomplete="off" enterkeyhint="done" placeholder=${t('shopping.add')} />
    <button class="button primary" type="submit">${icon('plus')}${t('shopping.add.button')}</button>
  </form>`;
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
          <h2 class="group-head" id="aisle-${id}">${name || t('shopping.elsewhere')}</h2>
          <ul class="card rows">${list(rows, (entry) => entry.id, row)}</ul>
        </section>`,
    )}
  </div>`;
}

function inBasket() {
  const rows = basket(entries.value);
  if (rows.length === 0) return nothing;
  return html`<details class="folded">
    <summary>${t('shopping.basket', { count: rows.length })}</summary>
    <div class="stack">
      <ul class="card rows">${list(rows, (entry) => entry.id, row)}</ul>
      <div class="actions start">
        <button class="button" type="button" @click=${emptyBasket}>${icon('trash-2')}${t('shopping.empty-basket')}</button>
      </div>
    </div>
  </details>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function shopping() {
  const { shown } = sources(everything);
  arrivals.add(arrived);
  const stop = follow({ load: everything.load, hear, every: () => EVERY, may: () => true });
  const left = () => {
    stop();
    arrivals.delete(arrived);
  };
  const sub = () => t('shopping.left', { count: entries.value.filter(({ checked }) => !checked).length });
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.shopping'), sub: part(sub) })} ${adding()}
      ${part(() => shown(() => html`${part(open)} ${part(inBasket)}`))}
    </div>`;
  return { title: () => t('place.shopping'), view, left };
}
