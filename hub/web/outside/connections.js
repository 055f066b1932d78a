// What else is connected to the house, how it stands, and how it is switched on.

import { html, nothing, part } from '../lib/view.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { chip, notice } from '../elements/pieces.js';
import { follow, sources } from '../system/follow.js';
import { fact, head, settingLines } from './pieces.js';

/** @typedef {import('../types/wire.d.ts').System} System */
/** @typedef {import('../types/wire.d.ts').Broker} Broker */

const EVERY = 15_000;
const SETTINGS = 'HEARTH_MQTT_URL=mqtt://hearth:password@homeassistant.local';
/** What is typed on the machine itself, unless it says otherwise; the same in every language. */
const COMMAND = 'hearth-hub';
const TOKEN = 'token add NAME';
const FIGURES = '/metrics';

/** @type {Record<import('../types/wire.d.ts').BrokerState, { tone: import('../elements/pieces.js').Tone, icon: string }>} */
const MARKS = {
  up: { tone: 'fresh', icon: 'check' },
  elsewhere: { tone: 'fresh', icon: 'check' },
  beginning: { tone: 'info', icon: 'activity' },
  down: { tone: 'over', icon: 'triangle-alert' },
  off: { tone: 'plain', icon: 'minus' },
};

/** @param {Broker} broker */
function assistant({ state, address, topic, trouble }) {
  return html`<section class="card padded stack" aria-labelledby="mqtt-head">
    <div class="row"><h2 class="grow" id="mqtt-head">${t('mqtt.head')}</h2>${chip(t(`mqtt.${state}`), MARKS[state])}</div>
    <p>${t('mqtt.text')}</p>
    ${trouble ? notice(html`<p>${t('mqtt.trouble')}</p><p class="small">${trouble}</p>`, { tone: 'over', icon: 'triangle-alert' }) : nothing}
    ${address
      ? html`<dl class="facts">
          ${fact(t('mqtt.address'), html`<code class="long">${address}</code>`)} ${fact(t('mqtt.topic'), html`<code class="long">${topic}</code>`)}
        </dl>`
      : html`<ol class="steps">
            <li>${t('mqtt.step.broker')}</li>
            <li>${t('mqtt.step.person')}</li>
            <li>${t('mqtt.step.settings')}</li>
          </ol>
          ${settingLines(SETTINGS)}`}
    <p class="small quiet">${t('mqtt.one-way')}</p>
  </section>`;
}

/** @param {{ to: string, mark: string, title: string, sub: string }} parts */
function door({ to, mark, title, sub }) {
  return html`<li>
    <a class="card-row" href=${to}>
      <span class="timeline-mark">${icon(mark)}</span>
      <span class="grow"><span class="row-title">${title}</span><span class="row-sub">${sub}</span></span>
      ${icon('chevron-right')}
    </a>
  </li>`;
}

/** @param {boolean} owner */
function doors(owner) {
  return html`<section class="stack" aria-labelledby="more-head">
    <h2 id="more-head">${t('connect.more')}</h2>
    <ul class="card rows">
      ${owner ? door({ to: '/app/settings/notifications', mark: 'link', title: t('connect.webhooks'), sub: t('connect.webhooks.text') }) : nothing}
      ${door({ to: '/app/settings/export', mark: 'calendar-clock', title: t('connect.calendar'), sub: t('connect.calendar.text') })}
      ${door({ to: '/app/settings/catalogue', mark: 'archive', title: t('connect.catalogue'), sub: t('connect.catalogue.text') })}
    </ul>
  </section>`;
}

/** @param {boolean} owner @param {string} command how Hearth is called on its machine */
function programs(owner, command) {
  return html`<section class="card padded stack" aria-labelledby="programs-head">
    <h2 id="programs-head">${t('connect.programs')}</h2>
    <p>${t('connect.programs.text')}</p>
    ${owner ? html`<p class="quiet">${t('connect.token')}</p>${settingLines(`${command} ${TOKEN}`)}` : nothing}
    <div class="actions start"><a class="button" href="/api/docs">${icon('info')}${t('connect.docs')}</a></div>
    <p class="small quiet">${t('connect.figures')} <a href=${FIGURES} target="_blank" rel="noreferrer"><code>${FIGURES}</code></a></p>
  </section>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function screen() {
  const may = () => store.who.value === 'owner' || store.who.value === 'member';
  /** @type {import('../lib/watch.js').Watched<System>} */
  const there = watch(() => api.read('/api/system'));
  const { load, shown } = sources(there);
  const all = () => {
    const known = there.data.value;
    if (!known) return nothing;
    const owner = store.who.value === 'owner';
    // What was kept on this device may be from before the house said more of itself.
    return html`<div class="columns late">
      ${known.mqtt ? assistant(known.mqtt) : nothing}
      <div class="stack wide">${programs(owner, known.command || COMMAND)} ${doors(owner)}</div>
    </div>`;
  };
  const stop = follow({ load, hear: () => {}, every: () => EVERY, may });
  return {
    title: () => t('connect.title'),
    view: () => html`<div class="screen">
      ${head({ title: t('connect.title'), sub: t('connect.sub') })} ${may() ? part(() => shown(all)) : notYours()}
    </div>`,
    left: stop,
  };
}
