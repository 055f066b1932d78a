// What a count comes to, before it is booked.

import { html, list, nothing, part } from '../lib/view.js';
import { number, t } from '../lib/text.js';
import { emptyState, tile } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { amount, due } from './words.js';

/** @typedef {import('../types/wire.d.ts').StocktakeEntry} Entry */
/** @typedef {import('../types/wire.d.ts').StocktakeLot} Lot */

/** @param {Lot} lot @param {Entry['unit']} unit */
function lotWords({ best_before, use_by, batch, before, after, lot_id }, unit) {
  const day = use_by ?? best_before;
  const what = [day ? due(day).text : '', batch ? t('stock.batch', { batch }) : ''].filter(Boolean).join(' · ') || t('stock.span.undated');
  const change = `${amount(before, unit)} → ${amount(after, unit)}`;
  return lot_id ? `${what}: ${change}` : t('count.new-lot', { what, amount: amount(after, unit) });
}

/** @param {Entry} entry */
function row(entry) {
  const { product_name: name, unit, believed, after, difference, moved, standing, lots } = entry;
  const counted = standing === 'counted';
  const sign = difference > 0 ? '+' : '';
  return html`<li class="card-row still lot">
    ${tile(name, entry.product_id)}
    <span class="grow">
      <span class="row-title">${name}</span>
      ${moved ? html`<span class="row-sub">${t('count.moved', { amount: (moved > 0 ? '+' : '') + number(moved) })}</span>` : nothing}
      ${counted ? lots.map((lot) => html`<span class="row-sub">${lotWords(lot, unit)}</span>`) : nothing}
    </span>
    ${counted && difference !== 0
      ? html`<span class="count-change" aria-label=${t('scan.from-to', { before: amount(believed, unit), after: amount(after, unit) })}>
          <span class="quiet">${amount(believed, unit)} →</span> <strong>${amount(after, unit)}</strong>
        </span>
        <span class="lot-amount ${difference < 0 ? 'count-less' : 'count-more'}">${sign}${amount(difference, unit)}</span>`
      : html`<span class="lot-amount">${amount(standing === 'unnamed' ? (entry.counted ?? 0) : after, unit)}</span>`}
  </li>`;
}

/** @param {import('./counting.js').Group} group @param {import('../lib/view.js').Signal<boolean>} gone */
function section({ id, entries }, gone) {
  return html`<section class="stack tight" aria-labelledby="count-${id}">
    <h2 class="group-head" id="count-${id}">${t(`count.group.${id}`, { count: entries.length })}</h2>
    ${id === 'unnamed' ? html`<p class="quiet">${t('count.unnamed.text')}</p>` : nothing}
    ${id === 'uncounted'
      ? part(() =>
          segmented({
            name: 'uncounted',
            legend: t('count.uncounted.what'),
            value: gone.value ? 'gone' : 'leave',
            choices: [
              { value: 'leave', word: t('count.uncounted.leave') },
              { value: 'gone', word: t('count.uncounted.gone') },
            ],
            change: (value) => (gone.value = value === 'gone'),
          }),
        )
      : nothing}
    <ul class="card rows">${list(entries, ({ product_id }) => product_id, row)}</ul>
  </section>`;
}

/** @param {readonly import('./counting.js').Group[]} groups @param {import('../lib/view.js').Signal<boolean>} gone */
export function reviewList(groups, gone) {
  if (groups.length === 0) return emptyState({ icon: 'list-todo', title: t('count.nothing'), text: t('count.nothing.text') });
  return html`<div class="stack">${list([...groups], ({ id }) => id, (group) => section(group, gone))}</div>`;
}
