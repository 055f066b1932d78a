// The places of the house: what they are, in which order, and which one things go to when nobody says.

import { computed, html } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { field, selectField } from '../elements/field.js';
import { toast } from '../elements/toast.js';
import { places as known } from '../kitchen/furnishing.js';
import { lots } from '../kitchen/lots.js';
import { plain } from '../kitchen/words.js';
import { arranged } from './arranged.js';
import { Editing, takeInto } from './editing.js';
import { namesIn, ofEach } from './holding.js';

/** @typedef {import('../types/wire.d.ts').Place} Place */

const PATH = '/api/places';
const KINDS = ['pantry', 'fridge', 'freezer', 'other'];
/** So many are named of what is still in a place. */
const NAMED = 3;

const holding = computed(() => ofEach(lots.value, ({ place_id }) => place_id));

/** @type {Editing<Place>} */
const editing = new Editing({
  words: 'places',
  path: PATH,
  here: '/app/settings/places',
  label: (name) => t(`places.${name}`),
  fieldsOf: (place) => ({ name: place?.name ?? '', kind: place?.kind ?? 'other' }),
  idOf: ({ id }) => id,
  bodyOf: (fields, names) => ({ body: Object.fromEntries(names.map((name) => [name, fields[name]?.trim()])), wrong: new Map() }),
  inputs: ({ form, value, id, fields }) => html`<div class="fields">
    ${field({ form, name: 'name', id: id('name'), label: t('places.name'), value: value('name') })}
    ${selectField({
      form,
      name: 'kind',
      id: id('kind'),
      label: t('places.kind'),
      value: fields.value['kind'] ?? 'other',
      choices: KINDS.map((kind) => ({ value: kind, word: t(`places.kind.${kind}`) })),
    })}
  </div>`,
  inWords: (name, value) => (name === 'kind' ? t(`places.kind.${value}`) : value),
  take: (place) => takeInto(known, place),
  things: () => known.data.value ?? [],
  has: (id) => (known.data.value ?? []).some((place) => place.id === id),
  load: known.load,
  wrong: { 'place-exists': 'name' },
});

/** @param {Place} place */
function whatLiesThere({ id }) {
  const { all, more } = namesIn(lots.value, (lot) => lot.place_id === id, NAMED);
  const names = all.join(', ');
  return more > 0 ? t('places.in-use.more', { names, count: more }) : t('places.in-use.names', { names });
}

/** Why it stays, and what has to be done first. @param {Place} place @param {unknown} error */
async function refused(place, error) {
  const inUse = error instanceof Problem && error.code === 'place-in-use';
  await openDialog({
    title: () => (inUse ? t('places.in-use', { name: place.name }) : t('places.stays', { name: place.name })),
    body: (close) => html`<div class="stack">
      <p>${explain(error)}</p>
      ${inUse && holding.value.has(place.id) ? html`<p class="quiet">${whatLiesThere(place)}</p>` : ''}
      <div class="actions">
        ${inUse ? html`<a class="button" href="/app/stock#place" @click=${() => close()}>${t('places.in-use.stock')}</a>` : ''}
        <button class="button primary" type="button" autofocus @click=${() => close()}>${t('action.close')}</button>
      </div>
    </div>`,
  });
}

/** @param {Place} place */
async function remove(place) {
  const sure = await confirmDialog({
    title: () => t('places.remove', { name: place.name }),
    text: () => t('places.remove.text'),
    confirm: () => t('arrange.remove'),
  });
  if (!sure) return;
  try {
    await api.remove(`${PATH}/${place.id}`);
    toast(() => t('places.removed', { name: place.name }));
    document.getElementById('add-thing')?.focus();
  } catch (error) {
    if (error instanceof Problem && error.status === 409) await refused(place, error);
    else toast(() => explain(error), { tone: 'over' });
  }
  await known.load();
}

/** @param {Place} place @param {number} at */
function sub({ id, name, kind }, at) {
  const count = holding.value.get(id) ?? 0;
  const what = t(`places.kind.${kind}`);
  const told = kind === 'other' || plain(what) === plain(name) ? [] : [what];
  if (at === 0) told.push(t('places.usual'));
  return [...told, count > 0 ? t('places.holds', { count }) : t('places.holds.nothing')].join(' · ');
}

/** @returns {import('../lib/router.js').Screen} */
export const places = () => arranged({ words: 'places', path: PATH, mark: 'house', things: known, editing, sub, remove, first: 'make-usual' });
