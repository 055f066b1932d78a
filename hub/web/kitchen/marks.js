// The codes that stand for a product, and the units in which one speaks of it.

import { html, list, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { number, t } from '../lib/text.js';
import { api } from '../hearth.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';
import { ratioOf } from '../settings/measures.js';
import { amount, codeForPeople, readAmount } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../types/wire.d.ts').ProductCode} ProductCode */
/** @typedef {import('../types/wire.d.ts').ProductUnitWish} ProductUnitWish */
/** @typedef {(product: ProductBody) => void} Take */

/** How often a change is offered anew to a product that others change at the same time. */
const TRIES = 4;

/**
 * Changes a product as it is now: what is asked for is made of its present state, so that nobody's word is lost.
 *
 * @param {ProductBody} product
 * @param {(product: ProductBody) => Record<string, unknown>} change
 * @returns {Promise<ProductBody>}
 */
export async function changeAsItIs(product, change) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await api.patch(`/api/products/${product.id}`, { version: product.version, ...change(product) });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'stale-version' || !error.current || tries === TRIES) throw error;
      product = /** @type {ProductBody} */ (error.current);
    }
  }
}

/** What is added now and then is folded away until then. @param {string} id @param {string} word @param {() => import('../lib/view.js').Template} view */
const adding = (id, word, view) => html`<details class="folded" id=${id}>
  <summary>${word}</summary>
  ${part(view)}
</details>`;

/** @param {Promise<unknown>} work */
const orSayWhy = (work) => void work.catch((error) => toast(() => explain(error), { tone: 'over' }));

/** @param {ProductBody} product @param {string} raw @param {number} [stands] @param {Take} [take] */
async function addCode(product, raw, stands, take) {
  const body = stands === undefined ? { code: raw } : { code: raw, amount: stands };
  take?.(await api.post(`/api/products/${product.id}/codes`, body));
  toast(() => t('code.added'));
}

/** @param {ProductBody} product @param {ProductCode} code @param {() => unknown} reload */
async function removeCode(product, { code, amount: stands, note }, reload) {
  const path = `/api/products/${product.id}/codes`;
  await api.remove(`${path}?code=${encodeURIComponent(code)}`);
  await reload();
  document.getElementById('codes-head')?.focus();
  const again = async () => {
    await api.post(path, { code: code.replace(/^(text|shop):/, ''), note, ...(stands === undefined ? {} : { amount: stands }) });
    await reload();
  };
  toast(() => t('code.removed'), { action: { word: () => t('action.undo'), run: () => orSayWhy(again()) } });
}

/** @param {() => ProductBody | null} current @param {Take} take */
export function codesForm(current, take) {
  return createForm({
    wrong: { 'code-taken': 'code', 'code-unreadable': 'code', 'code-of-the-house': 'code', 'code-of-a-case': 'code', 'code-too-long': 'code' },
    submit: async ({ code = '', stands = '' }) => {
      const product = current();
      if (!product) return;
      await addCode(product, code, readAmount(stands), take);
      const input = document.getElementById('field-code');
      const form = /** @type {HTMLFormElement | null} */ (input?.closest('form') ?? null);
      form?.reset();
      input?.focus();
    },
  });
}

/** @param {ProductBody} product @param {import('../lib/form.js').Form} form @param {() => unknown} reload */
export function codes(product, form, reload) {
  const row = (/** @type {ProductCode} */ code) => html`<li class="card-row still">
    <span class="grow">
      <code class="row-title">${codeForPeople(code.code)}</code>
      ${code.note ? html`<span class="row-sub">${code.note}</span>` : nothing}
    </span>
    ${code.amount === undefined ? nothing : html`<span class="quiet">${t('code.stands', { amount: amount(code.amount, product.base_unit) })}</span>`}
    <button
      class="button bare"
      type="button"
      aria-label=${t('code.remove', { code: codeForPeople(code.code) })}
      @click=${() => orSayWhy(removeCode(product, code, reload))}
    >
      ${icon('x')}
    </button>
  </li>`;
  return html`<section class="card padded stack" aria-labelledby="codes-head">
    <h2 id="codes-head" tabindex="-1">${t('code.title')}</h2>
    ${product.codes.length > 0 ? html`<ul class="rows compact flush">${list(product.codes, ({ code }) => code, row)}</ul>` : html`<p class="quiet">${t('code.none')}</p>`}
    ${adding('code-adding', t('code.add'), () =>
      formOf(
        form,
        html`<div class="fields">
          ${field({ form, name: 'code', label: t('code.new'), hint: t('code.new.hint'), maxlength: 400 })}
          ${field({ form, name: 'stands', label: t('code.amount'), hint: t('code.amount.hint', { amount: amount(product.pack_size, product.base_unit) }), required: false, inputmode: 'decimal', maxlength: 12 })}
        </div>`,
        { submit: t('code.add'), kind: '' },
      ),
    )}
  </section>`;
}

/** @param {() => ProductBody | null} current @param {Take} take */
export function unitsForm(current, take) {
  /** @type {import('../lib/form.js').Form} */
  const form = createForm({
    submit: async ({ unit_name: name = '', per = '', quantity = '' }) => {
      const product = current();
      const { per: parts, quantity: each } = ratioOf({ per, quantity });
      const errors = new Map();
      if (parts === undefined) errors.set('per', t('units.wrong.per'));
      if (each === undefined) errors.set('quantity', t('product.wrong.amount'));
      form.errors.value = errors;
      if (!product || errors.size > 0) return;
      const added = { name, per: parts ?? 1, quantity: each ?? 1 };
      take(await changeAsItIs(product, ({ units }) => ({ units: [...units.filter((unit) => unit.name !== name), added] })));
      toast(() => t('units.added', { name }));
      const input = document.getElementById('field-unit_name');
      /** @type {HTMLFormElement | null} */ (input?.closest('form') ?? null)?.reset();
      input?.focus();
    },
  });
  return form;
}

/** @param {ProductBody} product @param {ProductUnitWish} gone @param {Take} take */
async function removeUnit(product, gone, take) {
  take(await changeAsItIs(product, ({ units }) => ({ units: units.filter(({ name }) => name !== gone.name) })));
  document.getElementById('units-head')?.focus();
  const again = async () => take(await changeAsItIs(product, ({ units }) => ({ units: [...units, gone] })));
  toast(() => t('units.removed', { name: gone.name }), { action: { word: () => t('action.undo'), run: () => orSayWhy(again()) } });
}

/** @param {ProductBody} product @param {import('../lib/form.js').Form} form @param {Take} take */
export function units(product, form, take) {
  const { base_unit: base } = product;
  const row = (/** @type {ProductUnitWish} */ unit) => html`<li class="card-row still">
    <span class="grow row-title">${t('units.is', { count: number(unit.per ?? 1), name: unit.name, amount: amount(unit.quantity, base) })}</span>
    <button class="button bare" type="button" aria-label=${t('units.remove', { name: unit.name })} @click=${() => orSayWhy(removeUnit(product, unit, take))}>
      ${icon('x')}
    </button>
  </li>`;
  const label = base === 'piece' ? t('units.quantity.pieces') : t('units.quantity', { unit: base });
  return html`<section class="card padded stack" aria-labelledby="units-head">
    <h2 id="units-head" tabindex="-1">${t('units.title')}</h2>
    <ul class="rows compact flush">
      <li class="card-row still"><span class="grow row-title">${t('units.is', { count: number(1), name: t('units.pack'), amount: amount(product.pack_size, base) })}</span></li>
      ${list(product.units, ({ name }) => name, row)}
    </ul>
    ${adding('unit-adding', t('units.add'), () =>
      formOf(
        form,
        html`<div class="fields three">
          ${field({ form, name: 'per', label: t('units.per'), value: '1', inputmode: 'numeric', maxlength: 6 })}
          ${field({ form, name: 'unit_name', label: t('units.name'), maxlength: 30 })}
          ${field({ form, name: 'quantity', id: 'field-unit-quantity', label, inputmode: 'decimal', maxlength: 12 })}
        </div>`,
        { submit: t('units.add'), kind: '' },
      ),
    )}
  </section>`;
}
