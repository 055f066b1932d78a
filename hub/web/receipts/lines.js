// The lines of a receipt: what each is, how much of it arrives, what it cost; put right one after the other.

import { html, list, live, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { t } from '../lib/text.js';
import { bothSides } from '../elements/disputes.js';
import { field, formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip, notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { explain } from '../lib/problems.js';
import { api } from '../hearth.js';
import { choicesOf, placeNames, places } from '../kitchen/furnishing.js';
import { amount, dayInWords, money } from '../kitchen/words.js';
import { productOf } from './choosing.js';
import { lineFields, newLine } from './draft.js';
import { begin, change, disputesOf, draftOf, drop, fieldId, store, typing } from './editing.js';
import { asks } from './figures.js';
import { nameOfProduct, unitOfProduct } from './names.js';
import { inTurn } from './turns.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {import('./editing.js').Draft} Draft */
/** @typedef {(receipt: Receipt) => void} Take */

/** @type {Line['unit'][]} */
export const UNITS = ['piece', 'kg', 'g', 'l', 'ml', 'lb'];
/** Surer than this, nobody has to look. */
const SURE = 70;

/** @param {Receipt} receipt @param {Line} line */
const keyOf = ({ id }, line) => `${id}/${line.id}`;
/** @param {{ id: string }} line */
const rowId = ({ id }) => `line-${id}`;

/** Where the keyboard goes on: the line below, or what books them all. @param {string} id */
function goOn(id) {
  let row = document.getElementById(rowId({ id }))?.closest('li')?.nextElementSibling;
  // One that is being changed itself is left alone.
  while (row && !row.querySelector('.line-open')) row = row.nextElementSibling;
  const next = row?.querySelector('.line-open') ?? document.getElementById('confirm-receipt');
  if (next instanceof HTMLElement) next.focus();
}

/** What a draft of a line is made of. @param {Pick<Receipt, 'id'>} receipt @param {string} line @param {Take} take */
export function lineParts({ id }, line, take) {
  /** @param {Receipt} current */
  const of = (current) => {
    const same = current.lines?.find((one) => one.id === line);
    return same && lineFields(same, current.currency);
  };
  return { key: `${id}/${line}`, path: `/api/receipts/${id}/lines/${line}`, of, take, saved: () => goOn(line) };
}

/** @param {Receipt} receipt @param {Line} line @param {Take} take */
function draftFor(receipt, line, take) {
  return draftOf(keyOf(receipt, line)) ?? begin(lineParts(receipt, line.id, take), receipt);
}

/** Opens a line to be put right. @param {Receipt} receipt @param {Line} line @param {Take} take */
export function open(receipt, line, take) {
  const draft = draftFor(receipt, line, take);
  const first = line.kind === 'item' ? 'product_id' : 'wording';
  requestAnimationFrame(() => {
    const field = document.getElementById(fieldId(draft, asks(line) === 'amount' ? 'arrives' : first));
    field?.focus();
    field?.scrollIntoView({ block: 'nearest' });
  });
}

/** Says one thing of a line and saves it; what cannot be saved stays open as a form. @param {Receipt} receipt @param {Line} line @param {Take} take @param {import('../lib/meet.js').Fields} said */
async function sayAtOnce(receipt, line, take, said) {
  const draft = draftFor(receipt, line, take);
  change(draft, said);
  try {
    await store(draft);
  } catch (error) {
    draft.form.trouble.value = explain(error);
  }
}

/** @param {Receipt} receipt @param {Line} line @param {Take} take */
async function nameAtOnce(receipt, line, take) {
  const product = await productOf(line);
  if (product) await sayAtOnce(receipt, line, take, { product_id: product.id });
}

/** @param {Receipt} receipt @param {Line} line @param {Take} take */
async function remove(receipt, line, take) {
  try {
    const data = await inTurn(receipt.id, receipt.version, async (version) => {
      const path = `/api/receipts/${receipt.id}/lines/${line.id}?version=${version}`;
      return (await /** @type {Promise<import('../lib/api.js').Answer<Receipt>>} */ (api.ask('DELETE', path))).data;
    });
    goOn(line.id);
    drop(keyOf(receipt, line));
    take(data);
    toast(() => t('receipt.line.removed'));
  } catch (error) {
    // One's own second tap on it.
    if (error instanceof Problem && error.code === 'unknown-receipt-line') return;
    const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
    if (current) take(/** @type {Receipt} */ (current));
    toast(() => (current ? t('receipt.changed-meanwhile') : explain(error)), { tone: 'over' });
  }
}

/** What is said of a line in one row. @param {Line} line @param {string} currency */
function summary(line, currency) {
  const { kind, unit, quantity, unit_price: each, arrives, base_unit: base = 'piece', ignored } = line;
  const counted = quantity !== 1 || unit !== 'piece' ? amount(quantity, unit) : '';
  const parts = [
    line.product_name && line.product_name !== line.wording ? line.wording : '',
    counted && each !== undefined ? `${counted} × ${money(each, currency)}` : counted,
    kind === 'item' && !ignored && arrives !== undefined ? t('receipt.arrives', { amount: amount(arrives, base) }) : '',
    line.best_before ? t('receipt.best-before', { day: dayInWords(line.best_before) }) : '',
    line.place_id ? (placeNames.value.get(line.place_id) ?? '') : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

/** @param {Line} line @param {boolean} may whether one may answer what it asks @param {boolean} over whether that is past */
function marks(line, may, over) {
  const guessed = line.reason === 'name' && line.confidence < SURE && !line.ignored && !over;
  const out = line.ignored || (over && asks(line));
  return html`${out ? chip(t('receipt.left-out')) : nothing}
  ${asks(line) && !may && !over ? chip(t(`receipt.asks.${asks(line)}`), { tone: 'soon', icon: 'triangle-alert' }) : nothing}
  ${guessed ? chip(t('receipt.guessed'), { tone: 'info', icon: 'search' }) : nothing}
  ${line.doubtful && !over ? chip(t('receipt.doubtful'), { tone: 'soon', icon: 'eye' }) : nothing}`;
}

/** What one wants to say of a line that asks, without opening it. @param {Receipt} receipt @param {Line} line @param {Take} take */
function quickly(receipt, line, take) {
  const asked = asks(line);
  if (!asked) return nothing;
  const label = (/** @type {string} */ what) => `${what}: ${line.wording}`;
  return html`<div class="line-acts">
    ${asked === 'product'
      ? html`<button class="button" type="button" aria-label=${label(t('receipt.which'))} @click=${() => void nameAtOnce(receipt, line, take)}>${icon('search')}${t('receipt.which.short')}</button>`
      : html`<button class="button" type="button" aria-label=${label(t('receipt.how-much'))} @click=${() => open(receipt, line, take)}>${icon('pencil')}${t('receipt.how-much')}</button>`}
    <button class="button" type="button" aria-label=${label(t('receipt.leave-out'))} @click=${() => void sayAtOnce(receipt, line, take, { ignored: 'yes' })}>${icon('x')}${t('receipt.leave-out')}</button>
  </div>`;
}

/** Up and down go from line to line. @param {KeyboardEvent} event */
function step(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const all = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.line-open'))];
  const next = all[all.indexOf(/** @type {HTMLElement} */ (event.currentTarget)) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** @param {Receipt} receipt @param {Line} line @param {Take} take @param {boolean} may */
function row(receipt, line, take, may) {
  const title = line.kind === 'item' ? (line.product_name ?? line.wording) : t(`receipt.kind.${line.kind}`);
  const sub = line.kind === 'item' ? summary(line, receipt.currency) : [line.wording, line.for_all ? t('receipt.for-all') : ''].filter(Boolean).join(' · ');
  const inside = html`<span class="grow">
      <span class="row-title">${title}</span>
      ${sub ? html`<span class="row-sub">${sub}</span>` : nothing}
      <span class="line-marks">${marks(line, may, receipt.state === 'confirmed')}</span>
    </span>
    <span class="line-price">${money(line.total, receipt.currency)}</span>`;
  return may
    ? html`<button class="card-row line-open" type="button" id=${rowId(line)} @click=${() => open(receipt, line, take)} @keydown=${step}>${inside}${icon('pencil')}</button>
        ${quickly(receipt, line, take)}`
    : html`<div class="card-row">${inside}</div>`;
}

/** How a field's value is said. @param {string} name @param {string} value */
function inWords(name, value) {
  if (name === 'ignored') return t(value ? 'receipt.left-out' : 'receipt.goes-in');
  if (name === 'arrives' && value === '') return t('receipt.reckoned');
  if (value === '') return t('product.nothing');
  if (name === 'product_id') return nameOfProduct(value);
  if (name === 'place_id') return placeNames.value.get(value) ?? '…';
  if (name === 'unit') return t(`receipt.unit.${value}`);
  return name === 'best_before' ? dayInWords(value, 'dayOfYear') : value;
}

export const unitChoices = () => UNITS.map((value) => ({ value, word: t(`receipt.unit.${value}`) }));

/** The product of a line that is being changed. @param {Draft} draft @param {Line} line */
function productField(draft, line) {
  const id = fieldId(draft, 'product_id');
  const chosen = draft.fields.value['product_id'] ?? '';
  const choose = async () => {
    const product = await productOf(line);
    if (product) change(draft, { product_id: product.id });
  };
  const hint = chosen === draft.begun['product_id'] && line.reason ? t(`receipt.reason.${line.reason}`, { percent: line.confidence }) : '';
  return html`<div class="field">
    <span class="label" id="${id}-label">${t('receipt.field.product_id')}</span>
    <button class="button line-product" type="button" id=${id} aria-labelledby="${id}-label ${id}" @click=${() => void choose()}>
      ${icon('search')}<span class="grow">${chosen ? nameOfProduct(chosen) : t('receipt.which')}</span>
    </button>
    ${hint ? html`<p class="hint">${hint}</p>` : nothing}
  </div>`;
}

/** @param {Draft} draft @param {Line} line */
function fields(draft, line) {
  const { form, fields: said } = draft;
  const value = (/** @type {string} */ name) => said.value[name] ?? '';
  const text = (/** @type {string} */ name, /** @type {Partial<Parameters<typeof field>[0]>} */ more = {}) =>
    field({ form, name, label: t(`receipt.field.${name}`), value: value(name), required: false, maxlength: 120, id: fieldId(draft, name), ...more });
  const number = { inputmode: 'decimal', maxlength: 12 };
  const select = (/** @type {string} */ name, /** @type {{ value: string, word: string }[]} */ choices) =>
    selectField({ form, name, label: t(`receipt.field.${name}`), value: value(name), choices, id: fieldId(draft, name) });
  if (line.kind !== 'item') return html`${text('wording')} ${text('total', number)}`;
  const unit = unitOfProduct(value('product_id'));
  const rare = form.errors.value.has('wording') || ['place_id', 'best_before', 'wording'].some((name) => name in draft.theirs.value);
  return html`${part(() => productField(draft, line))}
    <div class="fields three">${text('quantity', number)} ${select('unit', unitChoices())} ${text('total', number)}</div>
    ${text('arrives', { ...number, label: unit ? t('receipt.field.arrives.in', { unit: t(`product.unit.${unit}`) }) : t('receipt.field.arrives'), hint: t('receipt.arrives.hint') })}
    <label class="tick"><input type="checkbox" name="ignored" id=${fieldId(draft, 'ignored')} .checked=${live(value('ignored') === 'yes')} /><span>${t('receipt.field.ignored')}</span></label>
    <details class="folded" ?open=${rare}>
      <summary>${t('receipt.line.more')}</summary>
      <div class="stack">
        <div class="fields">
          ${select('place_id', [{ value: '', word: t('receipt.usual-place') }, ...choicesOf(places.data.value, value('place_id'))])}
          ${text('best_before', { type: 'date' })}
        </div>
        ${text('wording')}
      </div>
    </details>`;
}

/** Somebody took the line away while it was being changed. @param {Draft} draft @param {Receipt} receipt @param {Take} take */
function goneNotice(draft, receipt, take) {
  const again = async () => {
    const line = newLine(draft.fields.peek(), receipt.currency);
    try {
      const send = (/** @type {number} */ version) => /** @type {Promise<Receipt>} */ (api.post(`/api/receipts/${receipt.id}/lines`, { version, line }));
      take(await inTurn(receipt.id, receipt.version, send));
      drop(draft.key);
    } catch (error) {
      toast(() => explain(error), { tone: 'over' });
    }
  };
  return notice(
    html`<div class="stack tight">
      <p><code>${draft.fields.value['wording']}</code></p>
      <p>${t('receipt.line.gone')}</p>
      <div class="actions start">
        <button class="button" type="button" @click=${() => void again()}>${t('receipt.line.again')}</button>
        <button class="button" type="button" @click=${() => drop(draft.key)}>${t('receipt.line.let-go')}</button>
      </div>
    </div>`,
    { tone: 'soon', icon: 'triangle-alert' },
  );
}

/** @param {Draft} draft @param {Receipt} receipt @param {Line} line @param {Take} take */
function editing(draft, receipt, line, take) {
  draft.take = take;
  const cancel = () => {
    drop(draft.key);
    requestAnimationFrame(() => document.getElementById(rowId(line))?.focus());
  };
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    cancel();
  };
  const buttons = html`<button class="button danger-quiet" type="button" @click=${() => void remove(receipt, line, take)}>${icon('trash-2')}${t('receipt.line.remove')}</button>
    <button class="button push" type="button" @click=${cancel}>${t('action.cancel')}</button>`;
  return html`<div class="line-form stack" role="group" aria-label=${line.wording} @input=${typing(draft)} @keydown=${leave}>
    <p class="line-printed"><code>${line.wording}</code> <strong>${money(line.total, receipt.currency)}</strong></p>
    ${part(() => bothSides(disputesOf(draft, inWords), fieldId(draft, 'disputed')))}
    ${part(() => (draft.gone.value ? goneNotice(draft, receipt, take) : nothing))}
    ${part(() => formOf(draft.form, fields(draft, line), { submit: t('receipt.line.save'), cancel: buttons }))}
  </div>`;
}

/** Whether it is of a line that somebody else took away meanwhile. @param {Receipt} receipt */
const orphaned = (receipt) => (/** @type {Draft} */ { key, begun }) => 'wording' in begun && !receipt.lines?.some((line) => key === keyOf(receipt, line));

/** @param {Receipt} receipt @param {Take} take @param {boolean} may @param {readonly Draft[]} drafts */
export function lineList(receipt, take, may, drafts) {
  const one = (/** @type {Line} */ line) => {
    const draft = draftOf(keyOf(receipt, line));
    const kind = `${line.ignored ? 'out' : ''} ${line.kind === 'item' ? '' : 'beside'} ${asks(line) && may ? 'asking' : ''}`;
    return html`<li class="line ${kind}">${draft ? editing(draft, receipt, line, take) : row(receipt, line, take, may)}</li>`;
  };
  return html`${drafts.filter(orphaned(receipt)).map((draft) => goneNotice(draft, receipt, take))}
    <ul class="card rows lines">${list(receipt.lines ?? [], ({ id }) => id, one)}</ul>`;
}
