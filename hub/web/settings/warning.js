// How early the house says that something is due, and what that comes to today.

import { computed, html, nothing, part } from '../lib/view.js';
import { t, warningDays } from '../lib/text.js';
import { screenHead } from '../elements/pieces.js';
import { everything, hearLot, lots } from '../kitchen/lots.js';
import { byDay } from '../kitchen/shelves.js';
import { mayWarn, warningField } from '../kitchen/warning.js';
import { today } from '../kitchen/words.js';
import { follow, sources } from '../system/follow.js';
import { ofEach } from './holding.js';
import { back } from './settings.js';

const EVERY = 120_000;

/** How many products are due soon as things are set now. */
const soon = computed(() => {
  const found = byDay(lots.value, today()).find(({ id }) => id === 'soon')?.lots ?? [];
  return ofEach(found, () => 'soon').get('soon') ?? 0;
});

/** @returns {import('../lib/router.js').Screen} */
export function warning() {
  const { shown } = sources(everything);
  const left = follow({ load: everything.load, hear: hearLot, every: () => EVERY, may: () => true });
  const meaning = () => html`<p>${soon.value > 0 ? t('warning.now', { count: soon.value }) : t('warning.none')}</p>
    ${soon.value > 0 ? html`<p><a href="/app/stock#day">${t('warning.see')}</a></p>` : nothing}`;
  const view = () =>
    html`<div class="screen narrow">
      ${screenHead({ title: t('warning.title'), back: back() })}
      <p class="quiet">${t('warning.sub')}</p>
      <section class="card padded stack">
        ${part(() => (mayWarn() ? warningField() : html`<p>${t('stock.warning.days', { count: warningDays.value })}</p>`))}
        <div class="stack" role="status">${part(() => shown(() => html`${part(meaning)}`))}</div>
      </section>
    </div>`;
  return { title: () => t('warning.title'), view, left };
}
