// What a receipt says of itself: where, when and how much; and whether its lines come to that.

import { html, nothing, part } from '../lib/view.js';
import { t } from '../lib/text.js';
import { bothSides } from '../elements/disputes.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip } from '../elements/pieces.js';
import { dayInWords, money } from '../kitchen/words.js';
import { headFields } from './draft.js';
import { begin, disputesOf, draftOf, drop, fieldId, typing } from './editing.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('./editing.js').Draft} Draft */

/** @param {string} id */
const keyOf = (id) => `${id}/head`;
const CHANGE = 'change-receipt';

/** What a draft of it is made of. @param {Pick<Receipt, 'id'>} receipt @param {(receipt: Receipt) => void} take */
export const headParts = ({ id }, take) => ({
  key: keyOf(id),
  path: `/api/receipts/${id}`,
  of: headFields,
  take,
  saved: () => document.getElementById(CHANGE)?.focus(),
});

/** Opens the head to be put right. @param {Receipt} receipt @param {(receipt: Receipt) => void} take */
function change(receipt, take) {
  const draft = begin(headParts(receipt, take), receipt);
  requestAnimationFrame(() => document.getElementById(fieldId(draft, 'shop'))?.focus());
}

/** @param {string} name @param {string} value */
const inWords = (name, value) => (value && name === 'day' ? dayInWords(value, 'dayOfYear') : value || t('product.nothing'));

/** @param {string} name */
const label = (name) => t(name === 'total' ? 'receipt.total' : `receipt.field.${name}`);

/** @param {Draft} draft */
function form(draft) {
  const { form: own, fields, key } = draft;
  const one = (/** @type {string} */ name, more = {}) =>
    field({ form: own, name, label: label(name), value: fields.peek()[name] ?? '', required: false, maxlength: 120, id: fieldId(draft, name), ...more });
  const cancel = html`<button class="button" type="button" @click=${() => drop(key)}>${t('action.cancel')}</button>`;
  return html`<div class="card padded stack" @input=${typing(draft)}>
    <h2>${t('receipt.change')}</h2>
    ${part(() => bothSides(disputesOf(draft, inWords, label), fieldId(draft, 'disputed')))}
    ${part(() =>
      formOf(
        own,
        html`${one('shop')}
          <div class="fields three">
            ${one('day', { type: 'date' })} ${one('time', { type: 'time' })}
            ${one('total', { inputmode: 'decimal', maxlength: 12 })} ${one('currency', { maxlength: 3 })}
          </div>`,
        { submit: t('action.save'), cancel },
      ),
    )}
  </div>`;
}

/** Whether what is printed is what the lines come to. @param {Receipt} receipt */
export function agreement({ total, difference, currency, lines_total: lines }) {
  if (total === undefined || difference === undefined) return chip(t('receipt.total.unknown'), { tone: 'plain', icon: 'info' });
  if (difference === 0) return chip(t('receipt.agrees'), { tone: 'fresh', icon: 'circle-check' });
  const words = t(difference > 0 ? 'receipt.lines-lack' : 'receipt.lines-exceed', { sum: money(Math.abs(difference), currency), lines: money(lines, currency) });
  return html`<span class="agreement">${chip(words, { tone: 'soon', icon: 'triangle-alert' })}</span>`;
}

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take @param {boolean} may */
export function head(receipt, take, may) {
  const draft = draftOf(keyOf(receipt.id));
  if (draft) {
    draft.take = take;
    return form(draft);
  }
  const { total, currency, day, time, lines_total: lines } = receipt;
  const when = day ? dayInWords(day, 'dayOfYear') : t('receipt.undated');
  return html`<section class="card padded receipt-head" aria-label=${t('receipt.head')}>
    <div class="grow">
      <p class="row-sub">${t('receipt.total')}</p>
      <p class="receipt-total">${total === undefined ? money(lines, currency) : money(total, currency)}</p>
      <p>${time ? t('time.day-at', { day: when, time }) : when}</p>
    </div>
    ${may
      ? html`<button class="button" type="button" id=${CHANGE} @click=${() => change(receipt, take)}>${icon('pencil')}${t('product.change')}</button>`
      : nothing}
    <div class="receipt-sums">${agreement(receipt)}
      ${receipt.cut ? chip(t('receipt.cut'), { tone: 'soon', icon: 'triangle-alert' }) : nothing}
      ${receipt.voided > 0 ? chip(t('receipt.voided', { count: receipt.voided }), { icon: 'info' }) : nothing}
    </div>
  </section>`;
}
