// The categories of the house: the kinds of what one buys, in the order in which one passes them in the shop.

import { computed, html, nothing } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t, warningDays } from '../lib/text.js';
import { api } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { field, selectField } from '../elements/field.js';
import { toast } from '../elements/toast.js';
import { categories as known } from '../kitchen/furnishing.js';
import { readAll } from '../kitchen/kept.js';
import { lots } from '../kitchen/lots.js';
import { mayWarn, WARNINGS } from '../kitchen/warning.js';
import { arranged } from './arranged.js';
import { Editing, takeInto } from './editing.js';
import { ofEach } from './holding.js';

/** @typedef {import('../types/wire.d.ts').Category} Category */

const PATH = '/api/categories';

const holding = computed(() => ofEach(lots.value, ({ category_id }) => category_id));

/** @param {string} days as in a field: nothing where the house says */
const inDays = (days) => (days === '' ? t('stock.warning.usual', { count: warningDays.value }) : t('stock.warning.days', { count: Number(days) }));

/** How early one is warned of what is of a category. @param {import('./editing.js').Inputs} inputs */
function warningOfIt({ form, value, id, fields }) {
  const said = value('warning_days');
  const own = [...new Set([...WARNINGS, ...(said === '' ? [] : [Number(said)])])].sort((a, b) => a - b).map(String);
  return selectField({
    form,
    name: 'warning_days',
    id: id('warning_days'),
    label: t('categories.warning_days'),
    value: fields.value['warning_days'] ?? '',
    choices: ['', ...own].map((days) => ({ value: days, word: inDays(days) })),
  });
}

/** @type {Editing<Category>} */
const editing = new Editing({
  words: 'categories',
  path: PATH,
  here: '/app/settings/categories',
  label: (name) => t(`categories.${name}`),
  fieldsOf: (category) => ({ name: category?.name ?? '', warning_days: String(category?.warning_days ?? '') }),
  idOf: ({ id }) => id,
  bodyOf: ({ name = '', warning_days: days = '' }, names) => {
    /** @type {Record<string, unknown>} */
    const body = {};
    if (names.includes('name')) body['name'] = name.trim();
    if (names.includes('warning_days')) body['warning_days'] = days === '' ? null : Number(days);
    return { body, wrong: new Map() };
  },
  inputs: (inputs) => html`<div class="fields">
    ${field({ form: inputs.form, name: 'name', id: inputs.id('name'), label: t('categories.name'), value: inputs.value('name') })}
    ${mayWarn() ? warningOfIt(inputs) : nothing}
  </div>`,
  inWords: (name, value) => (name === 'warning_days' ? inDays(value) : value),
  take: (category) => takeInto(known, category),
  things: () => known.data.value ?? [],
  has: (id) => (known.data.value ?? []).some((category) => category.id === id),
  load: known.load,
  wrong: { 'category-exists': 'name' },
});

/** How many products are of it, in use or not in stock now. @param {Category} category */
async function countOf({ id }) {
  const { data } = await readAll((path) => api.read(path), `/api/products?category=${id}&limit=500`);
  return data.length;
}

/** @param {Category} category */
async function remove(category) {
  try {
    const count = await countOf(category);
    const sure = await confirmDialog({
      title: () => t('categories.remove', { name: category.name }),
      text: () => (count > 0 ? t('categories.remove.text', { count }) : t('categories.remove.unused')),
      confirm: () => t('arrange.remove'),
    });
    if (!sure) return;
    await api.remove(`${PATH}/${category.id}`);
    toast(() => t('categories.removed', { name: category.name }));
    document.getElementById('add-thing')?.focus();
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
  await known.load();
}

/** @param {Category} category */
function sub({ id, warning_days: days }) {
  const count = holding.value.get(id) ?? 0;
  const holds = count > 0 ? t('categories.holds', { count }) : t('categories.holds.nothing');
  return typeof days === 'number' ? `${holds} · ${t('categories.warns', { count: days })}` : holds;
}

/** @returns {import('../lib/router.js').Screen} */
export const categories = () => arranged({ words: 'categories', path: PATH, mark: 'list-todo', things: known, editing, sub, remove, first: 'make-first' });
