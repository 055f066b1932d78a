// What became of a scan: the last one to be read from where one stands, those before it in a list.

import { html, list, nothing, part } from '../lib/view.js';
import { explainCode } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';
import { chip, notice, tile } from '../elements/pieces.js';
import { answer } from './answers.js';
import { placeNames } from './furnishing.js';
import { asksAgain, asksWhich, legible, lists, undoable } from './scans.js';
import { scanned, scans, takeBack } from './scanning.js';
import { amount, due, known } from './words.js';

/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('./scans.js').Scan} Scan */

/** So many before the last one are shown at once. */
const EARLIER = 8;
/** Good to know, and nothing to do about it. */
const MILD = ['clock', 'estimated-date', 'on-list'];

/** @param {Outcome} outcome @returns {{ tone: 'fresh' | 'soon' | 'over', icon: string }} */
export function looks({ tone }) {
  if (tone === 'bad') return { tone: 'over', icon: 'triangle-alert' };
  return tone === 'warn' ? { tone: 'soon', icon: 'info' } : { tone: 'fresh', icon: 'circle-check' };
}

/** What scans mean after a card: what they do, where, and how often the next one counts. @param {NonNullable<Outcome['setting']>} setting @param {string[]} [lines] */
function meaning({ mode, place_id: place }, lines = []) {
  const often = lines.find((line) => line.startsWith('×'));
  return [known('scan.mode', mode), place && placeNames.value.get(place), often].filter(Boolean).join(' · ');
}

/** What is no code at all can be as long as a page. */
const LEGIBLE = 60;

/** @param {string} code */
const shortened = (code) => (code.length > LEGIBLE ? `${code.slice(0, LEGIBLE)}…` : code);

/** @param {Pick<Scan, 'code' | 'outcome'>} scan */
export function nameOf({ code, outcome }) {
  if (outcome && asksWhich(outcome)) return t('inbox.which');
  if (outcome?.status === 'mode' && outcome.setting) return meaning(outcome.setting, outcome.lines);
  // The first line of a refusal says no more than that it is one, in the language of the house.
  return outcome?.product?.name || (outcome?.problem ? '' : outcome?.lines?.[0]) || shortened(legible(code));
}

/** @param {Outcome} outcome */
export function statusOf(outcome) {
  return asksWhich(outcome) || asksAgain(outcome) ? t('scan.status.which') : t(`scan.status.${outcome.status}`);
}

/** What a person should know besides, and whether it is worth a start: one thing, the one that matters most. @param {Outcome} outcome */
function warning(outcome) {
  const { problem, warnings = [] } = outcome;
  if (problem) return { said: explainCode(problem.code, problem.detail), mild: false };
  // That several things have the code is what the card asks.
  if (asksWhich(outcome)) return { said: '', mild: true };
  const first = ['allergen', 'expired'].find((word) => warnings.includes(word)) ?? warnings.find((word) => !MILD.includes(word)) ?? warnings[0];
  return { said: first ? known('scan.warning', first) : '', mild: MILD.includes(first ?? '') };
}

/** @param {Outcome} outcome */
function warned(outcome) {
  const { said, mild } = warning(outcome);
  if (!said) return nothing;
  const { tone } = looks(outcome);
  return mild ? html`<p class="quiet">${said}</p>` : notice(said, { tone: tone === 'fresh' ? 'soon' : tone, icon: 'triangle-alert' });
}

/** @param {Outcome} outcome */
export function change({ before, after, unit }) {
  if (after === undefined) return { now: '' };
  const now = amount(after, unit);
  return before === undefined || before === after ? { now } : { before: amount(before, unit), now };
}

/** What is said of a scan in a word or two. @param {Scan} scan @param {Outcome} outcome */
function saidOf(scan, outcome) {
  if (lists(scan)) return t('scan.status.listed');
  const did = outcome.status === 'applied' ? `did.${scan.mode}` : '';
  return known('scan', did) === did ? statusOf(outcome) : t(`scan.${did}`);
}

/** @param {Scan} scan @param {Outcome} outcome */
function figures(scan, outcome) {
  const { before, now } = change(outcome);
  if (!now) return nothing;
  // How much there is, is not what was written down.
  if (lists(scan)) return html`<p class="quiet">${t('scan.there', { amount: now })}</p>`;
  if (before === undefined) return html`<p class="scan-figure">${now}</p>`;
  return html`<p class="scan-figure">
    <span class="unseen">${t('scan.from-to', { before, after: now })}</span>
    <span aria-hidden="true"><span class="quiet whole">${before}</span> → <span class="whole">${now}</span></span>
  </p>`;
}

/** @param {NonNullable<Outcome['expiry']>} expiry */
function untilWords({ date, kind }) {
  const { tone, text } = due(date);
  return { tone, words: `${t(kind === 'use-by' ? 'due.use-by' : 'due.best-before')} ${text}` };
}

/** @param {Outcome} outcome */
function until({ expiry }) {
  if (!expiry) return nothing;
  const { tone, words } = untilWords(expiry);
  return html`<p class=${expiry.estimated ? 'estimated' : ''}>${chip(words, { tone, icon: 'calendar-clock' })}</p>`;
}

/** What a card says, for those who hear it. @param {Scan} scan */
function spoken(scan) {
  const { outcome } = scan;
  if (!outcome) return [t('scan.waiting'), nameOf(scan)];
  const { before, now } = change(outcome);
  const there = lists(scan) && now ? t('scan.there', { amount: now }) : now;
  const figure = before === undefined ? there : t('scan.from-to', { before, after: now });
  return [saidOf(scan, outcome), nameOf(scan), figure, outcome.expiry ? untilWords(outcome.expiry).words : '', warning(outcome).said];
}

/** Read out when it changes. */
export function announcement() {
  const [scan] = scans.value;
  if (!scan) return '';
  const sentences = spoken(scan).filter(Boolean);
  return sentences.map((sentence) => sentence.replace(/\.?$/, '.')).join(' ');
}

/** @param {Scan} scan */
function acts(scan) {
  if (scan.undone) return html`<p class="quiet">${t('scan.taken-back')}</p>`;
  if (!undoable(scan)) return nothing;
  return html`<div class="scan-acts">
    <button class="button" type="button" @click=${() => takeBack(scan)}>${icon('rotate-ccw')}${t('action.undo')}</button>
    ${scan.outcome?.status === 'applied'
      ? html`<button class="button" type="button" @click=${() => scanned(scan.code)}>${icon('plus')}${t('scan.again')}</button>`
      : nothing}
  </div>`;
}

/** @param {Scan} scan @param {Outcome} outcome */
function result(scan, outcome) {
  const { tone, icon: mark } = looks(outcome);
  const { product, status } = outcome;
  const thing = product && status !== 'unknown' ? product : undefined;
  return html`<article class="card padded scan-card ${tone}">
    <p class="scan-status ${tone}">${icon(mark)}${saidOf(scan, outcome)}</p>
    <div class="scan-what">
      ${thing ? tile(thing.name, thing.id) : nothing}
      <h2 class="scan-name">${thing ? html`<a class="plain-link" href="/app/product/${thing.id}">${thing.name}</a>` : nameOf(scan)}</h2>
    </div>
    ${figures(scan, outcome)} ${part(() => until(outcome))}
    ${warned(outcome)} ${answer(scan, outcome)} ${acts(scan)}
  </article>`;
}

/** @param {Scan} scan */
function card(scan) {
  if (scan.outcome) return result(scan, scan.outcome);
  return html`<article class="card padded scan-card">
    <p class="scan-status">${icon('clock')}${t('scan.waiting')}</p>
    <h2 class="scan-name">${nameOf(scan)}</h2>
    <p class="quiet">${t('scan.waiting.text')}</p>
  </article>`;
}

/** A card for each scan, so that the next one is seen to arrive. @param {boolean} inReach whether the house answers */
export function last(inReach) {
  const [scan] = scans.value;
  if (scan) return list([scan], ({ id }) => id, card);
  return html`<div class="empty">
    <span class="empty-icon">${icon('scan-barcode')}</span>
    <p class="empty-title">${t('scan.ready')}</p>
    <p class="quiet">${t(inReach ? 'scan.ready.text' : 'scan.ready.away')}</p>
  </div>`;
}

/** @param {Scan} scan */
function earlierRow(scan) {
  const { outcome } = scan;
  const mark = outcome ? looks(outcome).icon : 'clock';
  const status = outcome ? saidOf(scan, outcome) : t('scan.waiting');
  return html`<li class="card-row still scan-row">
    ${icon(mark)}
    <span class="grow">
      <span class="row-title">${nameOf(scan)}</span>
      <span class="row-sub">${scan.undone ? t('scan.taken-back') : status}</span>
    </span>
    ${outcome?.after === undefined || lists(scan) ? nothing : html`<span class="lot-amount">${amount(outcome.after, outcome.unit)}</span>`}
    ${undoable(scan)
      ? html`<button
          class="button bare"
          type="button"
          aria-label=${t('scan.undo-of', { name: nameOf(scan) })}
          @click=${() => takeBack(scan)}
        >
          ${icon('rotate-ccw')}
        </button>`
      : nothing}
  </li>`;
}

/** @param {Scan[]} rows */
const listed = (rows) => html`<ul class="card rows compact">${list(rows, ({ id }) => id, earlierRow)}</ul>`;

export function earlier() {
  const rows = scans.value.slice(1);
  if (rows.length === 0) return nothing;
  const more = rows.slice(EARLIER);
  return html`<section class="stack tight" aria-labelledby="earlier-head">
    <h2 class="group-head" id="earlier-head">${t('scan.earlier')}</h2>
    ${listed(rows.slice(0, EARLIER))}
    ${more.length > 0
      ? html`<details class="folded">
          <summary>${t('scan.more', { count: more.length })}</summary>
          ${listed(more)}
        </details>`
      : nothing}
  </section>`;
}
