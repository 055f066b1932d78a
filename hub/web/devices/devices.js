// The stations and screens of the house: who is there, who asks to be let in, and what they are called.

import { computed, effect, html, list, nothing, part, signal, untracked } from '../lib/view.js';
import { learn, now, relative, t } from '../lib/text.js';
import { wear } from '../lib/wear.js';
import { explain } from '../lib/problems.js';
import { api, refresh, store, trouble } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { emptyState, errorState, screenHead, skeleton } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { hearFurnishing, places } from '../kitchen/furnishing.js';
import { follow, standing } from '../system/follow.js';
import { addDevice } from './add.js';
import { device as deviceCard } from './device.js';
import { stationPage } from './station.js';
import { hearStation, meant, standingOf, stations, waiting } from './stations.js';

/** @typedef {import('../lib/router.js').Arrival} Arrival */
/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Device} Device */
/** @typedef {import('../types/wire.d.ts').Pairing} Pairing */

const EVERY = 60_000;

/** @type {Record<Device['kind'], string>} */
export const MARKS = { station: 'scan-barcode', screen: 'tablet' };

/** Whether it is here, in words and not by colour alone. @param {Device} device */
export function whereabouts(device) {
  if (device.online) return html`<span class="whereabouts"><span class="dot online"></span>${t('device.online')}</span>`;
  const seen = device.last_seen_at;
  const word = seen ? part(() => t('home.seen', { when: relative(seen) })) : t('device.unseen');
  return html`<span class="whereabouts"><span class="dot offline"></span><span>${word}</span></span>`;
}

/** Where it is, and what it does there. @param {Device} device */
function beside(device) {
  const doing = device.kind === 'station' && stations.data.value ? meant(standingOf(device.id)) : '';
  return [device.place, doing].filter(Boolean).join(' · ') || t(`device.kind.${device.kind}`);
}

/** @param {Device} device @param {string | undefined} chosen */
function row(device, chosen) {
  return html`<li>
    <a class="card-row" href="/app/devices/${device.id}" aria-current=${device.id === chosen ? 'true' : nothing}>
      <span class="timeline-mark">${icon(MARKS[device.kind])}</span>
      <span class="grow">
        <span class="row-title">${device.name}</span>
        ${part(() => html`<span class="row-sub">${beside(device)}</span>`)}
        <span class="row-sub">${whereabouts(device)}</span>
        ${part(() => (device.kind === 'station' && waiting(device.id)) || nothing)}
      </span>
      ${icon('chevron-right')}
    </a>
  </li>`;
}

/** @param {Pairing} pairing */
async function refuse(pairing) {
  const sure = await confirmDialog({
    title: () => t('device.asking.refuse.title'),
    text: () => t('device.asking.refuse.text'),
    confirm: () => t('device.asking.refuse'),
  });
  if (!sure) return;
  try {
    await api.remove(`/api/pairing/${pairing.id}`);
    toast(() => t('device.asking.refused'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
  store.dropAsking(pairing.id);
}

/** @param {Pairing} pairing */
function asking(pairing) {
  const what = [pairing.program, pairing.address].filter(Boolean).join(' · ') || t(`device.kind.${pairing.kind}`);
  return html`<li class="card-row still">
    <span class="timeline-mark">${icon(MARKS[pairing.kind])}</span>
    <span class="grow">
      <span class="row-title">${pairing.name || t(`device.kind.${pairing.kind}`)}</span>
      ${part(() => html`<span class="row-sub">${t('device.asking.since', { what, when: relative(pairing.created_at) })}</span>`)}
    </span>
    <span class="actions">
      <button class="button" type="button" @click=${() => void refuse(pairing)}>${t('device.asking.refuse')}</button>
      <button class="button primary" type="button" @click=${() => void addDevice(pairing)}>${t('device.asking.enter')}</button>
    </span>
  </li>`;
}

/** Requests that are open still; a new one is announced. */
function requests() {
  const open = (store.asking.value ?? []).filter(({ expires_at }) => new Date(expires_at).getTime() > now.value);
  const shown = html`<h2 id="asking-head">${t('device.asking')}</h2>
    <ul class="card rows">
      ${list(open, (pairing) => pairing.id, asking)}
    </ul>`;
  return html`<section class="stack" aria-label=${t('device.asking')} aria-live="polite">${open.length > 0 ? shown : nothing}</section>`;
}

/** @param {string | undefined} chosen */
function lists(chosen) {
  const devices = store.devices.value;
  if (!devices) {
    return trouble.value ? errorState({ title: explain(trouble.value), retry: () => void refresh() }) : skeleton(3);
  }
  const none = emptyState({ icon: 'monitor-smartphone', title: t('device.empty'), text: t('device.empty.text') });
  return html`${part(() => standing(chosen ? undefined : stations.asOf.value))} ${part(requests)}
  ${devices.length === 0
    ? none
    : html`<ul class="card rows">
        ${list(devices, (device) => device.id, (device) => row(device, chosen))}
      </ul>`}`;
}

/** @typedef {ReturnType<typeof stationPage>} StationPage */

/** @param {string | undefined} id @param {StationPage | undefined} page */
function detail(id, page) {
  const devices = store.devices.value;
  if (!id) return devices ? emptyState({ icon: 'monitor-smartphone', title: t('device.choose') }) : nothing;
  const device = devices?.find((device) => device.id === id);
  if (device) return page && device.kind === 'station' ? deviceCard(device, page.view(device)) : deviceCard(device);
  if (!devices) return skeleton(2);
  return html`${emptyState({
    icon: 'monitor-smartphone',
    title: t('device.gone'),
    action: html`<a class="button" href="/app/devices">${t('device.back')}</a>`,
  })}`;
}

/** What is printed for stations. */
const print = () => html`<ul class="card rows">
  <li>
    <a class="card-row" href="/app/labels">
      <span class="timeline-mark">${icon('printer')}</span>
      <span class="grow"><span class="row-title">${t('print.title')}</span><span class="row-sub">${t('print.sub')}</span></span>
      ${icon('chevron-right')}
    </a>
  </li>
</ul>`;

/** Those who are looked at one after the other. @param {Arrival['params']} params */
function pages(params) {
  /** @type {import('../lib/view.js').Signal<StationPage | undefined>} */
  const page = signal(undefined);
  let shown = '';
  const stop = effect(() => {
    const id = params.value['id'] ?? '';
    const station = store.devices.value?.some((device) => device.id === id && device.kind === 'station');
    const wanted = station ? id : '';
    if (wanted === shown) return;
    shown = wanted;
    page.value = untracked(() => (wanted ? stationPage(wanted) : undefined));
  });
  return { page, stop };
}

/** @param {Arrival} arrival @returns {Promise<Screen>} */
export async function devices({ params }) {
  await Promise.all([learn('kitchen'), learn('stations'), wear('kitchen'), wear('stations')]);
  const { page, stop } = pages(params);
  const load = () => Promise.all([stations.load(), places.load(), page.peek()?.load()]);
  const may = () => store.who.value === 'owner' || store.who.value === 'member';
  const stopFollowing = follow({
    load,
    hear: (frame) => {
      hearStation(frame);
      hearFurnishing(frame);
      page.peek()?.hear(frame);
    },
    every: () => EVERY,
    may,
  });
  /** Nothing to choose, and so no room for what is chosen. */
  const bare = computed(() => store.devices.value?.length === 0 && params.value['id'] === undefined);
  const closed = () =>
    html`<div class="screen">${screenHead({ title: t('place.devices') })} ${notYours()}</div>`;
  const open = () =>
    html`<div class="screen">
      ${screenHead({
        title: t('place.devices'),
        action: html`<button class="button primary" type="button" @click=${() => void addDevice()}>
          ${icon('plus')}${t('device.add')}
        </button>`,
      })}
      <div class=${bare.value ? 'stack' : 'pair'} ?data-open=${params.value['id'] !== undefined}>
        <div class="pair-list">${part(() => lists(params.value['id']))} ${print()}</div>
        ${bare.value
          ? nothing
          : html`<section class="pair-detail" aria-label=${t('device.detail')}>
              <p class="back"><a class="button bare word" href="/app/devices">${icon('chevron-left')}${t('device.back')}</a></p>
              ${part(() => detail(params.value['id'], page.value))}
            </section>`}
      </div>
    </div>`;
  const left = () => {
    stop();
    stopFollowing();
  };
  return { title: () => t('place.devices'), view: () => (may() ? open() : closed()), left };
}
