// How a device comes to trust the house: what to fetch, and where to tap.
//
// Shown before anybody has signed in, and at the plain door too. There it asks the secure address every now
// and then; once that answers, this device trusts it, and whoever wanted to go somewhere is taken there.

import { html, nothing, part, signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { has, t } from '../lib/text.js';
import { api, store } from '../hearth.js';
import { errorState, notice, skeleton } from '../elements/pieces.js';
import { doorCard } from '../account/door.js';
import { DEVICES, deviceOf } from './device.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Reach} Reach */
/** @typedef {import('./device.js').Device} Device */

const EVERY = 4000;
/** Settings as a service, a container and a shell take them; the same in every language. */
const SETTINGS = 'HEARTH_LISTEN=0.0.0.0:8443\nHEARTH_TLS=household';
const STEPS = ['first', 'second', 'third', 'fourth'];

/** The file that each device opens by itself. @type {Record<Device, string>} */
const FILES = { apple: 'mobileconfig', android: 'crt', windows: 'crt', mac: 'mobileconfig', linux: 'crt' };

/** @param {Device} device @param {string} name */
function section(device, name) {
  const mine = device === deviceOf(navigator.userAgent, navigator.maxTouchPoints);
  const file = FILES[device];
  const steps = STEPS.map((step) => `trust.${device}.${step}`).filter(has);
  return html`<details class="folded" name="device" ?open=${mine}>
    <summary>${t(`trust.${device}`)}</summary>
    <div class="stack">
      <p><a class="button ${mine ? 'primary' : ''}" href="/trust/hearth.${file}">${t(`trust.get.${file}`)}</a></p>
      <ol class="steps">
        ${steps.map((key) => html`<li>${t(key, { name })}</li>`)}
      </ol>
    </div>
  </details>`;
}

/** @param {string} url */
function wayIn(url) {
  return html`<p><a class="button" href="${url}/app/">${t('trust.open')}</a></p>`;
}

/** @param {Reach} reach @param {boolean} trusted */
function body(reach, trusted) {
  const { authority, secure_url: url } = reach;
  if (trusted && url) return html`${notice(t('trust.done'), { tone: 'fresh', icon: 'circle-check' })} ${wayIn(url)}`;
  if (!authority) {
    if (url && location.protocol === 'http:') return html`<p>${t('trust.elsewhere')}</p>${wayIn(url)}`;
    if (url) return notice(t('trust.public'), { tone: 'fresh', icon: 'circle-check' });
    return html`<p>${t('trust.off')}</p><pre class="command">${SETTINGS}</pre>`;
  }
  return html`<div class="stack">${DEVICES.map((device) => section(device, authority.name))}</div>
    <div class="stack tight">
      <h2 class="small">${t('trust.fingerprint')}</h2>
      <p><code class="fingerprint">${authority.fingerprint}</code></p>
      <p class="small quiet">${t('trust.fingerprint.text')}</p>
    </div>
    ${url ? wayIn(url) : nothing}`;
}

/** The way back for whoever came here from inside: an installed app has no other. */
function back() {
  return store.state.value === 'signed-in' ? html`<a class="button" href="/app/">${t('trust.back')}</a>` : nothing;
}

/** Where somebody wanted to go before they were led here: a place of this house, or none. */
function wanted() {
  const to = new URLSearchParams(location.search).get('to');
  return to && /^\/(?![/\\])/.test(to) ? to : null;
}

/** Whether this device trusts the secure address: it answers. @param {string} url */
async function answers(url) {
  try {
    return (await fetch(`${url}/api/reach`, { mode: 'cors', credentials: 'omit', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

/** @returns {Screen} */
export function trust() {
  /** @type {import('../lib/view.js').Signal<Reach | null>} */
  const reach = signal(null);
  /** @type {import('../lib/view.js').Signal<unknown>} */
  const trouble = signal(null);
  const trusted = signal(false);

  async function load() {
    trouble.value = null;
    try {
      reach.value = await api.get('/api/reach');
      void probe();
    } catch (error) {
      trouble.value = error;
    }
  }

  async function probe() {
    const url = reach.peek()?.secure_url;
    if (!url || location.protocol !== 'http:' || trusted.peek()) return;
    if (!(await answers(url))) return;
    trusted.value = true;
    const to = wanted();
    if (to) location.replace(url + to);
  }

  void load();
  const timer = setInterval(() => void (document.visibilityState === 'visible' && probe()), EVERY);
  const state = () => {
    if (reach.value) return body(reach.value, trusted.value);
    return trouble.value ? errorState({ title: explain(trouble.value), retry: () => void load() }) : skeleton(3);
  };
  return {
    title: () => t('trust.title'),
    view: () => doorCard({ title: t('trust.title'), text: t('trust.text'), body: html`${part(state)} ${part(back)}` }),
    left: () => clearInterval(timer),
  };
}
