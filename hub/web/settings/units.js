// The units of the house, each with what it is exactly, and those that everybody knows.

import { html, list, nothing, part } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { number, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { field, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { emptyState, notice, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { readAll } from '../kitchen/kept.js';
import { typed } from '../kitchen/words.js';
import { follow, sources } from '../system/follow.js';
import { Editing, latest, takeInto } from './editing.js';
import { isOwn, known, one, ratioOf, sameWord } from './measures.js';
import { back } from './settings.js';

/** @typedef {import('../types/wire.d.ts').UnitBody} Unit */

const PATH = '/api/units';
const BASES = ['ml', 'g', 'piece'];
const EVERY = 120_000;

/** @type {import('../lib/watch.js').Watched<Unit[]>} */
const units = watch(() => readAll((path) => api.read(path), `${PATH}?limit=500`));

/** @param {number} quantity @param {string} unit */
const exactly = (quantity, unit) => `${number(quantity)} ${unit === 'piece' ? t('measures.pieces', { count: quantity }) : unit}`;

/** @param {Pick<Unit, 'name' | 'per' | 'quantity' | 'unit'>} unit */
const sentence = ({ name, per, quantity, unit }) => t('measures.is', { count: per, name, amount: exactly(quantity, unit) });

/** What is being said, as a sentence, and whether it is another thing than everybody thinks. @param {import('./editing.js').Fields} fields */
function meaning(fields) {
  const { name = '', unit = '' } = fields;
  const { per, quantity } = ratioOf(fields);
  const usual = known(units.data.value ?? [], name);
  return html`${name.trim() && per && quantity ? html`<p class="measure">${sentence({ name: name.trim(), per, quantity, unit: /** @type {Unit['unit']} */ (unit) })}</p>` : nothing}
  ${usual ? notice(t('measures.known-otherwise', { name: name.trim(), sentence: sentence(usual) })) : nothing}`;
}

/** @type {Editing<Unit>} */
const editing = new Editing({
  words: 'measures',
  path: PATH,
  here: '/app/settings/units',
  label: (name) => t(`measures.field.${name}`),
  fieldsOf: (unit) => ({ name: unit?.name ?? '', unit: unit?.unit ?? 'ml', per: String(unit?.per ?? 1), quantity: unit ? typed(unit.quantity) : '' }),
  idOf: ({ id = '' }) => id,
  bodyOf: (fields, names) => {
    const { per, quantity } = ratioOf(fields);
    const wrong = new Map();
    if (per === undefined) wrong.set('per', t('measures.wrong.per'));
    if (quantity === undefined) wrong.set('quantity', t('measures.wrong.quantity'));
    /** @type {Record<string, unknown>} */
    const body = {};
    if (names.includes('name')) body['name'] = fields['name']?.trim();
    if (names.includes('unit')) body['unit'] = fields['unit'];
    if (names.includes('per') || names.includes('quantity')) Object.assign(body, { per, quantity });
    return { body, wrong };
  },
  inputs: ({ form, value, id, fields, isNew }) => html`<div class="fields three">
      ${field({ form, name: 'per', id: id('per'), label: t('measures.field.per'), value: value('per'), inputmode: 'numeric', maxlength: 6 })}
      ${field({ form, name: 'name', id: id('name'), label: t('measures.field.name'), value: value('name'), maxlength: 40 })}
      ${field({ form, name: 'quantity', id: id('quantity'), label: t('measures.field.quantity'), value: value('quantity'), inputmode: 'decimal', maxlength: 14 })}
      ${isNew
        ? selectField({
            form,
            name: 'unit',
            id: id('unit'),
            label: t('measures.field.unit'),
            value: fields.value['unit'] ?? 'ml',
            choices: BASES.map((base) => ({ value: base, word: t(`product.unit.${base}`) })),
          })
        : html`<p class="fixed"><span class="label">${t('measures.field.unit')}</span>${t(`product.unit.${value('unit')}`)}</p>`}
    </div>
    <div role="status">${part(() => meaning(fields.value))}</div>`,
  inWords: (name, value) => (name === 'unit' ? t(`product.unit.${value}`) : value),
  take: (unit) => takeInto(units, unit),
  things: () => units.data.value ?? [],
  has: (id) => (units.data.value ?? []).some((unit) => unit.id === id),
  load: units.load,
  wrong: { 'unit-exists': 'name' },
});

/** @param {Unit} unit */
async function remove(unit) {
  const { name, unit: base, per, quantity } = unit;
  try {
    await api.remove(`${PATH}/${unit.id}`);
    document.getElementById('add-thing')?.focus();
    const again = () =>
      void api.post(PATH, { name, unit: base, per, quantity }).then(
        (made) => takeInto(units, /** @type {Unit} */ (made)),
        (error) => toast(() => explain(error), { tone: 'over' }),
      );
    toast(() => t('measures.removed', { name }), { action: { word: () => t('action.undo'), run: again } });
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
  await units.load();
}

/** @param {(work: () => unknown) => () => void} act @returns {(unit: Unit) => import('../lib/view.js').Template} */
const row = (act) => (unit) => {
  const draft = editing.of(unit.id);
  if (draft) return html`<li data-thing=${unit.id ?? ''}>${editing.view(draft)}</li>`;
  const choices = () => [
    { word: t('arrange.change'), icon: 'pencil', run: () => editing.begin(unit) },
    { word: t('arrange.remove'), icon: 'trash-2', tone: /** @type {const} */ ('danger'), run: act(() => remove(unit)) },
  ];
  return html`<li class="card-row still thing" data-thing=${unit.id ?? ''}>
    <span class="grow"><span class="row-title">${sentence(unit)}</span><span class="row-sub">${editing.waits(unit) ? t('saved-here') : t(`measures.for.${unit.unit}`)}</span></span>
    ${menuButton({ label: t('arrange.more', { name: unit.name }), choices })}
  </li>`;
};

/** @param {Unit} unit */
function usual(unit) {
  const about = unit.per === 1 ? undefined : t('measures.about', { name: unit.name, amount: exactly(one(unit), unit.unit) });
  return html`<li class="card-row still">
    <span class="grow">
      <span class="row-title">${sentence(unit)}</span>
      <span class="row-sub">${[about, ...(unit.words ?? [])].filter(Boolean).join(', ')}</span>
    </span>
  </li>`;
}

/** @param {(work: () => unknown) => () => void} act */
function all(act) {
  const everybodys = (units.data.value ?? []).filter((unit) => !isOwn(unit));
  const own = latest(units.data.value).filter(isOwn).map((unit) => editing.asItWillBe(unit)).sort((a, b) => sameWord(a.name).localeCompare(sameWord(b.name)));
  const fresh = editing.of();
  const cards = [...(fresh ? [fresh] : []), ...editing.lost()];
  return html`${cards.map((draft) => html`<section class="card padded">${editing.view(draft)}</section>`)}
    ${own.length > 0
      ? html`<ul class="card rows">${list(own, ({ id }) => id, row(act))}</ul>`
      : fresh
        ? nothing
        : emptyState({ icon: 'scale', title: t('measures.empty'), text: t('measures.empty.text') })}
    <details class="folded">
      <summary>${t('measures.usual')}</summary>
      <ul class="card rows compact">${everybodys.filter(({ per, quantity }) => per !== 1 || quantity !== 1).map(usual)}</ul>
    </details>`;
}

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear({ type }) {
  if (type.startsWith('unit.')) void units.load();
}

/** @returns {import('../lib/router.js').Screen} */
export function measures() {
  const { act, shown } = sources(units);
  const left = follow({ load: units.load, hear, every: () => EVERY, may: () => true });
  const view = () =>
    html`<div class="screen narrow">
      ${screenHead({
        title: t('measures.title'),
        back: back(),
        action: html`<button class="button primary" type="button" id="add-thing" @click=${() => editing.begin()}>${icon('plus')}${t('arrange.new')}</button>`,
      })}
      <p class="quiet">${t('measures.sub')}</p>
      ${part(() => shown(() => html`${part(() => all(act))}`))}
    </div>`;
  return { title: () => t('measures.title'), view, left };
}
