// How the house is doing, and what an owner may set for everybody.

import { html, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { stood } from '../lib/meet.js';
import { dateTime, duration, LANGUAGES, now, number, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, save, store, work } from '../hearth.js';
import { openKeyMap } from '../frame/keys.js';
import { field, formOf, selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { guarded, TRUST } from '../reach/guarded.js';
import { chip, notice, screenHead } from '../elements/pieces.js';
import { follow, sources } from './follow.js';
import { ageOf } from './pages.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').System} System */
/** @typedef {import('../types/wire.d.ts').Backups} Backups */
/** @typedef {import('../types/wire.d.ts').House} House */

const EVERY = 15_000;

/** @param {string} word @param {unknown} value */
function fact(word, value) {
  return html`<div><dt>${word}</dt><dd>${value}</dd></div>`;
}

/** @param {System} system */
function facts(system) {
  const { engine } = system;
  return html`<div class="figures">
      <div class="figure"><span class="figure-number">${number(system.live_clients)}</span><span class="quiet">${t('system.live', { count: system.live_clients })}</span></div>
    </div>
    <dl class="facts">
      ${fact(t('system.running'), html`<span title=${dateTime(system.started_at)}>${duration(system.uptime_seconds)}</span>`)}
      ${fact(t('system.version'), system.version)} ${fact(t('system.storage'), `${engine.name} ${engine.version}`)}
      ${fact(t('system.schema'), engine.schema)}
      ${system.redis === 'off'
        ? nothing
        : fact(
            t('system.relay'),
            system.redis === 'up'
              ? chip(t('system.relay.up'), { tone: 'fresh', icon: 'check' })
              : chip(t('system.relay.down'), { tone: 'over', icon: 'triangle-alert' }),
          )}
    </dl>
    ${system.demo ? notice(t('system.demo')) : nothing}
    ${guarded.value ? nothing : notice(t('guard.banner'), { tone: 'soon', icon: 'triangle-alert' })}
    <p><a href=${TRUST}>${t('system.trust')}</a></p>`;
}

/** The zones this device knows, and the house's own if it is not among them. @param {string} current */
function zones(current) {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(current) ? known : [current, ...known];
}

/** @param {House} house @param {ReturnType<typeof createForm>} form */
function settings(house, form) {
  return html`<section class="card padded stack wide" aria-labelledby="house-head">
    <h2 id="house-head">${t('system.house')}</h2>
    ${formOf(
      form,
      html`
        ${field({ form, name: 'name', label: t('setup.house'), value: house.name })}
        ${selectField({
          form,
          name: 'language',
          label: t('system.house.language'),
          hint: t('system.house.language.hint'),
          value: house.language,
          choices: LANGUAGES.map(([value, word]) => ({ value, word })),
        })}
        ${selectField({
          form,
          name: 'time_zone',
          label: t('system.house.zone'),
          value: house.time_zone,
          choices: zones(house.time_zone).map((zone) => ({ value: zone, word: zone.replaceAll('_', ' ') })),
        })}
      `,
      { submit: t('action.save') },
    )}
  </section>`;
}

/** @param {{ to: string, mark: string, title: string, sub: string, wrong: boolean }} parts */
function door({ to, mark, title, sub, wrong }) {
  return html`<li>
    <a class="card-row" href=${to}>
      <span class="timeline-mark ${wrong ? 'over' : ''}">${icon(wrong ? 'triangle-alert' : mark)}</span>
      <span class="grow"><span class="row-title">${title}</span><span class="row-sub">${sub}</span></span>
      ${icon('chevron-right')}
    </a>
  </li>`;
}

function toWork() {
  const failed = work.data.value?.jobs.failed;
  const sub = failed === undefined ? '' : failed > 0 ? t('work.failed', { count: failed }) : t('work.none-failed');
  return door({ to: '/app/system/work', mark: 'list-todo', title: t('work.title'), sub, wrong: Boolean(failed) });
}

/** @param {Backups | null} known */
function toBackups(known) {
  const to = { to: '/app/system/backups', mark: 'archive', title: t('backups.title') };
  if (!known?.here) return door({ ...to, sub: known ? t('backups.postgres') : '', wrong: false });
  const [last] = known.items;
  const age = ageOf(known, now.value);
  const sub = last ? t('backups.last', { when: relative(Math.min(Date.parse(last.made_at), now.value)) }) : t(`backups.${age}`);
  return door({ ...to, sub, wrong: age === 'old' || age === 'none' });
}

/** @param {Record<string, string>} values */
async function saveHouse(values) {
  const house = store.house.peek();
  if (!house) return;
  try {
    await save({
      method: 'PATCH',
      path: '/api/house',
      body: { version: house.version, ...values },
      before: stood(house, values),
      label: 'write.house',
      join: 'house',
    });
  } catch (error) {
    if (error instanceof Problem && error.code === 'stale-version' && error.current) {
      store.takeHouse(/** @type {House} */ (error.current));
    }
    throw error;
  }
}

/** @returns {Screen} */
export function system() {
  /** @type {import('../lib/watch.js').Watched<System>} */
  const known = watch(() => api.read('/api/system'));
  const { shown } = sources(known);
  const form = createForm({ submit: saveHouse });
  /** @type {import('../lib/watch.js').Watched<Backups>} */
  const saved = watch(() => api.read('/api/backups'));
  const owns = () => store.me.value?.role === 'owner';

  const state = () => shown(() => part(() => known.data.value && facts(known.data.value)));

  const loadAll = () => {
    void known.load();
    void work.load();
    if (owns()) void saved.load();
  };
  // Once this screen is live it is one of those that are counted.
  const stop = follow({ load: loadAll, hear: () => {}, every: () => EVERY, may: () => true });
  const view = () => {
    const house = store.house.value;
    const owner = owns();
    return html`<div class="screen">
      ${screenHead({ title: t('place.system') })}
      <section class="stack" aria-labelledby="behind-head">
        <h2 id="behind-head">${t('system.behind')}</h2>
        <ul class="card rows">
          ${part(toWork)} ${owner ? part(() => toBackups(saved.data.value)) : nothing}
        </ul>
      </section>
      <div class="columns">
        <section class="card padded stack wide" aria-labelledby="state-head">
          <h2 id="state-head">${t('system.state')}</h2>
          ${part(state)}
        </section>
        ${house && owner ? settings(house, form) : nothing}
      </div>
      <p class="row">
        <button class="button" type="button" @click=${() => void openKeyMap()}>${icon('keyboard')}${t('keys.title')}</button>
        <a class="button" href="/api/docs">${icon('info')}${t('system.docs')}</a>
      </p>
    </div>`;
  };
  return { title: () => t('place.system'), view, left: stop };
}
