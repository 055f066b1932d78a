// Scanning with what types: fingers, or a hand scanner at this device.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { uuid7 } from '../lib/uuid7.js';
import { watch } from '../lib/watch.js';
import { api, arrivals, outbox, remember, remembered } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip, notice, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { SCAN, legible, scansShown, settle, UNDO, undoable } from './scans.js';
import { amount, due, known } from './words.js';
import { Wedge } from './wedge.js';

/** @typedef {import('../types/wire.d.ts').Mode} Mode */
/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('./scans.js').Scan} Scan */

/** @type {Mode[]} */
const MODES = ['add', 'consume', 'open', 'spoil', 'shop', 'lookup'];
const EARLIER = 8;

/** @param {string | null} word @returns {Mode} */
const modeOf = (word) => MODES.find((mode) => mode === word) ?? 'add';

/** What scans of this device mean; kept here, so that it holds without the house. */
const mode = signal(modeOf(remembered('scan-mode')));
const place = signal(remembered('scan-place') ?? '');
/** @type {import('../lib/view.js').Signal<Scan[]>} */
const settled = signal([]);
/** @type {import('../lib/view.js').Signal<ReadonlySet<string>>} */
const undone = signal(new Set());
const scans = computed(() => scansShown(settled.value, outbox.waiting.value));
const places = watch(async () => {
  const { data, asOf } = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Names>>} */ (
    api.read('/api/scanner/names?since=0')
  );
  return { data: data.places, asOf };
});

/** The name of this device among those that scan, made once. */
function stationId() {
  const before = remembered('station');
  if (before) return before;
  const made = uuid();
  remember('station', made);
  return made;
}

/** @param {Mode} chosen */
function setMode(chosen) {
  mode.value = chosen;
  remember('scan-mode', chosen);
}

/** @param {string} chosen */
function setPlace(chosen) {
  place.value = chosen;
  remember('scan-place', chosen);
}

/** @param {import('../lib/outbox.js').Entry} write @param {any} data */
function arrived(write, data) {
  if (write.path !== SCAN && write.path !== UNDO) return;
  const { scan_id, code = '', undoes } = write.body;
  settled.value = settle(settled.value, { id: scan_id, code, at: write.made_at, outcome: data });
  if (undoes && data?.status === 'undone') undone.value = new Set(undone.value).add(undoes);
  const { setting } = /** @type {Outcome} */ (data);
  // A card that was scanned says what the next scans mean.
  if (setting && data.status === 'mode') {
    if (MODES.includes(setting.mode)) setMode(setting.mode);
    setPlace(setting.place_id ?? '');
  }
}

/** @param {string} path @param {Record<string, unknown>} body */
async function write(path, body) {
  const outcome = await outbox.add({ method: 'POST', path, body, label: 'write.scan' });
  if (outcome.state !== 'refused') return;
  const { problem } = outcome;
  toast(() => explain(problem), { tone: 'over', stays: true });
}

/** @param {string} code */
function scanned(code) {
  /** @type {Record<string, unknown>} */
  const body = { scan_id: uuid7(), code, mode: mode.value, station_id: stationId(), scanned_at: new Date().toISOString() };
  if (place.value) body['place_id'] = place.value;
  void write(SCAN, body);
}

/** @param {Scan} scan */
function takeBack(scan) {
  void write(UNDO, { scan_id: uuid7(), station_id: stationId(), undoes: scan.id });
}

/** @param {Outcome} outcome @returns {{ tone: 'fresh' | 'soon' | 'over', icon: string }} */
function looks({ tone }) {
  if (tone === 'bad') return { tone: 'over', icon: 'triangle-alert' };
  return tone === 'warn' ? { tone: 'soon', icon: 'info' } : { tone: 'fresh', icon: 'circle-check' };
}

/** @param {Scan} scan @param {Outcome} outcome */
function nameOf(scan, outcome) {
  return outcome.product?.name || outcome.lines?.[0] || legible(scan.code);
}

/** @param {Outcome} outcome */
function figures({ before, after, unit }) {
  if (after === undefined) return nothing;
  const now = amount(after, unit);
  if (before === undefined || before === after) return html`<p class="scan-figure">${now}</p>`;
  return html`<p class="scan-figure" aria-label=${t('scan.from-to', { before: amount(before, unit), after: now })}>
    <span class="quiet">${amount(before, unit)}</span> <span aria-hidden="true">→</span> ${now}
  </p>`;
}

/** @param {Outcome} outcome */
function until({ expiry }) {
  if (!expiry) return nothing;
  const { tone, text } = due(expiry.date);
  const words = html`${t(expiry.kind === 'use-by' ? 'due.use-by' : 'due.best-before')} ${text}`;
  return html`<p class=${expiry.estimated ? 'estimated' : ''}>${chip(words, { tone, icon: 'calendar-clock' })}</p>`;
}

/** @param {Scan} scan @param {Outcome} outcome */
function result(scan, outcome) {
  const { tone, icon: mark } = looks(outcome);
  const warning = outcome.problem?.detail ?? (outcome.warnings ?? []).map((word) => known('scan.warning', word))[0];
  return html`<article class="card padded scan-card ${tone}">
    <p class="scan-status ${tone}">${icon(mark)}${t(`scan.status.${outcome.status}`)}</p>
    <h2 class="scan-name">${nameOf(scan, outcome)}</h2>
    ${figures(outcome)} ${part(() => until(outcome))} ${warning ? notice(warning, { tone: tone === 'fresh' ? 'soon' : tone, icon: 'triangle-alert' }) : nothing}
    ${outcome.status === 'unknown' ? html`<a class="button" href="/app/inbox">${icon('inbox')}${t('scan.name-it')}</a>` : nothing}
    ${undone.value.has(scan.id) ? html`<p class="quiet">${t('scan.taken-back')}</p>` : nothing}
    ${undoable(scan, undone.value)
      ? html`<button class="button scan-undo" type="button" @click=${() => takeBack(scan)}>${icon('rotate-ccw')}${t('action.undo')}</button>`
      : nothing}
  </article>`;
}

function last() {
  const [scan] = scans.value;
  if (!scan) {
    return html`<div class="empty">
      <span class="empty-icon">${icon('scan-barcode')}</span>
      <p class="empty-title">${t('scan.ready')}</p>
      <p class="quiet">${t('scan.ready.text')}</p>
    </div>`;
  }
  if (scan.outcome) return result(scan, scan.outcome);
  return html`<article class="card padded scan-card">
    <p class="scan-status">${icon('clock')}${t('scan.waiting')}</p>
    <h2 class="scan-name">${legible(scan.code)}</h2>
    <p class="quiet">${t('scan.waiting.text')}</p>
  </article>`;
}

/** @param {Scan} scan */
function earlierRow(scan) {
  const { outcome } = scan;
  const mark = outcome ? looks(outcome).icon : 'clock';
  return html`<li class="card-row still">
    ${icon(mark)}
    <span class="grow">
      <span class="row-title">${outcome ? nameOf(scan, outcome) : legible(scan.code)}</span>
      <span class="row-sub">${outcome ? t(`scan.status.${outcome.status}`) : t('scan.waiting')}</span>
    </span>
    ${outcome?.after === undefined ? nothing : html`<span class="lot-amount">${amount(outcome.after, outcome.unit)}</span>`}
    ${undoable(scan, undone.value)
      ? html`<button
          class="button bare"
          type="button"
          aria-label=${t('scan.undo-of', { name: outcome ? nameOf(scan, outcome) : scan.code })}
          @click=${() => takeBack(scan)}
        >
          ${icon('rotate-ccw')}
        </button>`
      : nothing}
  </li>`;
}

function earlier() {
  const rows = scans.value.slice(1, EARLIER + 1);
  if (rows.length === 0) return nothing;
  return html`<section class="stack tight" aria-labelledby="earlier-head">
    <h2 class="group-head" id="earlier-head">${t('scan.earlier')}</h2>
    <ul class="card rows compact">${list(rows, (scan) => scan.id, earlierRow)}</ul>
  </section>`;
}

/** @param {SubmitEvent} event */
function typed(event) {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.currentTarget).elements.namedItem('code'));
  const code = input.value.trim();
  input.value = '';
  if (code) scanned(code);
}

function settings() {
  const choices = [{ value: '', word: t('scan.place.usual') }, ...(places.data.value ?? []).map(({ id, name }) => ({ value: id, word: name }))];
  return html`<div class="scan-settings">
    ${selectField({
      name: 'mode',
      label: t('scan.mode'),
      value: mode.value,
      choices: MODES.map((value) => ({ value, word: t(`scan.mode.${value}`) })),
      change: (value) => setMode(modeOf(value)),
    })}
    ${selectField({ name: 'place', label: t('scan.place'), value: place.value, choices, change: setPlace })}
  </div>`;
}

/** @param {Wedge} wedge @param {KeyboardEvent} event */
function listen(wedge, event) {
  if (document.querySelector('dialog[open]')) return;
  const { code, swallow } = wedge.hear(event);
  const field = event.target instanceof HTMLInputElement ? event.target : null;
  if (code !== undefined) {
    if (field) field.value = '';
    event.preventDefault();
    event.stopPropagation();
    scanned(code);
  } else if (swallow && !field) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @returns {import('../lib/router.js').Screen} */
export function scan() {
  const wedge = new Wedge();
  const onKey = (/** @type {KeyboardEvent} */ event) => listen(wedge, event);
  window.addEventListener('keydown', onKey, { capture: true });
  arrivals.add(arrived);
  void places.load();
  const left = () => {
    window.removeEventListener('keydown', onKey, { capture: true });
    arrivals.delete(arrived);
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.scan'), sub: t('scan.sub') })}
      <div class="columns">
        <div class="stack" role="status">${part(last)}</div>
        <div class="stack">
          ${part(settings)}
          <form class="field" @submit=${typed}>
            <label class="label" for="field-code">${t('scan.code')}</label>
            <div class="buy-add">
              <input class="input" id="field-code" name="code" type="text" maxlength="400" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="done" />
              <button class="button primary" type="submit">${t('scan.book')}</button>
            </div>
          </form>
          ${part(earlier)}
        </div>
      </div>
    </div>`;
  return { title: () => t('place.scan'), view, left };
}
