// All receipts, and the ways in which a new one comes.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { going } from '../lib/going.js';
import { explain, explainCode } from '../lib/problems.js';
import { date, t } from '../lib/text.js';
import { api, online, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { emptyState, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { dayInWords, money } from '../kitchen/words.js';
import { nameOf } from './figures.js';
import { FILES, PICTURES } from './intake.js';
import { hasMore, hear, more, receipts as all, take, told } from './known.js';
import { readAgain } from './receipt.js';
import { choose, chooseText, tray } from './sending.js';
import { stateChip } from './state.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('./tray.js').Paper} Paper */

const EVERY = 120_000;
const TYPED = 'hearth.receipt-text';

/** What was not even sent, and why. @type {import('../lib/view.js').Signal<{ id: number, name: string, why: string }[]>} */
const refused = signal([]);
let count = 0;
/** A text that somebody pastes; it outlives the screen and, in this tab, the page. */
const text = signal(sessionStorage.getItem(TYPED) ?? '');
const pasting = signal(text.peek() !== '');
const dragged = signal(false);

/** @param {string} name @param {string | undefined} why */
function refuse(name, why) {
  if (why) refused.value = [...refused.value, { id: ++count, name, why }];
}

/** @param {Iterable<File> | null | undefined} files */
async function chosen(files) {
  for (const file of files ?? []) refuse(file.name, await choose(file));
}

/** @param {Event} event */
async function picked(event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  await chosen([...(input.files ?? [])]);
  input.value = '';
}

/** @param {string} typed */
function keep(typed) {
  text.value = typed;
  sessionStorage.setItem(TYPED, typed);
}

/** @param {SubmitEvent} event */
async function sendText(event) {
  event.preventDefault();
  const why = await chooseText(text.peek());
  refuse(t('receipt.a-text'), why);
  if (why) return;
  keep('');
  pasting.value = false;
  requestAnimationFrame(() => document.getElementById('paste-text')?.focus());
}

async function byHand() {
  try {
    const begun = await /** @type {Promise<Receipt>} */ (api.post('/api/receipts', { lines: [] }));
    take(begun);
    going.to(`/app/receipts/${begun.id}`);
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

function pasteForm() {
  if (!pasting.value) return nothing;
  return html`<form class="stack" @submit=${sendText}>
    <div class="field">
      <label class="label" for="field-text">${t('receipt.text.label')}</label>
      <p class="hint" id="field-text-hint">${t('receipt.text.hint')}</p>
      <textarea class="input paste" id="field-text" name="text" rows="8" spellcheck="false" aria-describedby="field-text-hint" .value=${text.peek()}
        @input=${(/** @type {Event} */ event) => keep(/** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea>
    </div>
    <div class="actions">
      <button class="button" type="button" @click=${() => (pasting.value = false)}>${t('action.close')}</button>
      <button class="button primary" type="submit">${t('receipt.text.send')}</button>
    </div>
  </form>`;
}

function startPasting() {
  pasting.value = true;
  requestAnimationFrame(() => document.getElementById('field-text')?.focus());
}

/** The ways in which a receipt comes. @param {(work: () => unknown) => () => void} act */
function intake(act) {
  return html`<section class="card padded stack intake ${dragged.value ? 'over-it' : ''}" aria-labelledby="intake-head">
    <div class="stack tight">
      <h2 id="intake-head">${t('receipt.new')}</h2>
      <p class="quiet">${t('receipt.new.text')}</p>
    </div>
    <div class="intake-ways">
      <label class="button primary file-way">
        ${icon('camera')}${t('receipt.photograph')}
        <input class="unseen" id="receipt-photo" type="file" accept=${PICTURES} capture="environment" @change=${picked} />
      </label>
      <label class="button file-way">
        ${icon('image')}${t('receipt.choose')}
        <input class="unseen" id="receipt-file" type="file" accept=${FILES} multiple @change=${picked} />
      </label>
      <button class="button" type="button" id="paste-text" aria-expanded=${String(pasting.value)} @click=${startPasting}>${icon('copy')}${t('receipt.paste')}</button>
      <button class="button" type="button" @click=${act(byHand)}>${icon('keyboard')}${t('receipt.type-in')}</button>
    </div>
    ${part(pasteForm)}
    <div class="stack tight" role="alert">${refused.value.map(
        ({ id, name, why }) => html`<div class="notice over">
          ${icon('triangle-alert')}<p class="grow"><strong>${name}</strong> ${t(`receipt.refused.${why}`)}</p>
          <button class="button bare" type="button" aria-label=${t('receipt.dismiss', { name })} @click=${() => (refused.value = refused.value.filter((one) => one.id !== id))}>${icon('x')}</button>
        </div>`,
      )}</div>
  </section>`;
}

/** @param {Paper} paper */
function waitingRow(paper) {
  const { id, name, refused: no } = paper;
  const called = name || t('receipt.a-text');
  const words = () => {
    const sending = tray.sending.value;
    if (no) return html`<span class="row-sub">${explainCode(no.code, no.detail)}</span>`;
    if (sending?.id !== id) return html`<span class="row-sub">${t(online.value ? 'receipt.waits' : 'receipt.waits.offline')}</span>`;
    const percent = Math.round(sending.part * 100);
    return html`<span class="row-sub">${t('receipt.sending', { percent })}</span>
      <progress class="sending" max="100" .value=${percent} aria-label=${t('receipt.sending.of', { name: called })}></progress>`;
  };
  return html`<li class="card-row still">
    <span class="timeline-mark ${no ? 'over' : ''}">${icon(no ? 'triangle-alert' : 'clock')}</span>
    <span class="grow"><span class="row-title">${called}</span>${part(words)}</span>
    <span class="lot-acts push">
      ${no ? html`<button class="button" type="button" aria-label=${t('receipt.again-of', { name: called })} @click=${() => void tray.again(id)}>${t('action.try-again')}</button>` : nothing}
      <button class="button bare" type="button" aria-label=${t('receipt.let-go', { name: called })} @click=${() => void tray.drop(id)}>${icon('x')}</button>
    </span>
  </li>`;
}

/** What is here and not yet in the house. */
function waiting() {
  const papers = tray.papers.value;
  if (papers.length === 0) return nothing;
  return html`<section class="stack tight" aria-labelledby="waiting-head">
    <h2 class="group-head" id="waiting-head">${t('receipt.waiting', { count: papers.length })}</h2>
    ${tray.safe.value ? nothing : html`<p>${t('receipt.not-kept')}</p>`}
    <ul class="card rows">${list(papers, ({ id }) => id, waitingRow)}</ul>
  </section>`;
}

/** @param {Receipt} receipt @param {(work: () => unknown) => () => void} act */
function row(receipt, act) {
  const { id, state, source, media_id: media, total, currency, lines_total: lines, line_count: known, problem, day } = receipt;
  const when = day ? dayInWords(day, 'dayOfYear') : t('receipt.sent', { day: date(receipt.created_at) });
  const sub = state === 'failed' && problem ? explainCode(problem.code, problem.detail) : [when, known > 0 ? t('receipt.lines', { count: known }) : ''].filter(Boolean).join(' · ');
  const sum = total ?? (known > 0 ? lines : undefined);
  return html`<li class="card-row still lot receipt-row">
    ${source === 'picture' && media
      ? html`<img class="tile" src="/media/${media}/small" alt="" width="44" height="44" loading="lazy" decoding="async" />`
      : html`<span class="tile tint-5" aria-hidden="true">${icon('receipt-text')}</span>`}
    <a class="grow plain-link" href="/app/receipts/${id}">
      <span class="row-title">${nameOf(receipt)}</span>
      <span class="row-sub">${sub}</span>
    </a>
    ${stateChip(state)}
    ${sum === undefined ? nothing : html`<span class="lot-amount">${money(sum, currency)}</span>`}
    ${state === 'failed' && !store.screen.value
      ? html`<span class="lot-acts"><button class="button" type="button" aria-label=${t('receipt.again-of', { name: when })} @click=${act(() => readAgain(receipt, take))}>${icon('rotate-ccw')}${t('action.try-again')}</button></span>`
      : nothing}
  </li>`;
}

/** @param {(work: () => unknown) => () => void} act */
function rows(act) {
  const known = all.value;
  if (known.length === 0) {
    return emptyState({ icon: 'receipt-text', title: t('receipt.none'), text: t('receipt.none.text') });
  }
  return html`<section class="stack tight" aria-labelledby="receipts-head">
    <h2 class="group-head" id="receipts-head">${t('receipt.all')}</h2>
    <ul class="card rows">${list(known, ({ id }) => id, (receipt) => row(receipt, act))}</ul>
    ${hasMore.value ? html`<p><button class="button" type="button" @click=${() => void more()}>${t('action.show-more')}</button></p>` : nothing}
  </section>`;
}

/** Files may be dropped anywhere on the screen, or pasted. */
function listenForFiles() {
  const has = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  /** @param {DragEvent} event */
  const over = (event) => {
    if (!has(event)) return;
    event.preventDefault();
    dragged.value = true;
  };
  /** @param {DragEvent} event */
  const out = (event) => {
    if (!event.relatedTarget) dragged.value = false;
  };
  /** @param {DragEvent} event */
  const dropped = (event) => {
    dragged.value = false;
    if (!has(event)) return;
    event.preventDefault();
    void chosen([...(event.dataTransfer?.files ?? [])]);
  };
  /** @param {ClipboardEvent} event */
  const pasted = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void chosen(files);
  };
  const stop = new AbortController();
  document.addEventListener('dragover', over, { signal: stop.signal });
  document.addEventListener('dragleave', out, { signal: stop.signal });
  document.addEventListener('drop', dropped, { signal: stop.signal });
  document.addEventListener('paste', pasted, { signal: stop.signal });
  return () => stop.abort();
}

/** @returns {import('../lib/router.js').Screen} */
export function receipts() {
  const may = !store.screen.peek();
  const { shown, act } = sources(told);
  void tray.start();
  const stop = follow({ load: told.load, hear, every: () => EVERY, may: () => true });
  const stopListening = may ? listenForFiles() : () => {};
  const left = () => {
    stop();
    stopListening();
    refused.value = [];
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.receipts'), sub: t('receipt.sub') })}
      ${may ? html`${part(() => intake(act))} ${part(waiting)}` : nothing} ${part(() => shown(() => html`${part(() => rows(act))}`))}
    </div>`;
  return { title: () => t('place.receipts'), view, left };
}
