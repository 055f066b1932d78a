// Lots as this page knows them, how one looks, and what one does to it.

import { computed, html, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { watch } from '../lib/watch.js';
import { api, kept, outbox } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { chip, tile } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { shares } from './alike.js';
import { choicesOf, placeNames, places, warningOf } from './furnishing.js';
import { Kept, readAll } from './kept.js';
import { dueOf, exact, INVENTORY, stepOf, stockAsItWillBe } from './shelves.js';
import { amount, dayInWords, due, readAmount, today, typed } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('../types/wire.d.ts').Done} Done */
/** @typedef {import('./alike.js').Row} Row */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {'consume' | 'open' | 'spoil' | 'count' | 'transfer'} Verb */

/** @type {Kept<Lot>} */
const known = new Kept();

/** Every lot of the house, with what waits to be sent. */
export const lots = computed(() => stockAsItWillBe(known.items.value, outbox.waiting.value, placeNames.value));

const ALL = `${INVENTORY}?limit=500`;

/** @param {string} query @param {(lot: Lot) => boolean} [among] @param {(lots: readonly Lot[]) => void} [some] */
async function readLots(query, among, some) {
  const asked = known.moment;
  const seen = await readAll((path) => api.read(path), ALL + query, some);
  if (seen.asOf === undefined) known.takeAll(/** @type {Lot[]} */ (seen.data), asked, among);
  else known.recall(/** @type {Lot[]} */ (seen.data));
  return seen;
}

/** Shows what the device kept of it, until the house has answered. */
async function recall() {
  const asked = known.moment;
  const some = (/** @type {readonly Lot[]} */ there) => known.takeSome(there, asked);
  const read = async (/** @type {string} */ path) => {
    const data = await kept(path);
    if (!data || everything.data.peek() !== null) throw new Error('no more is kept, or wanted');
    return /** @type {import('../lib/api.js').Answer<any>} */ ({ data });
  };
  some((await readAll(read, ALL, some)).data);
}

/** Every lot of the house. The first time what is there is shown while the rest is on its way. */
export const everything = watch(() => {
  if (everything.data.peek() !== null) return readLots('');
  const asked = known.moment;
  recall().catch(() => {});
  return readLots('', undefined, (there) => known.takeSome(there, asked));
});

/** Whether there are lots to be seen, and more that are not known yet. */
export const more = computed(() => everything.data.value === null && lots.value.length > 0);

/** @param {string} product */
export const lotsOf = (product) => watch(() => readLots(`&product=${product}`, (lot) => lot.product_master_id === product));

/** @param {import('../types/wire.d.ts').Frame} frame */
export function hearLot(frame) {
  if (frame.type.startsWith('inventory.') && frame.data?.product_master_id) known.take(frame.data);
}

/** What an answer says of lots. @param {any} data */
export function takeLots(data) {
  for (const done of data?.undone ?? [data]) {
    for (const lot of done?.lots ?? []) known.take(lot);
  }
}

/** @param {import('../lib/outbox.js').Entry} _ @param {any} data */
export const arrivedLots = (_, data) => takeLots(data);

/** @param {string} path @param {Record<string, unknown>} body @returns {import('../lib/outbox.js').Write & { id: string }} */
const toWrite = (path, body) => ({ id: uuid(), method: 'POST', path, body, label: 'write.stock' });

/** @param {import('../lib/outbox.js').Write} entry */
async function write(entry) {
  const outcome = await outbox.add(entry);
  if (outcome.state !== 'refused') return outcome;
  const { problem } = outcome;
  toast(() => explain(problem), { tone: 'over', stays: true });
  return undefined;
}

/**
 * How what was done is taken back, without asking what may have arrived already: what waits here and never left is
 * forgotten, and of the rest the house undoes what it did.
 *
 * @param {import('../lib/outbox.js').Write & { id: string }} entry
 * @param {import('../lib/outbox.js').Outcome} outcome
 */
async function takeBack(entry, outcome) {
  const movement = outcome.state === 'done' ? /** @type {Done} */ (outcome.data).movements[0] : undefined;
  if (movement) await write(toWrite(`/api/movements/${movement.id}/undo`, {}));
  else if (outcome.state === 'kept') await outbox.takeBack(entry.id, { ...entry, back: uuid() });
}

/** @param {Row} row @param {Verb} verb @param {Record<string, unknown> & { quantity: number }} body */
async function act(row, verb, body) {
  /** @type {(() => Promise<void>)[]} the last first */
  const undoing = [];
  let [kept, done] = [false, 0];
  for (const { lot, quantity } of shares(row, verb, body.quantity)) {
    const entry = toWrite(`${INVENTORY}/${lot.id}/${verb}`, { ...body, quantity });
    const outcome = await write(entry);
    if (!outcome) break;
    kept ||= outcome.state === 'kept';
    done = exact(done + quantity);
    undoing.unshift(() => takeBack(entry, outcome));
  }
  if (undoing.length === 0) return;
  const values = {
    name: row.product_name,
    amount: amount(verb === 'count' ? body.quantity : done, row.unit),
    place: placeNames.peek().get(String(body['place_id'])) ?? '',
  };
  const back = async () => {
    for (const undo of undoing) await undo();
  };
  const said = () => t(`stock.done.${verb}`, values);
  toast(() => (kept ? t('stock.kept', { what: said() }) : said()), { action: { word: () => t('action.undo'), run: () => void back() } });
}

/**
 * A number with less and more beside it, to be typed or stepped.
 *
 * @param {{ form: import('../lib/form.js').Form, value: import('../lib/view.js').Signal<string>, label: string, hint: string, step: number, most?: number }} parts
 */
function stepped({ form, value, label, hint, step, most = Infinity }) {
  const to = (/** @type {number} */ by) => {
    const now = readAmount(value.value) ?? 0;
    value.value = typed(exact(Math.min(most, Math.max(0, now + by))));
    form.errors.value = new Map();
  };
  const error = form.errors.value.get('quantity');
  return html`<div class="field">
    <label class="label" for="field-quantity">${label}</label>
    <p class="hint" id="field-quantity-hint">${hint}</p>
    <div class="stepped">
      <button class="button" type="button" aria-label=${t('stock.less', { amount: typed(step) })} @click=${() => to(-step)}>${icon('minus')}</button>
      <input
        class="input"
        id="field-quantity"
        name="quantity"
        type="text"
        inputmode="decimal"
        autocomplete="off"
        maxlength="12"
        required
        autofocus
        .value=${value.value}
        aria-invalid=${String(Boolean(error))}
        aria-describedby=${error ? 'field-quantity-hint field-quantity-error' : 'field-quantity-hint'}
        @input=${(/** @type {Event} */ event) => (value.value = /** @type {HTMLInputElement} */ (event.target).value)}
        @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}
      />
      <button class="button" type="button" aria-label=${t('stock.more-by', { amount: typed(step) })} @click=${() => to(step)}>${icon('plus')}</button>
    </div>
    ${error ? html`<p class="field-error" id="field-quantity-error">${icon('triangle-alert')}${error}</p>` : nothing}
  </div>`;
}

/** What is offered beside typing: half of it, and all. @param {Row} lot @param {import('../lib/view.js').Signal<string>} value */
function portions(lot, value) {
  const half = lot.unit === 'piece' ? Math.floor(lot.quantity / 2) : exact(lot.quantity / 2);
  const offered = [half, lot.quantity].filter((portion, at, all) => portion > 0 && all.indexOf(portion) === at);
  return html`<div class="actions start">
    ${offered.map(
      (portion) =>
        html`<button class="button" type="button" @click=${() => (value.value = typed(portion))}>
          ${t(portion === lot.quantity ? 'stock.all-of-it' : 'stock.half-of-it', { amount: amount(portion, lot.unit) })}
        </button>`,
    )}
  </div>`;
}

/** Asks how much. @param {Row} lot @param {Verb} verb */
function ask(lot, verb) {
  const counting = verb === 'count';
  const whole = counting || verb === 'transfer';
  const step = stepOf(lot.unit, lot.quantity);
  const value = signal(typed(whole ? lot.quantity : Math.min(step, lot.quantity)));
  const place = signal('');
  const elsewhere = () => choicesOf((places.data.value ?? []).filter(({ id }) => id !== lot.place_id));
  if (verb === 'transfer') void places.load();
  void openDialog({
    title: () => t(`stock.how-much.${verb}`, { name: lot.product_name }),
    body: (close) => {
      const form = createForm({
        submit: async () => {
          const place_id = verb === 'transfer' ? place.value || elsewhere()[0]?.value : undefined;
          const quantity = readAmount(value.value);
          const wrong = quantity === undefined || (counting ? quantity < 0 : quantity <= 0);
          const more = !wrong && !counting && quantity > lot.quantity;
          if (wrong || more) {
            const words = more ? t('stock.there', { amount: amount(lot.quantity, lot.unit) }) : t(counting ? 'stock.count.wrong' : 'stock.how-much.wrong');
            form.errors.value = new Map([['quantity', words]]);
            return;
          }
          close();
          await act(lot, verb, place_id ? { quantity, place_id } : { quantity });
        },
      });
      const label = lot.unit === 'piece' ? t('stock.amount') : t('stock.amount.in', { unit: lot.unit });
      const hint = t(counting ? 'stock.known' : 'stock.there', { amount: amount(lot.quantity, lot.unit) });
      const most = counting ? {} : { most: lot.quantity };
      const where = () =>
        selectField({
          form,
          name: 'place_id',
          label: t('stock.where-to'),
          value: place.value || (elsewhere()[0]?.value ?? ''),
          choices: elsewhere(),
          change: (id) => (place.value = id),
        });
      return part(() =>
        formOf(
          form,
          html`${verb === 'transfer' ? where() : nothing} ${stepped({ form, value, label, hint, step, ...most })}
          ${counting ? nothing : portions(lot, value)}`,
          { submit: t(`stock.${verb}`), kind: verb === 'spoil' ? 'danger' : 'primary' },
        ),
      );
    },
  });
}

/** What “use” takes without asking. @param {Row} lot */
function use(lot) {
  if (lot.unit === 'piece') void act(lot, 'consume', { quantity: Math.min(1, lot.quantity) });
  else ask(lot, 'consume');
}

/** @param {Row} lot */
function choices(lot) {
  const single = lot.unit === 'piece' && lot.quantity <= 1;
  const openable = lot.unit === 'piece' ? Math.min(1, lot.quantity) : lot.quantity;
  /** @type {(import('../elements/menu.js').Choice | false)[]} */
  const all = [
    !single && lot.unit === 'piece' && { word: t('stock.consume.some'), icon: 'utensils', run: () => ask(lot, 'consume') },
    { word: t('stock.consume.all'), icon: 'utensils', run: () => void act(lot, 'consume', { quantity: lot.quantity }) },
    !lot.opened_at && { word: t('stock.open'), icon: 'package-open', run: () => void act(lot, 'open', { quantity: openable }) },
    { word: t('stock.transfer.to'), icon: 'package', run: () => ask(lot, 'transfer') },
    { word: t('stock.count.it'), icon: 'list-todo', run: () => ask(lot, 'count') },
    !single && { word: t('stock.spoil.some'), icon: 'trash-2', tone: 'danger', run: () => ask(lot, 'spoil') },
    { word: t('stock.spoil.all'), icon: 'trash-2', tone: 'danger', run: () => void act(lot, 'spoil', { quantity: lot.quantity }) },
  ];
  return all.filter((choice) => choice !== false);
}

/** @param {Row} lot */
export function dueChip(lot) {
  const day = dueOf(lot);
  if (!day) return nothing;
  const { tone, text } = due(day, today(), warningOf(lot.category_id));
  const words = html`<span class="unseen">${t(lot.use_by ? 'due.use-by' : 'due.best-before')} </span>${text}${lot.estimated
      ? html`<span class="unseen"> ${t('due.estimated')}</span>`
      : nothing}`;
  const mark = tone === 'fresh' ? {} : { icon: tone === 'over' ? 'triangle-alert' : 'calendar-clock' };
  return html`<span class=${lot.estimated ? 'estimated' : ''}>${chip(words, { tone, ...mark })}</span>`;
}

/** A photograph where there is one, initials otherwise. @param {string} name @param {string} id @param {string} [picture] */
export function face(name, id, picture) {
  if (!picture) return tile(name, id);
  return html`<img class="tile" src="/media/${picture}/small" alt="" width="44" height="44" loading="lazy" decoding="async" />`;
}

/** @param {Row} lot */
function marks(lot) {
  return html`<span class="lot-marks"
    >${lot.opened_at ? chip(t('stock.opened'), { icon: 'package-open' }) : nothing}
    ${lot.frozen ? chip(t('stock.frozen'), { icon: 'snowflake', tone: 'info' }) : nothing} ${part(() => dueChip(lot))}</span
  >`;
}

/** @param {Row} lot */
function acts(lot) {
  return html`<span class="lot-amount">${amount(lot.quantity, lot.unit)}</span>
    <span class="lot-acts">
      <button class="button" type="button" aria-label=${t('stock.consume.of', { name: lot.product_name })} @click=${() => use(lot)}>
        ${icon('utensils')}${t('stock.consume')}
      </button>
      ${menuButton({ label: t('stock.more', { name: lot.product_name }), choices: () => choices(lot) })}
    </span>`;
}

/** A lot among those of many products. @param {Row} lot @param {boolean} placed whether its place has to be said */
export function lotRow(lot, placed) {
  const beside = [lot.brand, placed ? lot.place_name : '', lot.batch ? t('stock.batch', { batch: lot.batch }) : ''];
  return html`<li class="card-row still lot">
    ${face(lot.product_name, lot.product_master_id, lot.picture)}
    <a class="grow plain-link" href="/app/product/${lot.product_master_id}">
      <span class="row-title">${lot.product_name}</span>
      <span class="row-sub">${beside.filter(Boolean).join(' · ')}</span>
    </a>
    ${marks(lot)} ${acts(lot)}
  </li>`;
}

/** A lot of the product that everybody looks at. @param {Row} lot */
export function lotOfProduct(lot) {
  const received = dayInWords(today(Date.parse(lot.received_at)), 'dayOfYear');
  const beside = [
    t('stock.since', { date: received }),
    lot.batch ? t('stock.batch', { batch: lot.batch }) : '',
    lot.serial ? t('stock.serial', { serial: lot.serial }) : '',
  ];
  return html`<li class="card-row still lot">
    <span class="grow">
      <span class="row-title">${lot.place_name}</span>
      <span class="row-sub">${beside.filter(Boolean).join(' · ')}</span>
    </span>
    ${marks(lot)} ${acts(lot)}
  </li>`;
}
