// Booking a receipt, saying what that brought, and taking it back.

import { html, nothing } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { amount, money } from '../kitchen/words.js';
import { openLines } from './figures.js';
import { inTurn } from './turns.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {{ product_name: string, missing: number, unit: import('../types/wire.d.ts').BaseUnit }} Used */

/** A long receipt takes its time. */
const PATIENCE = 60_000;

/** What of it was used since, and stays used. @param {Problem} problem */
function used({ current }) {
  const { used = [] } = /** @type {{ used?: Used[] }} */ (current ?? {});
  return html`<p>${t('receipt.rest.text')}</p>
    <ul class="plain-list">${used.map(({ product_name: name, missing, unit }) => html`<li>${name}: ${amount(missing, unit)}</li>`)}</ul>`;
}

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take @param {'all' | 'rest'} [how] `rest`: where some of it was used since */
async function takeBack(receipt, take, how = 'all') {
  try {
    const path = `/api/receipts/${receipt.id}/undo${how === 'rest' ? '?partial=true' : ''}`;
    take(await api.post(path, {}, { timeout: PATIENCE }));
    toast(() => t('receipt.undone'));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'partly-used') throw error;
    const sure = await confirmDialog({ title: () => t('receipt.rest'), text: () => used(error), confirm: () => t('receipt.undo'), tone: 'primary' });
    if (sure) await takeBack(receipt, take, 'rest');
  }
}

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take */
async function askToTakeBack(receipt, take) {
  const sure = await confirmDialog({ title: () => t('receipt.undo.sure'), text: () => t('receipt.undo.text'), confirm: () => t('receipt.undo'), tone: 'primary' });
  if (!sure) return;
  await takeBack(receipt, take).catch((error) => toast(() => explain(error), { tone: 'over', stays: true }));
  requestAnimationFrame(() => document.getElementById('reopened')?.focus());
}

/** What it brought was taken back: it is open again. */
export const reopened = () =>
  html`<div id="reopened" tabindex="-1">${notice(html`<strong>${t('receipt.booked.undone')}</strong> ${t('receipt.was-undone')}`, { icon: 'rotate-ccw' })}</div>`;

/** @param {Line} line @param {string} currency */
function brought(line, currency) {
  const { product_id: id, product_name: name = line.wording, arrives = 0, base_unit: unit = 'piece', paid = line.total } = line;
  return html`<li>
    <a class="card-row" href="/app/product/${id}">
      <span class="grow"><span class="row-title">${name}</span><span class="row-sub">${money(paid, currency)}</span></span>
      <span class="lot-amount">${amount(arrives, unit)}</span>
      ${icon('chevron-right')}
    </a>
  </li>`;
}

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take @param {boolean} may */
export function booked(receipt, take, may) {
  const { lines = [], currency, taken_back: back } = receipt;
  const came = lines.filter(({ lot_id }) => lot_id);
  return html`<section class="stack" aria-labelledby="booked-head">
    <h2 id="booked-head" tabindex="-1">${t('receipt.booked', { count: came.length })}</h2>
    ${back ? notice(t('receipt.part-undone'), { tone: 'soon', icon: 'rotate-ccw' }) : nothing}
    ${may
      ? html`<div class="actions start">
          <button class="button" type="button" @click=${() => void askToTakeBack(receipt, take)}>${icon('rotate-ccw')}${t('receipt.undo')}</button>
        </div>`
      : nothing}
    ${came.length > 0
      ? html`<ul class="card rows">${came.map((line) => brought(line, currency))}</ul>`
      : html`<p class="quiet">${t('receipt.booked.nothing')}</p>`}
  </section>`;
}

/** What to do about lines that nobody knows. @param {Receipt} receipt @returns {Promise<'look' | 'ignore' | undefined>} */
function askAboutOpen(receipt) {
  const open = openLines(receipt);
  // Only what has no product can be left out as a whole; how much of a known one it is, somebody has to say.
  const ignorable = open.every(({ product_id }) => !product_id);
  return openDialog({
    title: () => t('receipt.open', { count: open.length }),
    body: (close) => html`<div class="stack">
      <ul class="plain-list">${open.slice(0, 8).map(({ wording }) => html`<li><code>${wording}</code></li>`)}</ul>
      <div class="actions">
        ${ignorable ? html`<button class="button" type="button" @click=${() => close('ignore')}>${t('receipt.book-rest')}</button>` : nothing}
        <button class="button primary" type="button" autofocus @click=${() => close('look')}>${t('receipt.open.look')}</button>
      </div>
    </div>`,
  });
}

/** What to do about what seems to be this very paper. @param {Problem} problem @returns {Promise<'book' | 'away' | undefined>} */
function askAboutTwin({ current }) {
  const { id, shop } = /** @type {{ id: string, shop: string }} */ (current);
  return openDialog({
    title: () => t('receipt.same'),
    body: (close) => html`<div class="stack">
      <p class="quiet">${t('receipt.same.text')}</p>
      <p><a href="/app/receipts/${id}">${shop || t('receipt.same.look')}</a></p>
      <div class="actions">
        <button class="button" type="button" @click=${() => close('book')}>${t('receipt.same.book')}</button>
        <button class="button danger" type="button" @click=${() => close('away')}>${t('receipt.same.away')}</button>
      </div>
    </div>`,
  });
}

/**
 * Books a receipt, and asks first where it seems to be booked already. Answers none where it is not another one.
 *
 * @param {Receipt} receipt
 * @param {() => unknown} away throws it away
 * @param {{ unknown: 'ignore' | 'refuse', same?: 'book' }} how
 * @returns {Promise<Receipt | undefined>}
 */
async function confirmed(receipt, away, how) {
  try {
    const send = (/** @type {number} */ version) =>
      /** @type {Promise<Receipt>} */ (api.post(`/api/receipts/${receipt.id}/confirm`, { version, ...how }, { timeout: PATIENCE }));
    return await inTurn(receipt.id, receipt.version, send);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'receipt-booked-before') throw error;
    const answer = await askAboutTwin(error);
    if (answer === 'book') return confirmed(receipt, away, { ...how, same: 'book' });
    if (answer === 'away') await away();
    return undefined;
  }
}

/**
 * Books a receipt as it is shown.
 *
 * @param {Receipt} receipt
 * @param {(receipt: Receipt) => void} take
 * @param {{ look: (line: Line) => void, away: () => unknown }} then shows a line that asks something; throws the receipt away
 */
export async function book(receipt, take, { look, away }) {
  const [first] = openLines(receipt);
  const answer = first && (await askAboutOpen(receipt));
  if (first && answer !== 'ignore') {
    if (answer === 'look') look(first);
    return;
  }
  try {
    const done = await confirmed(receipt, away, { unknown: answer === 'ignore' ? 'ignore' : 'refuse' });
    if (!done) return;
    take(done);
    toast(() => t('receipt.confirmed'));
    requestAnimationFrame(() => document.getElementById('booked-head')?.focus());
  } catch (error) {
    const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
    if (current) take(/** @type {Receipt} */ (current));
    toast(() => (current ? t('receipt.changed-meanwhile') : explain(error)), { tone: 'over', stays: true });
  }
}
