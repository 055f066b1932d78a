// The places and categories of the house, for everything that names or offers them.

import { t, warningDays } from '../lib/text.js';
import { computed } from '../lib/view.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { readAll } from './kept.js';

/** @typedef {import('../types/wire.d.ts').Place} Place */
/** @typedef {import('../types/wire.d.ts').Category} Category */

/** @type {import('../lib/watch.js').Watched<Place[]>} */
export const places = watch(() => readAll((path) => api.read(path), '/api/places?limit=500'));
/** @type {import('../lib/watch.js').Watched<Category[]>} */
export const categories = watch(() => readAll((path) => api.read(path), '/api/categories?limit=500'));

/** @param {import('../types/wire.d.ts').Frame} frame */
export function hearFurnishing({ type }) {
  if (type.startsWith('place.')) void places.load();
  else if (type.startsWith('category.')) void categories.load();
}

export const loadFurnishing = () => Promise.all([places.load(), categories.load()]);

/** @type {import('../lib/view.js').ReadonlySignal<Map<string, string>>} */
export const placeNames = computed(() => new Map((places.data.value ?? []).map(({ id, name }) => [id, name])));

/** Those that say themselves how early they are warned of. */
const warnings = computed(() => new Map((categories.data.value ?? []).map(({ id, warning_days }) => [id, warning_days])));

/** How many days before its date something is due soon. @param {string | undefined} category */
export const warningOf = (category) => warnings.value.get(category ?? '') ?? warningDays.value;

/** For a field in which one is chosen. @param {readonly (Place | Category)[] | null} all @param {string} [chosen] named even when it is not in use any more */
export function choicesOf(all, chosen = '') {
  const offered = (all ?? []).map(({ id, name }) => ({ value: id, word: name }));
  if (chosen && !offered.some(({ value }) => value === chosen)) offered.push({ value: chosen, word: '…' });
  return offered;
}

/** Where something goes. @param {import('../lib/form.js').Form} form @param {import('../lib/view.js').Signal<string>} place empty: where it usually is */
export const placeField = (form, place) =>
  selectField({
    form,
    name: 'place_id',
    label: t('stock.where-to'),
    value: place.value,
    choices: [{ value: '', word: t('scan.place.usual') }, ...choicesOf(places.data.value)],
    change: (chosen) => (place.value = chosen),
  });
