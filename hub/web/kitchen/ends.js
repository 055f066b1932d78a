// How a product ends: it becomes a part of another, or is not used any more; and how it comes back.

import { Problem } from '../lib/api.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { toast } from '../elements/toast.js';
import { chooseProduct } from './choose.js';
import { changeAsItIs } from './marks.js';
import { amount } from './words.js';

/** @typedef {import('../types/wire.d.ts').ProductBody} ProductBody */

/** @param {unknown} error */
const complain = (error) => void toast(() => explain(error), { tone: 'over' });

/** @param {ProductBody} product @param {ProductBody} into */
async function merge(product, into) {
  const names = { name: product.name, other: into.name };
  const sure = await confirmDialog({
    title: () => t('merge.sure', names),
    text: () => t('merge.sure.text', names),
    confirm: () => t('merge.do'),
    tone: 'primary',
  });
  if (!sure) return;
  try {
    await api.post(`/api/products/${product.id}/merge`, { into: into.id });
    toast(() => t('merge.done', names));
    going.to(`/app/product/${into.id}`, { replace: true });
  } catch (error) {
    complain(error);
  }
}

/** Asks which other product this one is. @param {ProductBody} product */
export async function chooseOther(product) {
  const other = await chooseProduct({
    title: () => t('merge.title', { name: product.name }),
    text: () => t('merge.text'),
    label: () => t('merge.search'),
    except: product.id,
  });
  if (other) await merge(product, other);
}

/** @param {ProductBody} product @param {() => unknown} reload */
export async function archive(product, reload) {
  const { name } = product;
  const path = `/api/products/${product.id}`;
  const sure = await confirmDialog({ title: () => t('archive.sure', { name }), text: () => t('archive.text'), confirm: () => t('archive.do') });
  if (!sure) return;
  try {
    await api.remove(path).catch(async (error) => {
      if (!(error instanceof Problem) || error.code !== 'product-in-stock') throw error;
      const left = amount(product.level.quantity, product.base_unit);
      const still = await confirmDialog({
        title: () => t('archive.left', { amount: left, name }),
        text: () => t('archive.left.text'),
        confirm: () => t('archive.do'),
      });
      if (still) await api.remove(`${path}?with_stock=true`);
    });
    await reload();
  } catch (error) {
    complain(error);
  }
}

/** @param {ProductBody} product @param {(product: ProductBody) => void} take */
export function bringBack(product, take) {
  changeAsItIs(product, () => ({ state: 'active' })).then((back) => {
    take(back);
    toast(() => t('archive.back', { name: product.name }));
  }, complain);
}
