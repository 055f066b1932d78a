// Everything that can be set, in one calm list; and the way to each of it.

import { html } from '../lib/view.js';
import { t } from '../lib/text.js';
import { store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { screenHead } from '../elements/pieces.js';
import { mayGo } from '../frame/destinations.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../frame/destinations.js').Who} Who */
/** @typedef {{ id: string, to: string, mark: string }} Setting */

const HERE = '/app/settings';

/** @type {Record<string, () => Promise<Screen>>} */
const screens = {
  places: async () => (await import('./places.js')).places(),
  categories: async () => (await import('./categories.js')).categories(),
  units: async () => (await import('./units.js')).measures(),
  warning: async () => (await import('./warning.js')).warning(),
  'shop-labels': async () => (await import('./shop-labels.js')).shopLabels(),
  allergens: async () => (await import('./allergens.js')).allergens(),
};

/** @type {{ id: string, settings: Setting[] }[]} */
const groups = [
  {
    id: 'kitchen',
    settings: [
      { id: 'places', to: `${HERE}/places`, mark: 'package' },
      { id: 'categories', to: `${HERE}/categories`, mark: 'list-todo' },
      { id: 'units', to: `${HERE}/units`, mark: 'scale' },
      { id: 'warning', to: `${HERE}/warning`, mark: 'calendar-clock' },
      { id: 'shop-labels', to: `${HERE}/shop-labels`, mark: 'scan-barcode' },
      { id: 'catalogue', to: `${HERE}/catalogue`, mark: 'search' },
      { id: 'printing', to: '/app/labels', mark: 'printer' },
    ],
  },
  {
    id: 'people',
    settings: [
      { id: 'people', to: '/app/people', mark: 'users' },
      { id: 'allergens', to: `${HERE}/allergens`, mark: 'utensils' },
      { id: 'notifications', to: `${HERE}/notifications`, mark: 'bell' },
    ],
  },
  {
    id: 'house',
    settings: [
      { id: 'devices', to: '/app/devices', mark: 'monitor-smartphone' },
      { id: 'connections', to: `${HERE}/connections`, mark: 'link' },
      { id: 'export', to: `${HERE}/export`, mark: 'download' },
      { id: 'system', to: '/app/system', mark: 'activity' },
      { id: 'backups', to: '/app/system/backups', mark: 'archive' },
      { id: 'demo', to: `${HERE}/demo`, mark: 'package-open' },
    ],
  },
];

/** What somebody may set, group by group. @param {Who | undefined} who */
export function settingsFor(who) {
  // An address is the name of its route, but for how it is written.
  const open = (/** @type {Setting} */ { to }) => mayGo(to.slice('/app/'.length).replace('/', '-'), who);
  return groups.map(({ id, settings }) => ({ id, settings: settings.filter(open) })).filter(({ settings }) => settings.length > 0);
}

/** From one of them back to all. */
export const back = () => ({ to: HERE, word: t('settings.back') });

/** @param {Setting} setting */
function row({ id, to, mark }) {
  return html`<li>
    <a class="card-row" href=${to}>
      <span class="timeline-mark">${icon(mark)}</span>
      <span class="grow"><span class="row-title">${t(`settings.${id}`)}</span><span class="row-sub">${t(`settings.${id}.text`)}</span></span>
      ${icon('chevron-right')}
    </a>
  </li>`;
}

/** @returns {Screen} */
function index() {
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.settings') })}
      <div class="all-settings">
        ${settingsFor(store.who.value).map(
          ({ id, settings }) => html`<section class="stack tight" aria-labelledby="group-${id}">
            <h2 class="group-head" id="group-${id}">${t(`settings.group.${id}`)}</h2>
            <ul class="card rows">${settings.map(row)}</ul>
          </section>`,
        )}
      </div>
    </div>`;
  return { title: () => t('place.settings'), view };
}

/** All of them where none is named. @param {string} name @returns {Screen | Promise<Screen>} */
export const setting = (name) => screens[name]?.() ?? index();
