// Which lots get a label: those that came last are offered, all others are found by name.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';
import { notice, skeleton } from '../elements/pieces.js';
import { together } from '../kitchen/alike.js';
import { everything, lots, lotsOf } from '../kitchen/lots.js';
import { dueOf } from '../kitchen/shelves.js';
import { amount, due, today } from '../kitchen/words.js';
import { offered } from './offer.js';
import { MOST } from './papers.js';

/** @typedef {import('../kitchen/alike.js').Row} Row */

const dayCame = (/** @type {string} */ moment) => today(Date.parse(moment));

/** What tells it from others of its name. @param {Row} lot */
function beside(lot) {
  const day = dueOf(lot);
  const batch = lot.batch ? t('stock.batch', { batch: lot.batch }) : '';
  const serial = lot.serial ? t('stock.serial', { serial: lot.serial }) : '';
  return [amount(lot.quantity, lot.unit), lot.place_name, day ? due(day).text : '', batch, serial].filter(Boolean).join(' · ');
}

/** @param {string | undefined} product whose lots are meant, all of them to begin with */
export function chooser(product) {
  /** @type {import('../lib/view.js').Signal<ReadonlySet<string>>} */
  const chosen = signal(new Set());
  const query = signal('');
  const source = product ? lotsOf(product) : everything;
  const among = computed(() => lots.value.filter((lot) => lot.quantity > 0 && (!product || lot.product_master_id === product)));
  const ids = computed(() => among.value.filter(({ id }) => chosen.value.has(id)).map(({ id }) => id));
  const load = async () => {
    await source.load();
    if (product) chosen.value = new Set(among.peek().map(({ id }) => id));
  };

  /** What nothing tells apart is chosen together: each gets a label of its own. @param {Row} row @param {boolean} wanted */
  function choose(row, wanted) {
    const next = new Set(chosen.peek());
    for (const { id } of row.alike ?? [row]) {
      if (wanted && next.size < MOST) next.add(id);
      else next.delete(id);
    }
    chosen.value = next;
  }

  /** @param {Row} lot */
  const row = (lot) => html`<li>
    <label class="card-row still print-lot">
      ${part(
        () => html`<input type="checkbox" name="lot" value=${lot.id} .checked=${chosen.value.has(lot.id)} @change=${(/** @type {Event} */ event) => choose(lot, /** @type {HTMLInputElement} */ (event.target).checked)} />`,
      )}
      <span class="grow">
        <span class="row-title">${lot.product_name}</span>
        ${part(() => html`<span class="row-sub">${beside(lot)}</span>`)}
      </span>
    </label>
  </li>`;

  const rows = () => {
    if (!source.data.value) return source.trouble.value ? notice(t('print.away'), { tone: 'soon', icon: 'wifi-off' }) : skeleton(4);
    if (among.value.length === 0) return html`<p class="quiet">${t('print.lots.none')}</p>`;
    const { rows: shown, more } = offered(together(among.value, dayCame), chosen.value, query.value);
    return html`<ul class="card rows compact">${list(shown, ({ id }) => id, row)}</ul>
      ${more > 0 ? html`<p class="quiet">${t('print.lots.more', { count: more })}</p>` : nothing}`;
  };
  const search = () => among.value.length === 0 ? nothing : html`<div class="field">
    <label class="label" for="field-lots">${t('print.lots.search')}</label>
    <input class="input" id="field-lots" type="search" autocomplete="off" maxlength="80" .value=${query.value} @input=${(/** @type {Event} */ event) => (query.value = /** @type {HTMLInputElement} */ (event.target).value)} />
  </div>`;
  const view = () => html`<section class="stack" aria-labelledby="lots-head">
    <h2 id="lots-head">${t('print.lots')}</h2>
    ${product ? html`<p><a class="button" href="/app/labels/lots">${icon('search')}${t('print.lots.others')}</a></p>` : part(search)}
    ${part(rows)}
  </section>`;
  return { ids, load, view };
}
