// Scanning on this device: what a scan means here, how it is sent, and what is known of it afterwards.
//
// What became of scans is kept on the device until there is newer: they may be answered while their screen is
// closed, or after the app was thrown out of memory.

import { computed, signal } from '../lib/view.js';
import { gently } from '../lib/gently.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { learn, t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { uuid7 } from '../lib/uuid7.js';
import { api, outbox, remember, remembered, store } from '../hearth.js';
import { toast } from '../elements/toast.js';
import { answered, keptScans, legible, lookedUp, REMEMBERED, SCAN, scansShown, told, UNDO, wantsLook } from './scans.js';
import { ofThisDevice, Voice } from './sounds.js';

/** @typedef {import('../types/wire.d.ts').Mode} Mode */
/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('./scans.js').Scan} Scan */

/** @type {Mode[]} */
export const MODES = ['add', 'consume', 'open', 'spoil', 'shop', 'lookup'];
/** Where what became of scans is kept; whoever signs out takes it away. */
const KEPT = 'scans';
/** What is answered later than this is seen, not heard. */
const FRESH = 15_000;

/** @param {string | null} word @returns {Mode} */
export const modeOf = (word) => MODES.find((mode) => mode === word) ?? 'add';

/** What scans of this device mean; kept here, so that it holds without the house. */
export const mode = signal(modeOf(remembered('scan-mode')));
export const place = signal(remembered('scan-place') ?? '');
/** @type {import('../lib/view.js').Signal<readonly Scan[]>} */
const settled = signal(keptScans(remembered(KEPT)));
const myself = () => store.myId.value ?? store.screen.value?.id ?? '';
export const scans = computed(() => scansShown(settled.value.filter(({ who }) => who === myself()), outbox.waiting.value));
export const voice = new Voice(ofThisDevice(), remembered('scan-mute') === 'yes');
let shown = false;

/** The screen is open, or not any more. @param {boolean} open */
export function watched(open) {
  shown = open;
  if (open) again();
}

/** @param {boolean} muted */
export function mute(muted) {
  voice.muted.value = muted;
  remember('scan-mute', muted ? 'yes' : 'no');
  voice.wake();
}

/** The name of this device among those that scan, made once. */
function stationId() {
  const before = remembered('station');
  if (before) return before;
  const made = uuid();
  remember('station', made);
  return made;
}

/** @param {Mode} chosen */
export function setMode(chosen) {
  mode.value = chosen;
  remember('scan-mode', chosen);
}

/** @param {string} chosen */
export function setPlace(chosen) {
  place.value = chosen;
  remember('scan-place', chosen);
}

// Another page of this device may send what this one has scanned.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === `hearth.${KEPT}`) settled.value = keptScans(newValue);
});

/** @param {readonly Scan[]} scans */
function keep(scans) {
  if (scans === settled.peek()) return;
  settled.value = scans;
  remember(KEPT, JSON.stringify(scans.filter(({ who }) => who === myself())));
}

/** The house has answered a scan, or its undoing. @param {import('../lib/outbox.js').Entry} write @param {Outcome} outcome */
export function arrived(write, outcome) {
  if ((write.path !== SCAN && write.path !== UNDO) || !outcome?.status) return;
  keep(answered(settled.peek(), write, outcome));
  const { setting, status, tone } = outcome;
  // A card that was scanned says what the next scans mean.
  if (setting && status === 'mode') {
    if (MODES.includes(setting.mode)) setMode(setting.mode);
    setPlace(setting.place_id ?? '');
  }
  if (shown && Date.now() - write.made_at < FRESH) voice.say(tone);
  else if (!shown && wantsLook(outcome)) void tellElsewhere(outcome, write.body['code'] ?? '');
}

/** Nobody is looking at the scans. @param {Outcome} outcome @param {string} code */
async function tellElsewhere(outcome, code) {
  await learn('kitchen');
  const name = outcome.product?.name ?? legible(code);
  const action = { word: () => t('scan.look'), run: () => going.to('/app/scan') };
  toast(() => t('scan.late', { name, status: t(`scan.status.${outcome.status}`) }), { stays: true, action });
}

/** Asks the house what it knows of these scans by now, so that only what works is offered. */
const again = gently(async () => {
  if (!shown || settled.peek().length === 0) return;
  try {
    /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<import('../types/wire.d.ts').PastScan>>} */
    const { data, known } = await api.read(`/api/scanner/scans?station_id=${stationId()}&limit=${REMEMBERED}`);
    if (!known) keep(lookedUp(settled.peek(), data.items));
  } catch {
    // Then the house says so when somebody tries.
  }
});

/** @param {import('../types/wire.d.ts').Frame} frame */
export function hear(frame) {
  keep(told(settled.peek(), frame));
  if (/^(shopping|inventory)\./.test(frame.type) || frame.data?.outcome?.status === 'undone') again();
}

/** Somebody has said here what a scan was. @param {Scan} scan @param {Outcome} outcome */
export function becomes(scan, outcome) {
  keep(settled.peek().map((one) => (one.id === scan.id ? { ...one, outcome } : one)));
}

/** @param {string} path @param {Record<string, unknown>} body */
async function write(path, body) {
  const outcome = await outbox.add({ method: 'POST', path, body, label: 'write.scan' });
  if (outcome.state === 'kept' && path === SCAN) voice.say('ok');
  if (outcome.state !== 'refused') return;
  const { problem } = outcome;
  voice.say('bad');
  toast(() => explain(problem), { tone: 'over', stays: true });
}

/** @param {string} code */
export function scanned(code) {
  /** @type {Record<string, unknown>} */
  const body = { scan_id: uuid7(), code, mode: mode.value, station_id: stationId(), scanned_at: new Date().toISOString() };
  if (place.value) body['place_id'] = place.value;
  void write(SCAN, body);
}

/** @param {Scan} scan */
export function takeBack(scan) {
  void write(UNDO, { scan_id: uuid7(), station_id: stationId(), undoes: scan.id });
}
