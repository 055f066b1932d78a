// What is said of a product, and changing it where it stands.

import { html, nothing, part, signal, untracked } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { stood } from '../lib/meet.js';
import { overlay } from '../lib/outbox.js';
import { explainCode } from '../lib/problems.js';
import { number, t } from '../lib/text.js';
import { outbox, save } from '../hearth.js';
import { disputes, fill, showDisputes } from '../elements/disputes.js';
import { field, formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';
import { allergenFields, allergensTyped, sayAllergens } from './allergen-fields.js';
import { changesOf, fieldsOf, meet, parted, wordsOf } from './draft.js';
import { categories, choicesOf, places } from './furnishing.js';
import { amount, known } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('./draft.js').Fields} Fields */

/**
 * What somebody is typing. It outlives the screen: who has to sign in again in the middle of it finds it.
 *
 * @typedef {{ waited: string, begun: ProductBody, fields: import('../lib/view.js').Signal<Fields>, theirs: import('../lib/view.js').Signal<Fields>, form: import('../lib/form.js').Form, take: (product: ProductBody) => void }} Draft `waited`: what waited on the device and was refused, if it began so
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
const FORM = 'product-form';

/** @param {string} id */
const pathOf = (id) => `/api/products/${id}`;

/** A product as it will be once what waits on this device has arrived. @param {ProductBody} product */
export const asItWillBe = (product) => overlay(product, outbox.waiting.value, pathOf(product.id));

/** @param {Draft} draft */
async function drop({ waited, begun: { id } }) {
  // Before the draft goes: what is refused still begins one.
  if (waited) await outbox.dismiss(waited);
  const left = new Map(drafts.peek());
  left.delete(id);
  drafts.value = left;
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take what to do with what the house answers @param {{ fields: Fields, theirs: Fields, waited: string }} [said] */
function begin(product, take, said = { fields: fieldsOf(product), theirs: {}, waited: '' }) {
  const form = createForm({ submit: () => store(draft) });
  /** @type {Draft} */
  const draft = { waited: said.waited, begun: product, fields: signal(said.fields), theirs: signal(said.theirs), form, take };
  drafts.value = new Map(drafts.peek()).set(product.id, draft);
  return draft;
}

/**
 * What waited on this device and was refused goes on where it was typed, with both sides where somebody else said
 * something about the same. To be called where signals are followed.
 *
 * @param {string} id
 * @param {ProductBody | null} there
 * @param {(product: ProductBody) => void} take
 */
export function goOn(id, there, take) {
  const entry = outbox.refused.value.find(({ path, before }) => path === pathOf(id) && before);
  const refused = entry?.refused;
  const current = /** @type {ProductBody | null} */ (refused?.current ?? there);
  if (!entry || !refused || !current || drafts.value.has(id)) return;
  untracked(() => {
    take(current);
    const { form } = begin(current, take, { ...parted(entry, current), waited: entry.id });
    if (!refused.current) form.trouble.value = explainCode(refused.code, refused.detail);
  });
}

/** @param {Draft} draft @param {Record<string, unknown>} body @returns {import('../lib/outbox.js').Write} */
function writeOf({ begun, fields }, body) {
  const { id, name } = begun;
  const about = { name: fields.peek()['name'] || name, to: `/app/product/${id}` };
  return { method: 'PATCH', path: pathOf(id), body, before: stood(begun, body), label: 'write.product', join: `product-${id}`, about };
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
      await save(writeOf(draft, body));
      break;
    } catch (error) {
      const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
      if (!current) throw error;
      // Where nobody said something else about the same, both are kept.
      if (!met(draft, /** @type {ProductBody} */ (current)) && tries < TRIES) continue;
      return;
    }
  }
  await drop(draft);
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
  if (disputed) showDisputes();
  return disputed;
}

/** @param {Draft} draft @param {Event} event */
function typing(draft, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const allergens = allergensTyped(input);
  if (allergens !== undefined) draft.fields.value = { ...draft.fields.peek(), allergens };
  else if (input.name) draft.fields.value = { ...draft.fields.peek(), [input.name]: input.value };
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

/** @param {Draft} draft @param {string} name */
function takeTheirs(draft, name) {
  const { [name]: value = '', ...rest } = draft.theirs.peek();
  draft.fields.value = { ...draft.fields.peek(), [name]: value };
  draft.theirs.value = rest;
  if (name === 'allergens') sayAllergens(FORM, value);
  else fill(FORM, name, value);
}

/** @param {Draft} draft @param {string} name */
function keepMine(draft, name) {
  const { [name]: _, ...rest } = draft.theirs.peek();
  draft.theirs.value = rest;
}

/** Both sides of what two people changed at the same time. @param {Draft} draft */
function disputed(draft) {
  return disputes({
    theirs: draft.theirs.value,
    said: (name, theirs) => ({ what: t(`product.${name}`), mine: inWords(name, draft.fields.value[name] ?? ''), theirs: inWords(name, theirs) }),
    keep: (name) => keepMine(draft, name),
    take: (name) => takeTheirs(draft, name),
  });
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
  ${text('note', { maxlength: 2000 })} ${allergenFields({ form, legend: t('product.allergens'), value: value('allergens') })}`;
}

/** @param {Draft} draft */
function editing(draft) {
  const cancel = html`<button class="button" type="button" @click=${() => void drop(draft)}>${t('action.cancel')}</button>`;
  return html`<div class="card padded stack" id=${FORM} @input=${(/** @type {Event} */ event) => typing(draft, event)}>
    <h2>${t('product.change')}</h2>
    ${part(() => disputed(draft))}
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

/** Whether something said here of a product has not arrived. @param {string} id */
const waits = (id) => outbox.waiting.value.some(({ path }) => path === pathOf(id));

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
    ${waits(product.id) ? notice(t('saved-here'), { tone: 'soon', icon: 'clock' }) : nothing} ${facts(product)} ${nutrition(product)} ${product.source ? notice(product.source === INVENTED ? t('product.invented') : t('product.source', { name: product.source })) : nothing}
  </section>`;
}
