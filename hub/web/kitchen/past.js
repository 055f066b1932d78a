// What a product's past looks like: how much was used in each week, and what was paid.

import { html, nothing } from '../lib/view.js';
import { t } from '../lib/text.js';
import { columnChart, lineChart } from './chart.js';
import { amount, dayInWords, money } from './words.js';

/** @typedef {import('../types/wire.d.ts').History} History */
/** @typedef {import('../types/wire.d.ts').PastPrice} PastPrice */

/** What a price is for: one piece, a kilogram, a litre. @param {string} unit */
const priced = (unit) => (unit === 'piece' ? 1 : 1000);

/** @param {PastPrice} price @param {string} unit */
const each = ({ minor, quantity }, unit) => (minor * priced(unit)) / quantity;

/** @param {History} history */
function use({ weeks, unit }) {
  if (weeks.length === 0) return nothing;
  const lost = weeks.some(({ spoiled }) => spoiled > 0);
  const [first, last] = [weeks[0], weeks.at(-1)];
  return html`<section class="card padded stack" aria-labelledby="use-head">
    <h2 id="use-head">${t('chart.use')}</h2>
    ${columnChart({
      label: t('chart.use.label', { count: weeks.length }),
      top: (most) => amount(most, unit),
      from: first ? dayInWords(first.begins) : '',
      to: last ? t('chart.this-week') : '',
      columns: weeks.map(({ used, spoiled }) => ({ lower: Math.max(0, used), upper: Math.max(0, spoiled) })),
      head: [t('chart.week'), t('chart.used'), t('chart.spoiled')],
      rows: weeks.map(({ begins, used, spoiled }) => [dayInWords(begins, 'dayOfYear'), amount(used, unit), amount(spoiled, unit)]).reverse(),
    })}
    ${lost
      ? html`<p class="legend"><span class="swatch"></span>${t('chart.used')} <span class="swatch lost"></span>${t('chart.spoiled')}</p>`
      : nothing}
  </section>`;
}

/** @param {History} history */
function prices({ prices: all, unit }) {
  // Sums in different money do not compare; the latest kind of it is what one pays.
  const currency = all.at(-1)?.currency;
  const shown = all.filter((price) => price.currency === currency && price.quantity > 0);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last || !currency) return nothing;
  const per = t(`chart.per.${unit}`);
  const shops = shown.some(({ shop }) => shop);
  return html`<section class="card padded stack" aria-labelledby="price-head">
    <h2 id="price-head">${t('chart.price')}</h2>
    <p><strong class="chart-now">${money(each(last, unit), currency)}</strong> <span class="quiet">${per} · ${dayInWords(last.day, 'dayOfYear')}${last.shop ? ` · ${last.shop}` : ''}</span></p>
    ${lineChart({
      label: t('chart.price.label', { count: shown.length, per }),
      top: (most) => money(most, currency),
      from: dayInWords(first.day),
      to: first.day === last.day ? '' : dayInWords(last.day),
      points: shown.map((price) => ({ at: Date.parse(price.day), value: each(price, unit) })),
      head: [t('chart.day'), t('chart.paid'), t('chart.for'), per, ...(shops ? [t('chart.shop')] : [])],
      rows: shown
        .map((price) => [dayInWords(price.day, 'dayOfYear'), money(price.minor, currency), amount(price.quantity, unit), money(each(price, unit), currency), ...(shops ? [price.shop ?? ''] : [])])
        .reverse(),
    })}
  </section>`;
}

/** @param {History | null} history */
export function past(history) {
  return history ? html`${use(history)} ${prices(history)}` : nothing;
}

