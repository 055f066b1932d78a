// Booking a receipt, saying what that brought, and taking it back.

import { html, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';
import { amount, money } from '../kitchen/words.js';
import { bookedBy, openLines } from './figures.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').ReceiptLine} Line */
/** @typedef {import('../types/wire.d.ts').Movement} Movement */

/** A long receipt takes its time. */
const PATIENCE = 60_000;
/** In the stories of how many products its doing is looked for. */
const LOOKED_FOR = 5;

/** What a receipt did to the stock, as one of the movements it made; none where all of it was scanned before. @param {() => Receipt | null} now */
export const doings = (now) =>
  watch(async () => {
    const receipt = now();
    const brought = receipt?.state === 'confirmed' ? (receipt.lines ?? []).filter(({ lot_id }) => lot_id) : [];
    const products = [...new Set(brought.map(({ product_id }) => product_id))].slice(0, LOOKED_FOR);
    for (const product of products) {
      const { data, asOf } = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<Movement>>>} */ (
        api.read(`/api/movements?limit=200&product=${product}`)
      );
      const found = receipt && data.items.find((movement) => bookedBy(receipt, movement));
      if (found) return { data: { movement: found }, asOf };
    }
    return { data: { movement: /** @type {Movement | undefined} */ (undefined) } };
  });

/** @param {Movement} movement @param {'all' | 'rest'} [how] `rest`: where some of it was used since */
async function takeBack(movement, how = 'all') {
  try {
    const path = `/api/movements/${movement.id}/undo?whole=true${how === 'rest' ? '&partial=true' : ''}`;
    await api.post(path, {}, { timeout: PATIENCE });
    toast(() => t('receipt.undone'));
  } catch (error) {
    const used = error instanceof Problem && error.code === 'partly-used';
    if (!used) throw error;
    const sure = await confirmDialog({ title: () => t('receipt.rest'), text: () => t('receipt.rest.text'), confirm: () => t('receipt.undo'), tone: 'primary' });
    if (sure) await takeBack(movement, 'rest');
  }
}

/** @param {Movement} movement @param {() => unknown} again */
async function askToTakeBack(movement, again) {
  const sure = await confirmDialog({ title: () => t('receipt.undo.sure'), text: () => t('receipt.undo.text'), confirm: () => t('receipt.undo'), tone: 'primary' });
  if (!sure) return;
  await takeBack(movement).catch((error) => toast(() => explain(error), { tone: 'over', stays: true }));
  await again();
  document.getElementById('booked-head')?.focus();
}

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

/** @param {Receipt} receipt @param {ReturnType<typeof doings>} done @param {boolean} may */
export function booked(receipt, done, may) {
  const { lines = [], currency } = receipt;
  const came = lines.filter(({ lot_id }) => lot_id);
  const movement = done.data.value?.movement;
  const undone = movement?.undone_by !== undefined;
  const acts = () => {
    if (undone) return html`<p>${t('receipt.was-undone')}</p>`;
    if (!movement || !may) return nothing;
    return html`<div class="actions start">
      <button class="button" type="button" @click=${() => void askToTakeBack(movement, done.load)}>${icon('rotate-ccw')}${t('receipt.undo')}</button>
    </div>`;
  };
  return html`<section class="stack" aria-labelledby="booked-head">
    <h2 id="booked-head" tabindex="-1">${undone ? t('receipt.booked.undone') : t('receipt.booked', { count: came.length })}</h2>
    ${part(acts)}
    ${came.length > 0
      ? html`<ul class="card rows ${undone ? 'undone' : ''}">${came.map((line) => brought(line, currency))}</ul>`
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

/**
 * Books a receipt as it is shown.
 *
 * @param {Receipt} receipt
 * @param {(receipt: Receipt) => void} take
 * @param {(line: Line) => void} look shows a line that asks something
 */
export async function book(receipt, take, look) {
  const [first] = openLines(receipt);
  const answer = first && (await askAboutOpen(receipt));
  if (first && answer !== 'ignore') {
    if (answer === 'look') look(first);
    return;
  }
  try {
    const body = { version: receipt.version, unknown: answer === 'ignore' ? 'ignore' : 'refuse' };
    take(await api.post(`/api/receipts/${receipt.id}/confirm`, body, { timeout: PATIENCE }));
    toast(() => t('receipt.confirmed'));
    requestAnimationFrame(() => document.getElementById('booked-head')?.focus());
  } catch (error) {
    const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
    if (current) take(/** @type {Receipt} */ (current));
    toast(() => (current ? t('receipt.changed-meanwhile') : explain(error)), { tone: 'over', stays: true });
  }
}
