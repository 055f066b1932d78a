// Taking it along: everything as one file, tables for a spreadsheet, and the dates as a calendar.

import { html, nothing, part, signal } from '../lib/view.js';
import { date, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { chip } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { handed, head, orSay } from './pieces.js';

/** @typedef {import('../types/wire.d.ts').CalendarAccess} Access */
/** @typedef {import('../types/wire.d.ts').CalendarKey} Key */

const EVERY = 120_000;
const CALENDAR = '/api/calendar/key';
const TABLES = ['products', 'lots', 'movements', 'shopping', 'prices', 'receipts'];
/** What is of use to programs rather than to people. */
const MORE = [
  'receipt-lines',
  'codes',
  'product-units',
  'places',
  'categories',
  'units',
  'acts',
  'scans',
  'product-joins',
  'questions',
  'stocktakes',
  'stocktake-lines',
];

/** @typedef {'plain' | 'marked'} Form how a spreadsheet wants it */

/** @param {{ name: string, path: string, reach: boolean }} parts */
function file({ name, path, reach }) {
  const what = t(`export.${name}`);
  return html`<li class="card-row still">
    ${name === 'all' ? html`<span class="timeline-mark">${icon('archive')}</span>` : nothing}
    <span class="grow"><span class="row-title">${what}</span><span class="row-sub">${t(`export.${name}.text`)}</span></span>
    ${reach
      ? html`<a class="button" href=${path} download aria-label=${t('export.download.one', { what })}>${icon('download')}${t('export.download')}</a>`
      : nothing}
  </li>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function screen() {
  const may = () => Boolean(store.me.value);
  const household = () => store.who.value === 'owner' || store.who.value === 'member';
  /** @type {import('../lib/watch.js').Watched<Access>} */
  const there = watch(() => api.read(CALENDAR));
  const { inReach, load, shown, act } = sources(there);
  /** @type {import('../lib/view.js').Signal<Form>} */
  const form = signal(/** @type {Form} */ ('plain'));
  /** Shown this once: the house keeps no copy. */
  const address = signal('');

  async function make() {
    if (there.data.peek()?.created_at) {
      const sure = await confirmDialog({
        title: () => t('calendar.renew.title'),
        text: () => t('calendar.renew.text'),
        confirm: () => t('calendar.renew'),
        tone: 'primary',
      });
      if (!sure) return;
    }
    await orSay(async () => {
      /** @type {Key} */
      const key = await api.post(CALENDAR, {});
      address.value = new URL(key.path, location.href).href;
    });
    await load();
  }

  async function withdraw() {
    const sure = await confirmDialog({
      title: () => t('calendar.withdraw.title'),
      text: () => t('calendar.withdraw.text'),
      confirm: () => t('calendar.withdraw'),
    });
    if (!sure) return;
    if (await orSay(() => api.remove(CALENDAR))) {
      address.value = '';
      toast(() => t('calendar.withdrawn'));
    }
    await load();
  }

  const calendar = () => {
    const since = there.data.value?.created_at;
    const still = String(!inReach());
    return html`<p>${since ? chip(t('calendar.since', { when: date(since) }), { tone: 'fresh', icon: 'check' }) : chip(t('calendar.none'), { icon: 'minus' })}</p>
      <div role="status">${address.value ? handed({ id: 'calendar-address', label: t('calendar.address'), value: address.value, hint: t('calendar.address.hint') }) : nothing}</div>
      <div class="actions start">
        <button class="button ${since ? '' : 'primary'}" type="button" aria-disabled=${still} @click=${act(() => void make())}>
          ${icon(since ? 'rotate-ccw' : 'calendar-clock')}${t(since ? 'calendar.renew' : 'calendar.make')}
        </button>
        ${since
          ? html`<button class="button danger-quiet" type="button" aria-disabled=${still} @click=${act(() => void withdraw())}>${t('calendar.withdraw')}</button>`
          : nothing}
      </div>`;
  };

  const files = () => {
    const reach = inReach();
    const mark = form.value === 'marked' ? '?bom=true' : '';
    const tables = (/** @type {string[]} */ names) => html`<ul class="card rows compact">
      ${names.map((name) => file({ name, path: `/api/export/${name}.csv${mark}`, reach }))}
    </ul>`;
    return html`<section class="stack" aria-labelledby="all-head">
        <h2 id="all-head">${t('export.everything')}</h2>
        <ul class="card rows">
          ${file({ name: 'all', path: '/api/export.json', reach })}
        </ul>
        <p class="small quiet">${t('export.everything.text')} ${store.who.value === 'owner' ? html`<a href="/app/system/backups">${t('export.backups')}</a>` : t('export.backups')}.</p>
      </section>
      <section class="stack" aria-labelledby="tables-head">
        <h2 id="tables-head">${t('export.tables')}</h2>
        ${segmented({
          name: 'form',
          legend: t('export.for'),
          value: form.value,
          choices: [
            { value: 'plain', word: t('export.for.most') },
            { value: 'marked', word: t('export.for.excel') },
          ],
          change: (value) => {
            form.value = value;
          },
        })}
        ${tables(TABLES)}
        <details class="folded">
          <summary>${t('export.more', { count: MORE.length })}</summary>
          ${tables(MORE)}
        </details>
        <p class="small quiet">${t('export.tables.text')}</p>
      </section>`;
  };

  const all = () => html`<div class="columns late">
    ${household() ? html`<div class="stack wide">${part(files)}</div>` : nothing}
    <section class="card padded stack" aria-labelledby="calendar-head">
      <h2 id="calendar-head">${t('calendar.head')}</h2>
      <p>${t('calendar.text')}</p>
      ${part(calendar)}
      <p class="small quiet">${t('calendar.secret')}</p>
    </section>
  </div>`;

  const stop = follow({ load, hear: () => {}, every: () => EVERY, may });
  return {
    title: () => t('export.title'),
    view: () => html`<div class="screen">
      ${head({ title: t('export.title'), sub: t('export.sub') })} ${may() ? part(() => shown(all)) : notYours()}
    </div>`,
    left: stop,
  };
}
