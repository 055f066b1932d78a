// A station: what a scan does there and what it goes back to, what waits, and what was scanned last.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { gently } from '../lib/gently.js';
import { explain, explainCode } from '../lib/problems.js';
import { dateTime, duration, relative, t, time } from '../lib/text.js';
import { uuid7 } from '../lib/uuid7.js';
import { older, watch } from '../lib/watch.js';
import { api, online, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { errorState, notice, skeleton } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { choicesOf, places } from '../kitchen/furnishing.js';
import { change as figures, looks, nameOf, statusOf } from '../kitchen/outcome.js';
import { asksAgain } from '../kitchen/scans.js';
import { standing } from '../system/follow.js';
import { QUIET } from './standing.js';
import { meant, standingOf, stationOf, stations, turn } from './stations.js';

/** @typedef {import('../types/wire.d.ts').Device} Device */
/** @typedef {import('../types/wire.d.ts').PastScan} PastScan */
/** @typedef {import('../types/wire.d.ts').Page<PastScan>} PastPage */
/** @typedef {import('./standing.js').Standing} Standing */

const MODES = ['add', 'consume', 'open', 'spoil', 'shop', 'count', 'transfer', 'lookup'];
const FIRST = 10;
const MORE = 30;

const modes = () => MODES.map((value) => ({ value, word: t(`scan.mode.${value}`) }));

/** Whether what is chosen now would arrive. */
const inReach = () => online.value && stations.asOf.value === undefined && !stations.trouble.value;

/** @param {string | undefined} id */
const personName = (id) => store.members.value?.find((member) => member.id === id)?.name;

/** Those who are here, and whoever is named. @param {string | undefined} chosen */
function people(chosen) {
  const here = (store.members.value ?? []).filter(({ id, revoked_at }) => !revoked_at || id === chosen);
  return here.map(({ id, name }) => ({ value: id, word: name }));
}

/** When it goes back, and to what. @param {Device} device @param {Standing} standing */
function goesBack(device, standing) {
  const { until, usual } = standing;
  if (!until) return html`<p class="quiet">${t('station.usual.now')}</p>`;
  const back = () =>
    void turn({ station_id: device.id, mode: usual.mode, place_id: usual.place ?? null, person_id: null }, () => t('station.turned.back', { name: device.name }));
  const others = (store.devices.value ?? []).some(({ id, kind }) => kind === 'station' && id !== device.id);
  return html`<p>${t('station.until', { time: time(until), what: meant(usual) })} ${t('station.until.scan')}</p>
    <div class="actions start">
      <button class="button" type="button" ?disabled=${!inReach()} @click=${back}>${icon('rotate-ccw')}${t('station.back-now')}</button>
      ${others
        ? html`<button class="button" type="button" ?disabled=${!inReach()} @click=${() => void everywhere(standing)}>${icon('repeat')}${t('station.all')}</button>`
        : nothing}
    </div>`;
}

/** @param {Standing} standing */
async function everywhere(standing) {
  const what = [meant(standing), personName(standing.person)].filter(Boolean).join(' · ');
  const count = (store.devices.peek() ?? []).filter(({ kind }) => kind === 'station').length;
  const sure = await confirmDialog({
    title: () => t('station.all.title', { count }),
    text: () => t('station.all.text', { what }),
    confirm: () => t('station.all'),
    tone: 'primary',
  });
  if (!sure) return;
  const { mode, place = null, person = null } = standing;
  await turn({ all: true, mode, place_id: place, person_id: person }, () => t('station.all.done', { count, what }));
}

/** What a scan does there, to be changed from here. @param {Device} device */
function meaning(device) {
  const standing = standingOf(device.id);
  const { mode, place = '', person = '' } = standing;
  const disabled = !inReach();
  const said = () => t('station.turned', { name: device.name, what: meant(standingOf(device.id)) });
  const to = (/** @type {Record<string, unknown>} */ change) => void turn({ station_id: device.id, ...change }, said);
  const none = (/** @type {string} */ word) => ({ value: '', word });
  return html`<section class="card padded stack" aria-labelledby="meaning-head">
    <h3 id="meaning-head">${t('station.meaning')}</h3>
    <div class="station-turns">
      ${selectField({ name: 'station-mode', label: t('station.mode'), value: mode, choices: modes(), disabled, change: (value) => to({ mode: value }) })}
      ${selectField({
        name: 'station-place',
        label: t('station.place'),
        value: place,
        choices: [none(t('scan.place.usual')), ...choicesOf(places.data.value, place)],
        disabled,
        change: (value) => to({ place_id: value || null }),
      })}
      ${selectField({
        name: 'station-person',
        label: t('station.person'),
        value: person,
        choices: [none(t('station.nobody')), ...people(person)],
        disabled,
        change: (value) => to({ person_id: value || null }),
      })}
    </div>
    ${part(() => goesBack(device, standingOf(device.id)))}
    ${part(() => usual(device))}
  </section>`;
}

/** Which of these folds is open, by device. @type {import('../lib/view.js').Signal<string>} */
const unfolded = signal('');

/** What it goes back to. @param {Device} device */
function usual(device) {
  const { usual } = standingOf(device.id);
  const disabled = !inReach();
  const place = usual.place ?? '';
  const to = (/** @type {Record<string, unknown>} */ change) => void turn({ station_id: device.id, ...change }, () => t('saved'));
  const lengths = [...new Set([...QUIET, usual.after])].sort((a, b) => a - b);
  return html`<details class="folded" ?open=${unfolded.value === device.id} @toggle=${(/** @type {Event} */ event) => fold(device.id, event)}>
    <summary>${t('station.usual', { what: meant(usual), time: duration(usual.after) })}</summary>
    <div class="station-turns">
      ${selectField({ name: 'usual-mode', label: t('station.mode'), value: usual.mode, choices: modes(), disabled, change: (value) => to({ usual_mode: value }) })}
      ${selectField({
        name: 'usual-place',
        label: t('station.place'),
        value: place,
        choices: [{ value: '', word: t('scan.place.usual') }, ...choicesOf(places.data.value, place)],
        disabled,
        change: (value) => to({ usual_place_id: value || null }),
      })}
      ${selectField({
        name: 'usual-after',
        label: t('station.after'),
        value: String(usual.after),
        choices: lengths.map((seconds) => ({ value: String(seconds), word: duration(seconds) })),
        disabled,
        change: (value) => to({ back_after_seconds: Number(value) }),
      })}
    </div>
  </details>`;
}

/** @param {string} id @param {Event} event */
function fold(id, event) {
  const open = /** @type {HTMLDetailsElement} */ (event.currentTarget).open;
  if (open) unfolded.value = id;
  else if (unfolded.peek() === id) unfolded.value = '';
}

/** What waits there. @param {Device} device */
function queue(device) {
  const station = stationOf(device.id);
  const count = station?.queued ?? 0;
  if (count === 0) return nothing;
  const words = html`<p><strong>${t('station.queued.long', { count })}</strong></p>
    <p>${t(device.online ? 'station.queued.here' : 'station.queued.away')}</p>`;
  return notice(words, { tone: 'soon', icon: 'clock' });
}

/** @param {PastScan} scan @param {() => unknown} reload */
async function takeBack(scan, reload) {
  try {
    /** @type {import('../types/wire.d.ts').Outcome} */
    const outcome = await api.post('/api/scanner/undo', { scan_id: uuid7(), undoes: scan.id });
    const { problem } = outcome;
    if (problem) toast(() => explainCode(problem.code, problem.detail), { tone: 'over' });
    else toast(() => t('story.undone'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
  await reload();
}

/** What a scan came to, in a line. @param {PastScan} scan */
function came({ outcome, undone, mode, person_id: person }) {
  if (undone) return t('scan.taken-back');
  const { problem, status } = outcome;
  if (problem) return explainCode(problem.code, problem.detail);
  if (asksAgain(outcome)) return t('scan.warning.already-here');
  const { before, now } = figures(outcome);
  const booked = status === 'applied' || status === 'duplicate';
  return [
    booked ? t(`scan.mode.${mode}`) : statusOf(outcome),
    booked && mode !== 'shop' ? (before === undefined ? now : `${before} → ${now}`) : '',
    personName(person) ?? '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** @param {PastScan} scan @param {() => unknown} reload */
function row(scan, reload) {
  const { outcome } = scan;
  const name = nameOf(scan);
  const { product } = outcome;
  const title = product ? html`<a class="plain-link" href="/app/product/${product.id}">${name}</a>` : name;
  return html`<li class=${scan.undone ? 'card-row still scan-row undone' : 'card-row still scan-row'}>
    <span class="scan-mark ${looks(outcome).tone}">${icon(looks(outcome).icon)}</span>
    <span class="grow">
      <span class="row-title">${title}</span>
      <span class="row-sub">
        <span>${came(scan)}</span> ·
        ${part(() => html`<time datetime=${scan.happened_at} title=${dateTime(scan.happened_at)}>${relative(scan.happened_at)}</time>`)}
      </span>
    </span>
    ${scan.reversible
      ? html`<button class="button bare" type="button" aria-label=${t('scan.undo-of', { name })} ?disabled=${!inReach()} @click=${() => void takeBack(scan, reload)}>${icon('rotate-ccw')}</button>`
      : nothing}
  </li>`;
}

/** The last scans of a station, as many as somebody wants to see. @param {string} id */
function pastOf(id) {
  const wanted = signal(FIRST);
  const past = watch(() => /** @type {Promise<import('../lib/api.js').Answer<PastPage>>} */ (api.read(`/api/scanner/scans?station_id=${id}&limit=${wanted.peek()}`)));
  const more = () => {
    wanted.value = Math.min(500, wanted.value + MORE);
    void past.load();
  };
  const again = gently(past.load);
  /** @param {import('../types/wire.d.ts').Frame} frame */
  const hear = ({ type, data }) => {
    const own = type.startsWith('scan.') && (data?.station === id || data?.outcome?.status === 'undone');
    if (own || /^(inventory|product)\./.test(type)) again();
  };
  return { past, more, hear };
}

/** @param {ReturnType<typeof pastOf>} known */
function lastScans({ past, more }) {
  const page = past.data.value;
  if (!page) return past.trouble.value ? errorState({ title: explain(past.trouble.value), retry: () => void past.load() }) : skeleton(3);
  const { items, next } = page;
  return html`<section class="stack tight" aria-labelledby="scans-head">
    <h3 class="group-head" id="scans-head">${t('station.scans')}</h3>
    ${items.length === 0
      ? html`<p class="quiet">${t('station.scans.none')}</p>`
      : html`<ul class="card rows compact">${list(items, ({ id }) => id, (scan) => row(scan, past.load))}</ul>`}
    ${next ? html`<div class="actions start"><button class="button" type="button" @click=${more}>${t('action.show-more')}</button></div>` : nothing}
  </section>`;
}

/** One station that is looked at. @param {string} id */
export function stationPage(id) {
  const known = pastOf(id);
  void known.past.load();
  /** @param {Device} device */
  const view = (device) => html`${part(() => standing(older(stations.asOf.value, known.past.asOf.value)))} ${part(() => queue(device))} ${part(() => meaning(device))} ${part(() => lastScans(known))}`;
  return { view, hear: known.hear, load: known.past.load };
}

/** @param {Device} device */
export function lastScanOf(device) {
  const at = stationOf(device.id)?.last_scan_at;
  return at ? html`<time datetime=${at} title=${dateTime(at)}>${relative(at)}</time>` : t('device.seen.never');
}

