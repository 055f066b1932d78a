// Which product a line is: one that is known, or a new one made of what is printed.

import { t } from '../lib/text.js';
import { chooseProduct } from '../kitchen/choose.js';
import { making } from '../kitchen/making.js';
import { baseOf, searchFor, tidied } from './figures.js';
import { learnNames } from './names.js';

/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

/** @param {Pick<Line, 'wording' | 'unit'>} line @returns {Promise<ProductBody | undefined>} */
export async function productOf(line) {
  const product = await chooseProduct({
    title: () => t('receipt.which'),
    text: () => t('receipt.which.text', { wording: line.wording || '…' }),
    label: () => t('receipt.which.search'),
    begin: searchFor(line.wording),
    besides: (close) => making({ name: () => tidied(line.wording), unit: baseOf(line.unit), made: close }),
  });
  if (product) learnNames([[product.id, { name: product.name, unit: product.base_unit }]]);
  return product;
}
