// A product of its own, made where none of those that are known is it.

import { html, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { field, formOf, selectField } from '../elements/field.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

const UNITS = ['piece', 'g', 'ml'];

/**
 * @param {{ name: () => string, unit?: string, open?: () => boolean, made: (product: ProductBody) => void }} parts
 *   `name`: what it is called so far; `open`: whether nothing else is left to choose
 */
export function making({ name, unit = 'piece', open = () => false, made }) {
  const base = signal(unit);
  const form = createForm({
    submit: async ({ name: called = '', base_unit = '' }) => made(await api.post('/api/products', { name: called, base_unit })),
  });
  const fields = () =>
    html`${field({ form, name: 'name', label: t('product.name'), value: name(), maxlength: 120, id: 'new-product-name' })}
    ${selectField({
      form,
      name: 'base_unit',
      label: t('product.base_unit'),
      value: base.value,
      choices: UNITS.map((value) => ({ value, word: t(`product.unit.${value}`) })),
      change: (value) => (base.value = value),
      id: 'new-product-unit',
    })}`;
  return part(
    () => html`<details class="folded" ?open=${open()}>
      <summary>${t('product.new')}</summary>
      ${part(() => formOf(form, fields(), { submit: t('product.new.make') }))}
    </details>`,
  );
}
