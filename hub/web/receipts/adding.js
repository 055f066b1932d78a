// A line that reading missed, or that is typed in because nobody reads.

import { html, nothing, part, signal } from '../lib/view.js';
import { Problem, Unreachable } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { api } from '../hearth.js';
import { field, formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { readAmount, typed } from '../kitchen/words.js';
import { productOf } from './choosing.js';
import { newLine } from './draft.js';
import { readMoney } from './figures.js';
import { unitChoices } from './lines.js';
import { nameOfProduct } from './names.js';
import { inTurn } from './turns.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../lib/meet.js').Fields} Fields */

const TRIES = 4;
/** @type {import('../types/wire.d.ts').LineKind[]} */
const KINDS = ['item', 'discount', 'deposit', 'tax', 'rounding'];
/** What is typed outlives the screen. @type {Map<string, ReturnType<typeof beginning>>} */
const begun = new Map();

/** @returns {Fields} */
const blank = () => ({ wording: '', kind: 'item', quantity: typed(1), unit: 'piece', total: '', product_id: '' });

/** Adds to the receipt as it is now; a lost answer does not add twice. @param {Receipt} receipt @param {unknown} line */
async function add(receipt, line) {
  let { version } = receipt;
  for (let tries = 1; ; tries += 1) {
    const key = uuid();
    try {
      return await inTurn(receipt.id, version, (now) => {
        const send = () => /** @type {Promise<Receipt>} */ (api.post(`/api/receipts/${receipt.id}/lines`, { version: now, line }, { key }));
        return send().catch((error) => {
          if (error instanceof Unreachable) return send();
          throw error;
        });
      });
    } catch (error) {
      const current = error instanceof Problem && error.code === 'stale-version' && tries < TRIES ? error.current : undefined;
      if (!current) throw error;
      version = /** @type {Receipt} */ (current).version;
    }
  }
}

/** @param {string} id @param {() => Receipt | null} now @param {(receipt: Receipt) => void} take */
function beginning(id, now, take) {
  const said = signal(blank());
  const open = signal(false);
  const form = createForm({
    submit: async () => {
      const receipt = now();
      if (!receipt) return;
      const fields = said.peek();
      const wrong = new Map();
      if (readMoney(fields['total'] ?? '', receipt.currency) === undefined) wrong.set('total', t('receipt.wrong.money'));
      if (fields['kind'] === 'item' && !readAmount(fields['quantity'] ?? '')) wrong.set('quantity', t('receipt.wrong.amount'));
      form.errors.value = wrong;
      if (wrong.size > 0) return;
      take(await add(receipt, newLine(fields, receipt.currency)));
      // Whoever was quick has begun the next one already.
      const next = { ...blank(), ...Object.fromEntries(Object.entries(said.peek()).filter(([name, text]) => text !== fields[name])) };
      const quick = next['wording'] !== '';
      said.value = next;
      for (const input of document.querySelectorAll('#add-line input')) {
        if (input instanceof HTMLInputElement) input.value = next[input.name] ?? '';
      }
      if (!quick) document.getElementById('new-wording')?.focus();
    },
  });
  return { id, said, open, form };
}

/** @param {Event} event @param {import('../lib/view.js').Signal<Fields>} said */
function typing(event, said) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (input.name) said.value = { ...said.peek(), [input.name]: input.value };
}

/** @param {Receipt} receipt @param {() => Receipt | null} now @param {(receipt: Receipt) => void} take */
export function addLine(receipt, now, take) {
  const known = begun.get(receipt.id) ?? beginning(receipt.id, now, take);
  begun.set(receipt.id, known);
  const { said, open, form } = known;
  if (receipt.lines?.length === 0) open.value = true;
  const start = () => {
    open.value = true;
    requestAnimationFrame(() => document.getElementById('new-wording')?.focus());
  };
  const choose = async () => {
    const { wording = '', unit = 'piece' } = said.peek();
    const product = await productOf({ wording, unit: /** @type {any} */ (unit) });
    if (product) said.value = { ...said.peek(), product_id: product.id };
  };
  return part(() => {
    if (!open.value) return html`<p><button class="button" type="button" @click=${start}>${icon('plus')}${t('receipt.line.add')}</button></p>`;
    const value = (/** @type {string} */ name) => said.value[name] ?? '';
    const text = (/** @type {string} */ name, more = {}) =>
      field({ form, name, label: t(`receipt.field.${name}`), value: value(name), maxlength: 120, id: `new-${name}`, ...more });
    const select = (/** @type {string} */ name, /** @type {{ value: string, word: string }[]} */ choices) =>
      selectField({ form, name, label: t(`receipt.field.${name}`), value: value(name), choices, id: `new-${name}`, change: (one) => (said.value = { ...said.peek(), [name]: one }) });
    const item = value('kind') === 'item';
    const cancel = html`<button class="button" type="button" @click=${() => (open.value = false)}>${t('action.close')}</button>`;
    return html`<section class="card padded stack" id="add-line" aria-labelledby="add-head" @input=${(/** @type {Event} */ event) => typing(event, said)}>
      <h2 id="add-head">${t('receipt.line.add')}</h2>
      ${formOf(
        form,
        html`<div class="fields">${text('wording')} ${select('kind', KINDS.map((kind) => ({ value: kind, word: t(`receipt.kind.${kind}`) })))}</div>
          <div class="fields three">
            ${item ? html`${text('quantity', { inputmode: 'decimal', maxlength: 12 })} ${select('unit', unitChoices())}` : nothing}
            ${text('total', { inputmode: 'decimal', maxlength: 12 })}
          </div>
          ${item
            ? html`<div class="field">
                <span class="label" id="new-product-label">${t('receipt.field.product_id')}</span>
                <button class="button line-product" type="button" id="new-product" aria-labelledby="new-product-label new-product" @click=${() => void choose()}>
                  ${icon('search')}<span class="grow">${value('product_id') ? nameOfProduct(value('product_id')) : t('receipt.which')}</span>
                </button>
              </div>`
            : nothing}`,
        { submit: t('receipt.line.add.do'), cancel: (receipt.lines?.length ?? 0) > 0 ? cancel : nothing },
      )}
    </section>`;
  });
}
