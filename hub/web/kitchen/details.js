// What is said of a product, and changing it where it stands.

import { html, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { number, t } from '../lib/text.js';
import { api } from '../hearth.js';
import { field, formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { ALLERGENS, changesOf, fieldsOf, meet, wordsOf } from './draft.js';
import { categories, choicesOf, places } from './furnishing.js';
import { amount, known } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('./draft.js').Fields} Fields */

/**
 * What somebody is typing. It outlives the screen: who has to sign in again in the middle of it finds it.
 *
 * @typedef {{ begun: ProductBody, fields: import('../lib/view.js').Signal<Fields>, theirs: import('../lib/view.js').Signal<Fields>, form: import('../lib/form.js').Form, take: (product: ProductBody) => void }} Draft
 */

/** @type {import('../lib/view.js').Signal<ReadonlyMap<string, Draft>>} */
const drafts = signal(new Map());

/** How often a change is offered anew to a product that others change at the same time. */
const TRIES = 4;

/** Where the facts of the invented larder come from. */
const INVENTED = 'demo';
const UNITS = ['piece', 'g', 'ml'];
const DUE_KINDS = ['best-before', 'use-by'];
const DAYS = ['shelf_days', 'opened_days', 'frozen_days', 'thawed_days'];

/** @param {string} id */
function drop(id) {
  const left = new Map(drafts.peek());
  left.delete(id);
  drafts.value = left;
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take what to do with what the house answers */
function begin(product, take) {
  const [fields, theirs] = [signal(fieldsOf(product)), signal(/** @type {Fields} */ ({}))];
  const form = createForm({ submit: () => store(draft) });
  /** @type {Draft} */
  const draft = { begun: product, fields, theirs, form, take };
  drafts.value = new Map(drafts.peek()).set(product.id, draft);
}

/** @param {Draft} draft */
async function store(draft) {
  for (let tries = 1; ; tries += 1) {
    const { body, wrong } = changesOf(draft.begun, draft.fields.peek());
    if (wrong.length > 0) {
      draft.form.errors.value = new Map(wrong.map((name) => [name, t(name.endsWith('_days') ? 'product.wrong.days' : 'product.wrong.amount')]));
      return;
    }
    if (Object.keys(body).length === 1) break;
    try {
      draft.take(await api.patch(`/api/products/${draft.begun.id}`, body));
      toast(() => t('saved'));
      break;
    } catch (error) {
      const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
      if (!current) throw error;
      // Where nobody said something else about the same, both are kept.
      if (!met(draft, /** @type {ProductBody} */ (current)) && tries < TRIES) continue;
      return;
    }
  }
  drop(draft.begun.id);
  requestAnimationFrame(() => document.getElementById('change-product')?.focus());
}

/** Takes over what somebody else said; whether both spoke about the same. @param {Draft} draft @param {ProductBody} current */
function met(draft, current) {
  const { fields, theirs } = meet(draft.begun, draft.fields.peek(), current);
  draft.begun = current;
  draft.fields.value = fields;
  draft.theirs.value = theirs;
  draft.take(current);
  const disputed = Object.keys(theirs).length > 0;
  if (disputed) requestAnimationFrame(() => document.getElementById('disputed')?.focus());
  return disputed;
}

/** @param {Draft} draft @param {Event} event */
function typing(draft, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (input.name === 'allergen' || input.name === 'other_allergens') {
    const form = /** @type {HTMLFormElement} */ (input.form);
    const ticked = [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name=allergen]:checked'))].map(({ value }) => value);
    const others = wordsOf(/** @type {HTMLInputElement} */ (form.elements.namedItem('other_allergens')).value);
    draft.fields.value = { ...draft.fields.peek(), allergens: [...ticked, ...others].join(', ') };
  } else if (input.name) {
    draft.fields.value = { ...draft.fields.peek(), [input.name]: input.value };
  }
}

/** How a field's value is said. @param {string} name @param {string} value */
function inWords(name, value) {
  if (value === '') return t('product.nothing');
  if (name === 'category_id') return categories.data.value?.find(({ id }) => id === value)?.name ?? '…';
  if (name === 'place_id') return places.data.value?.find(({ id }) => id === value)?.name ?? '…';
  if (name === 'base_unit') return t(`product.unit.${value}`);
  if (name === 'due_kind') return t(`due.${value}`);
  if (name === 'allergens') return wordsOf(value).map((word) => known('allergen', word)).join(', ');
  return value;
}

/** Puts a value where one types. @param {string} name @param {string} value */
function fill(name, value) {
  const form = document.getElementById('product-form');
  const input = /** @type {HTMLFormElement | null} */ (form?.querySelector('form'))?.elements.namedItem(name);
  if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) input.value = value;
}

/** @param {Draft} draft @param {string} name */
function takeTheirs(draft, name) {
  const { [name]: value = '', ...rest } = draft.theirs.peek();
  draft.fields.value = { ...draft.fields.peek(), [name]: value };
  draft.theirs.value = rest;
  fill(name, value);
}

/** @param {Draft} draft @param {string} name */
function keepMine(draft, name) {
  const { [name]: _, ...rest } = draft.theirs.peek();
  draft.theirs.value = rest;
}

/** Both sides of what two people changed at the same time. @param {Draft} draft */
function disputes(draft) {
  const all = Object.entries(draft.theirs.value);
  if (all.length === 0) return nothing;
  const values = (/** @type {string} */ name, /** @type {string} */ theirs) => ({ what: t(`product.${name}`), mine: inWords(name, draft.fields.value[name] ?? ''), theirs: inWords(name, theirs) });
  return html`<div class="notice soon" id="disputed" tabindex="-1" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack">
      <p><strong>${t('product.disputed')}</strong></p>
      ${all.map(
        ([name, theirs]) => html`<div class="stack tight">
          <p>${t('product.disputed.both', values(name, theirs))}</p>
          <div class="actions start">
            <button class="button" type="button" @click=${() => keepMine(draft, name)}>${t('product.disputed.mine', values(name, theirs))}</button>
            <button class="button" type="button" @click=${() => takeTheirs(draft, name)}>${t('product.disputed.theirs', values(name, theirs))}</button>
          </div>
        </div>`,
      )}
    </div>
  </div>`;
}

/** @param {Draft} draft */
function allergenFields(draft) {
  const chosen = wordsOf(draft.fields.peek()['allergens'] ?? '');
  const others = chosen.filter((word) => !ALLERGENS.includes(word)).join(', ');
  return html`<fieldset class="field">
    <legend class="label">${t('product.allergens')}</legend>
    <div class="ticks">
      ${ALLERGENS.map(
        (word) => html`<label class="tick">
          <input type="checkbox" name="allergen" value=${word} ?checked=${chosen.includes(word)} />
          <span>${t(`allergen.${word}`)}</span>
        </label>`,
      )}
    </div>
    ${field({ form: draft.form, name: 'other_allergens', label: t('product.allergens.others'), hint: t('product.allergens.others.hint'), value: others, required: false, maxlength: 400 })}
  </fieldset>`;
}

/** @param {Draft} draft */
function fieldset(draft) {
  const { form, fields } = draft;
  const value = (/** @type {string} */ name) => fields.peek()[name] ?? '';
  const text = (/** @type {string} */ name, /** @type {Partial<Parameters<typeof field>[0]>} */ more = {}) =>
    field({ form, name, label: t(`product.${name}`), value: value(name), required: false, maxlength: 120, ...more });
  const select = (/** @type {string} */ name, /** @type {{ value: string, word: string }[]} */ choices) =>
    selectField({ form, name, label: t(`product.${name}`), value: value(name), choices });
  const none = { value: '', word: t('product.nothing') };
  return html`<div class="fields">
    ${text('name', { required: true })} ${text('brand')}
    ${select('category_id', [none, ...choicesOf(categories.data.value, value('category_id'))])}
    ${select('place_id', [none, ...choicesOf(places.data.value, value('place_id'))])}
    ${select('base_unit', UNITS.map((unit) => ({ value: unit, word: t(`product.unit.${unit}`) })))}
    ${text('pack_size', { inputmode: 'decimal', maxlength: 12, required: true })}
    ${text('minimum', { inputmode: 'decimal', maxlength: 12 })}
    ${select('due_kind', DUE_KINDS.map((kind) => ({ value: kind, word: t(`due.${kind}`) })))}
    ${DAYS.map((name) => text(name, { inputmode: 'numeric', maxlength: 5 }))}
  </div>
  ${text('note', { maxlength: 2000 })} ${allergenFields(draft)}`;
}

/** @param {Draft} draft */
function editing(draft) {
  const { id } = draft.begun;
  const cancel = html`<button class="button" type="button" @click=${() => drop(id)}>${t('action.cancel')}</button>`;
  return html`<div class="card padded stack" id="product-form" @input=${(/** @type {Event} */ event) => typing(draft, event)}>
    <h2>${t('product.change')}</h2>
    ${part(() => disputes(draft))}
    ${part(() => formOf(draft.form, fieldset(draft), { submit: t('action.save'), cancel }))}
  </div>`;
}

/** @param {string} name @param {Template} value */
const fact = (name, value) => html`<div><dt>${t(`product.${name}`)}</dt><dd>${value}</dd></div>`;

/** @param {ProductBody} product */
function facts(product) {
  const { base_unit: unit } = product;
  const days = DAYS.filter((name) => product[/** @type {'shelf_days'} */ (name)] !== undefined);
  const fields = fieldsOf(product);
  return html`<dl class="facts">
    ${product.brand ? fact('brand', product.brand) : nothing} ${fact('category_id', inWords('category_id', product.category_id ?? ''))}
    ${fact('place_id', inWords('place_id', product.place_id ?? ''))} ${fact('base_unit', inWords('base_unit', unit))}
    ${fact('pack_size', amount(product.pack_size, unit))}
    ${fact('minimum', product.minimum > 0 ? amount(product.minimum, unit) : t('product.nothing'))}
    ${fact('due_kind', t(`due.${product.due_kind}`))}
    ${days.map((name) => fact(name, t('product.days', { count: Number(fields[name]) })))}
    ${fact('allergens', inWords('allergens', fields['allergens'] ?? ''))} ${product.note ? fact('note', product.note) : nothing}
  </dl>`;
}

/** What a hundred grams of it hold. @param {ProductBody} product */
function nutrition({ facts: { nutrition: per } }) {
  if (!per) return nothing;
  const grams = (/** @type {number} */ mg) => t('product.grams', { count: number(mg / 1000) });
  /** @type {[string, string | undefined][]} */
  const rows = [
    ['energy', per.energy_kcal === undefined ? undefined : t('product.kcal', { count: number(per.energy_kcal) })],
    ['fat', per.fat_mg === undefined ? undefined : grams(per.fat_mg)],
    ['carbohydrate', per.carbohydrate_mg === undefined ? undefined : grams(per.carbohydrate_mg)],
    ['sugars', per.sugars_mg === undefined ? undefined : grams(per.sugars_mg)],
    ['protein', per.protein_mg === undefined ? undefined : grams(per.protein_mg)],
    ['salt', per.salt_mg === undefined ? undefined : grams(per.salt_mg)],
  ];
  const said = rows.filter(([, value]) => value !== undefined);
  if (said.length === 0) return nothing;
  return html`<details class="folded">
    <summary>${t('product.nutrition')}</summary>
    <dl class="facts">${said.map(([name, value]) => html`<div><dt>${t(`product.nutrition.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
  </details>`;
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
export function details(product, take) {
  const draft = drafts.value.get(product.id);
  if (draft) {
    draft.take = take;
    return editing(draft);
  }
  const start = () => {
    begin(product, take);
    requestAnimationFrame(() => document.getElementById('field-name')?.focus());
  };
  return html`<section class="card padded stack" aria-labelledby="details-head">
    <div class="row">
      <h2 class="grow" id="details-head">${t('product.details')}</h2>
      ${product.state === 'active' || product.state === 'unknown'
        ? html`<button class="button" type="button" id="change-product" @click=${start}>${icon('pencil')}${t('product.change')}</button>`
        : nothing}
    </div>
    ${facts(product)} ${nutrition(product)} ${product.source ? notice(product.source === INVENTED ? t('product.invented') : t('product.source', { name: product.source })) : nothing}
  </section>`;
}
