// Which product a line is: one that is known, or a new one made of what is printed.

import { html, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { field, formOf, selectField } from '../elements/field.js';
import { chooseProduct } from '../kitchen/choose.js';
import { baseOf, searchFor, tidied } from './figures.js';
import { learnNames } from './names.js';

/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

const UNITS = ['piece', 'g', 'ml'];

/** Makes a product of what is printed. @param {Pick<Line, 'wording' | 'unit'>} line @param {(product: ProductBody) => void} made */
function making({ wording, unit }, made) {
  const base = signal(/** @type {string} */ (baseOf(unit)));
  const form = createForm({
    submit: async ({ name = '', base_unit = '' }) => made(await api.post('/api/products', { name, base_unit })),
  });
  return html`<details class="folded">
    <summary>${t('receipt.new-product')}</summary>
    ${part(() =>
      formOf(
        form,
        html`${field({ form, name: 'name', label: t('product.name'), value: tidied(wording), maxlength: 120, id: 'new-product-name' })}
        ${selectField({
          form,
          name: 'base_unit',
          label: t('product.base_unit'),
          value: base.value,
          choices: UNITS.map((value) => ({ value, word: t(`product.unit.${value}`) })),
          change: (value) => (base.value = value),
          id: 'new-product-unit',
        })}`,
        { submit: t('receipt.new-product.make') },
      ),
    )}
  </details>`;
}

/** @param {Pick<Line, 'wording' | 'unit'>} line @returns {Promise<ProductBody | undefined>} */
export async function productOf(line) {
  const product = await chooseProduct({
    title: () => t('receipt.which'),
    text: () => t('receipt.which.text', { wording: line.wording || '…' }),
    label: () => t('receipt.which.search'),
    begin: searchFor(line.wording),
    besides: (close) => making(line, close),
  });
  if (product) learnNames([[product.id, { name: product.name, unit: product.base_unit }]]);
  return product;
}
