// Putting something in without a scan: what was baked, what came from the market, what bears no code.

import { html, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';
import { chooseProduct } from './choose.js';
import { placeField, places } from './furnishing.js';
import { readHowMuch } from './list.js';
import { takeLots } from './lots.js';
import { making } from './making.js';
import { INVENTORY } from './shelves.js';
import { amount, typed } from './words.js';

/** @typedef {import('../types/wire.d.ts').Lot} Lot */
/** @typedef {import('../types/wire.d.ts').Movement} Movement */
/** @typedef {Pick<import('../types/wire.d.ts').ProductBody, 'id' | 'name' | 'base_unit' | 'pack_size' | 'due_kind'>} Thing */

/** What came with it is known by its lot. @param {Lot} lot */
async function takeBack({ id, product_master_id: product }) {
  try {
    /** @type {import('../types/wire.d.ts').Page<Movement>} */
    const { items } = await api.get(`/api/movements?limit=50&product=${product}`);
    const came = items.find(({ lot_id, kind }) => lot_id === id && kind === 'receive');
    if (!came) return;
    takeLots(await api.post(`/api/movements/${came.id}/undo`));
    toast(() => t('story.undone'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over', stays: true });
  }
}

/** @param {Lot} lot @param {string} much */
function say(lot, much) {
  const said = () => t('stock.put-in.done', { amount: much, name: lot.product_name, place: lot.place_name });
  toast(said, { action: { word: () => t('action.undo'), run: () => void takeBack(lot) } });
}

/** How much came, where it goes and how long it keeps. @param {Thing} product */
export function putIn({ id, name, base_unit: unit, pack_size: pack, due_kind }) {
  const place = signal('');
  const date = due_kind === 'use-by' ? 'use_by' : 'best_before';
  void places.load();
  void openDialog({
    title: () => t('stock.put-in.of', { name }),
    body: (close) => {
      const form = createForm({
        wrong: { 'unit-does-not-fit': 'initial_quantity', 'unknown-unit': 'initial_quantity', 'inexact-amount': 'initial_quantity' },
        submit: async ({ initial_quantity = '', [date]: day }) => {
          const said = readHowMuch(initial_quantity);
          if (!said) {
            form.errors.value = new Map([['initial_quantity', t('stock.how-much.wrong')]]);
            return;
          }
          /** @type {Lot} */
          const lot = await api.post(INVENTORY, {
            product_master_id: id,
            initial_quantity: said.quantity,
            // A number alone is in the unit of the thing.
            ...(said.unit === 'piece' ? {} : { unit: said.unit }),
            ...(place.value ? { place_id: place.value } : {}),
            ...(day ? { [date]: day } : {}),
          });
          close();
          takeLots({ lots: [lot] });
          say(lot, amount(said.quantity, said.unit === 'piece' ? unit : said.unit));
        },
      });
      return part(() =>
        formOf(
          form,
          html`${field({
            form,
            name: 'initial_quantity',
            label: unit === 'piece' ? t('stock.amount') : t('stock.amount.in', { unit }),
            hint: t('shopping.amount.hint'),
            value: unit === 'piece' || pack > 1 ? typed(pack) : '',
            maxlength: 30,
            autofocus: true,
          })}
          ${placeField(form, place)}
          ${field({ form, name: date, label: t(date === 'use_by' ? 'stock.put-in.use-by' : 'shopping.best-before'), type: 'date', required: false })}`,
          { submit: t('stock.put-in') },
        ),
      );
    },
  });
}

/** Asks what it is first, beginning with what somebody looked for. @param {string} [begin] */
async function putSomethingIn(begin = '') {
  const product = await chooseProduct({
    title: () => t('stock.put-in.what'),
    text: () => t('stock.put-in.what.text'),
    label: () => t('stock.search'),
    begin,
    besides: (close, { query, none }) => making({ name: () => query.value.trim(), open: () => none.value, made: close }),
  });
  if (product) putIn(product);
}

/** @param {() => void} run @param {string} [kind] */
const button = (run, kind = '') => html`<button class="button ${kind}" type="button" @click=${run}>${icon('plus')}${t('stock.put-in')}</button>`;

/** @param {() => string} begin @param {string} [kind] */
export const puttingIn = (begin, kind) => button(() => void putSomethingIn(begin()), kind);

/** @param {Thing} product */
export const puttingMoreIn = (product) => button(() => putIn(product));
