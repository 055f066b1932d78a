// What should be there, each with how much of it was counted: rows for a thumb.

import { html, list, nothing, part } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { chip, emptyState, tile } from '../elements/pieces.js';
import '../elements/stepper.js';
import { labelled } from './counting.js';
import { amount, due } from './words.js';

/** @typedef {import('../types/wire.d.ts').StocktakeEntry} Entry */
/** @typedef {import('../types/wire.d.ts').StocktakeLine} Line */
/** @typedef {{ say: (entry: Entry, counted: number) => void, drop: (line: Line) => void }} Acts */

/** Thousandths are as fine as it gets. @param {number} value */
const exact = (value) => Math.round(value * 1000) / 1000;

/** How much there is, said as a whole: what was read from packs is a part of it. @param {Entry} entry @param {number} whole @param {Acts} acts */
function sayWhole(entry, whole, { say }) {
  say(entry, Math.max(0, exact(whole - labelled(entry))));
}

/** Asks how much there is. @param {Entry} entry @param {Acts} acts */
function ask(entry, acts) {
  void openDialog({
    title: () => t('count.how-much', { name: entry.product_name }),
    body: (close) => {
      const form = createForm({
        submit: async ({ quantity = '' }) => {
          const whole = Number(quantity.replace(',', '.'));
          if (quantity.trim() === '' || !(whole >= 0)) {
            form.errors.value = new Map([['quantity', t('count.how-much.wrong')]]);
            return;
          }
          close();
          sayWhole(entry, whole, acts);
        },
      });
      const label = entry.unit === 'piece' ? t('stock.amount') : t('stock.amount.in', { unit: entry.unit });
      const hint = t('count.believed', { amount: amount(entry.believed, entry.unit) });
      return part(() =>
        formOf(form, field({ form, name: 'quantity', label, hint, inputmode: 'decimal', maxlength: 12, autofocus: true }), {
          submit: t('count.say'),
        }),
      );
    },
  });
}

/** @param {Entry} entry @param {Acts} acts */
function choices(entry, acts) {
  /** @type {import('../elements/menu.js').Choice[]} */
  const all = [{ word: t('count.exactly'), icon: 'pencil', run: () => ask(entry, acts) }];
  if (labelled(entry) === 0) all.push({ word: t('count.not-there'), icon: 'x', run: () => acts.say(entry, 0) });
  for (const line of entry.lines.filter(({ id }) => id)) {
    const day = line.use_by ?? line.best_before;
    const word = day || line.batch ? t('count.drop.of', { what: day ? due(day).text : (line.batch ?? '') }) : t('count.drop');
    all.push({ word, icon: 'rotate-ccw', run: () => acts.drop(line) });
  }
  return all;
}

/** @param {Entry} entry @param {Acts} acts */
function figure(entry, acts) {
  const { counted, unit, product_name: name, believed } = entry;
  if (counted === undefined && believed > 0) {
    return html`<button class="button" type="button" aria-label=${t('count.as-believed.of', { name, amount: amount(believed, unit) })} @click=${() => acts.say(entry, believed)}>
      ${icon('check')}${amount(believed, unit)}
    </button>`;
  }
  if (unit !== 'piece') {
    return html`<button class="button count-figure" type="button" aria-label=${t('count.how-much', { name })} @click=${() => ask(entry, acts)}>
      ${amount(counted ?? 0, unit)}
    </button>`;
  }
  return html`<hearth-stepper
    .label=${t('count.counted-of', { name })}
    .min=${labelled(entry)}
    .value=${counted ?? 0}
    @change=${(/** @type {Event} */ event) => sayWhole(entry, /** @type {any} */ (event.currentTarget).value, acts)}
  ></hearth-stepper>`;
}

/** @param {Entry} entry @param {Acts} acts */
function row(entry, acts) {
  const { product_name: name, brand, believed, unit, counted, standing } = entry;
  const beside = [brand, t('count.believed', { amount: amount(believed, unit) })].filter(Boolean).join(' · ');
  const none = counted === undefined && believed > 0;
  return html`<li class="card-row still lot count ${counted === undefined ? '' : 'done'}">
    ${tile(name, entry.product_id)}
    <span class="grow"><span class="row-title">${name}</span><span class="row-sub">${beside}</span></span>
    ${standing === 'unnamed' ? chip(t('count.unnamed'), { tone: 'soon', icon: 'inbox' }) : nothing}
    <span class="lot-acts">
      ${none
        ? html`<button class="button" type="button" aria-label=${t('count.one-of', { name })} @click=${() => (unit === 'piece' ? acts.say(entry, 1) : ask(entry, acts))}>${icon('plus')}</button>`
        : nothing}
      ${figure(entry, acts)} ${menuButton({ label: t('stock.more', { name }), choices: choices(entry, acts) })}
    </span>
  </li>`;
}

/** @param {readonly Entry[]} entries @param {Acts} acts */
export function countingList(entries, acts) {
  if (entries.length === 0) return emptyState({ icon: 'package', title: t('count.empty'), text: t('count.empty.text') });
  return html`<ul class="card rows">${list([...entries], ({ product_id }) => product_id, (entry) => row(entry, acts))}</ul>`;
}
