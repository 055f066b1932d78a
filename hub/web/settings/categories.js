// The categories of the house: the kinds of what one buys, in the order in which one passes them in the shop.

import { computed } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { field } from '../elements/field.js';
import { toast } from '../elements/toast.js';
import { categories as known } from '../kitchen/furnishing.js';
import { readAll } from '../kitchen/kept.js';
import { lots } from '../kitchen/lots.js';
import { arranged } from './arranged.js';
import { Editing, takeInto } from './editing.js';
import { ofEach } from './holding.js';

/** @typedef {import('../types/wire.d.ts').Category} Category */

const PATH = '/api/categories';

const holding = computed(() => ofEach(lots.value, ({ category_id }) => category_id));

/** @type {Editing<Category>} */
const editing = new Editing({
  words: 'categories',
  path: PATH,
  label: () => t('categories.name'),
  fieldsOf: (category) => ({ name: category?.name ?? '' }),
  idOf: ({ id }) => id,
  bodyOf: ({ name = '' }, names) => ({ body: names.length > 0 ? { name: name.trim() } : {}, wrong: new Map() }),
  inputs: ({ form, value, id }) => field({ form, name: 'name', id: id('name'), label: t('categories.name'), value: value('name') }),
  inWords: (_, value) => value,
  take: (category) => takeInto(known, category),
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
function sub({ id }) {
  const count = holding.value.get(id) ?? 0;
  return count > 0 ? t('categories.holds', { count }) : t('categories.holds.nothing');
}

/** @returns {import('../lib/router.js').Screen} */
export const categories = () => arranged({ words: 'categories', path: PATH, mark: 'list-todo', things: known, editing, sub, remove, first: 'make-first' });
