// One receipt: the paper beside what was read of it, to be put right and booked.

import { effect, html, nothing, part, untracked } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { going } from '../lib/going.js';
import { explain, explainCode } from '../lib/problems.js';
import { newer } from '../lib/store.js';
import { now, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { emptyState, notice, screenHead, skeleton } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { hearFurnishing, loadFurnishing } from '../kitchen/furnishing.js';
import { money } from '../kitchen/words.js';
import { addLine } from './adding.js';
import { book, booked, reopened } from './booked.js';
import { dropAll, takeUp, typedIn } from './editing.js';
import { nameOf, openLines } from './figures.js';
import { agreement, head, headParts } from './head.js';
import { forget, take as tellList } from './known.js';
import { lineList, lineParts, open } from './lines.js';
import { learnNames } from './names.js';
import { paperPane } from './paper.js';
import { stateChip } from './state.js';
import { quiet } from './turns.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */

const EVERY = 120_000;
/** From when on a reading that has not ended counts as lost. */
const LOST = 3_600_000;
const LIST = '/app/receipts';

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take */
export async function readAgain(receipt, take) {
  try {
    take(await api.post(`/api/receipts/${receipt.id}/retry`));
    toast(() => t('receipt.retried'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {Receipt} receipt */
async function askToThrowAway(receipt) {
  const text = () => t(receipt.state === 'confirmed' ? 'receipt.delete.booked' : 'receipt.delete.text');
  if (await confirmDialog({ title: () => t('receipt.delete.sure'), text, confirm: () => t('receipt.delete') })) await throwAway(receipt);
}

/** @param {Receipt} receipt */
async function throwAway(receipt) {
  try {
    await api.remove(`/api/receipts/${receipt.id}`);
    dropAll(receipt.id);
    forget(receipt.id);
    toast(() => t('receipt.deleted'));
    going.to(LIST, { replace: true });
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** One receipt as this page knows it. @param {string} id */
function oneOf(id) {
  /** @type {import('../lib/watch.js').Watched<Receipt>} */
  const receipt = watch(async () => {
    const { data, asOf } = await /** @type {Promise<import('../lib/api.js').Answer<Receipt>>} */ (api.read(`/api/receipts/${id}`));
    learn(data);
    return { data: newer(receipt.data.peek(), data), asOf };
  });
  const { load } = receipt;
  /** What is told without its lines or its text keeps those that are known. @param {Receipt} fresh */
  const take = (fresh) => {
    const before = receipt.data.peek();
    tellList(fresh);
    if (before && before.version > fresh.version) return;
    learn(fresh);
    const { lines = before?.lines, text = before?.text } = fresh;
    receipt.data.value = { ...fresh, ...(lines && { lines }), ...(text === undefined ? {} : { text }) };
    if (!fresh.lines || before?.state !== fresh.state) void load();
  };
  return { receipt, load, take };
}

/** @param {Receipt} receipt */
function learn({ lines = [] }) {
  /** @type {[string, import('./names.js').Named][]} */
  const named = [];
  for (const { product_id: id, product_name: name, base_unit: unit = 'piece' } of lines) if (id && name) named.push([id, { name, unit }]);
  learnNames(named);
}

/** Why it could not be read, and what can be done about it. @param {Receipt} receipt @param {(receipt: Receipt) => void} take @param {(work: () => unknown) => () => void} act @param {boolean} may */
function failed(receipt, take, act, may) {
  const { code = '', detail = '' } = receipt.problem ?? {};
  return html`<div class="notice over" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack tight">
      <p><strong>${t('receipt.failed')}</strong></p>
      <p>${explainCode(code, detail)}</p>
      ${may
        ? html`<p>${t('receipt.failed.what')}</p>
            <div class="actions start">
              <button class="button" type="button" @click=${act(() => readAgain(receipt, take))}>${icon('rotate-ccw')}${t('action.try-again')}</button>
            </div>`
        : nothing}
    </div>
  </div>`;
}

/** @param {Receipt} receipt @param {(receipt: Receipt) => void} take @param {(work: () => unknown) => () => void} act */
function reading(receipt, take, act) {
  const lost = now.value - Date.parse(receipt.created_at) > LOST;
  return html`<div class="stack" role="status">
    ${notice(html`<strong>${t('receipt.reading')}</strong> ${t(lost ? 'receipt.reading.lost' : 'receipt.reading.text')}`, { icon: 'clock' })}
    ${lost ? html`<div class="actions start"><button class="button" type="button" @click=${act(() => readAgain(receipt, take))}>${t('action.try-again')}</button></div>` : skeleton(5)}
  </div>`;
}

/** @param {import('../lib/router.js').Arrival} arrival @returns {import('../lib/router.js').Screen} */
export function receipt({ params }) {
  const id = params.peek()['id'] ?? '';
  const { receipt: it, load, take } = oneOf(id);
  const pane = paperPane();
  const { shown, act } = sources(it);
  // A screen on the wall shows it, and nobody's hands are known there.
  const may = !store.screen.peek();
  /** @param {import('../types/wire.d.ts').Frame} frame */
  const hear = (frame) => {
    hearFurnishing(frame);
    if (frame.entity_id !== id || !frame.type.startsWith('receipt.')) return;
    if (frame.type === 'receipt.deleted') void it.load();
    else take(frame.data);
  };
  const stopTakingUp = effect(() => {
    const receipt = it.data.value;
    if (!receipt || !may) return;
    const partsOf = (/** @type {string} */ key) => (key.endsWith('/head') ? headParts(receipt, take) : lineParts(receipt, key.split('/')[1] ?? '', take));
    untracked(() => takeUp(receipt, partsOf));
  });
  const left = () => {
    stop();
    stopTakingUp();
  };
  const stop = follow({ load: () => Promise.all([load(), loadFurnishing()]), hear, every: () => EVERY, may: () => true });

  const confirm = async () => {
    // What was tapped just before belongs to it.
    await quiet(id);
    const receipt = it.data.peek();
    const unsaved = typedIn(id);
    if (!receipt) return;
    if (unsaved.length > 0) {
      toast(() => t('receipt.unsaved'), { tone: 'over' });
      document.querySelector('.line-form')?.scrollIntoView({ block: 'nearest' });
      return;
    }
    await book(receipt, take, { look: (line) => open(receipt, line, take), away: () => throwAway(receipt) });
  };

  const sums = () => {
    const receipt = it.data.value;
    if (!receipt) return nothing;
    const asking = openLines(receipt).length;
    return html`<section class="card padded receipt-end" aria-label=${t('receipt.sum')}>
      <div class="grow">
        <p class="row-sub">${t('receipt.lines-come-to')}</p>
        <p class="receipt-total">${money(receipt.lines_total, receipt.currency)}</p>
        <p class="receipt-sums">${agreement(receipt)}</p>
        ${asking > 0 ? html`<p>${t('receipt.open', { count: asking })}</p>` : nothing}
      </div>
      <button class="button primary" type="button" id="confirm-receipt" @click=${act(confirm)}>${icon('check')}${t(receipt.taken_back ? 'receipt.confirm.again' : 'receipt.confirm')}</button>
    </section>`;
  };

  /** Once they are booked, what they brought says more. @param {Receipt} receipt @param {boolean} open @param {ReturnType<typeof typedIn>} drafts */
  const linesOf = (receipt, open, drafts) => {
    const words = t('receipt.lines', { count: receipt.lines?.length ?? 0 });
    const rows = lineList(receipt, take, open, drafts);
    if (receipt.state === 'confirmed' && drafts.length === 0) return html`<details class="folded"><summary>${words}</summary>${rows}</details>`;
    return html`<section class="stack tight" aria-labelledby="lines-head"><h2 class="group-head" id="lines-head">${words}</h2>${rows}</section>`;
  };
  /** @param {Receipt} receipt */
  const work = (receipt) => {
    const { state, lines = [] } = receipt;
    if (state === 'processing') return reading(receipt, take, act);
    const open = state !== 'confirmed' && may;
    const drafts = typedIn(id);
    return html`${state === 'failed' ? failed(receipt, take, act, may) : nothing}
      ${state === 'confirmed' ? booked(receipt, take, may) : nothing}
      ${open && receipt.taken_back ? reopened() : nothing}
      ${state === 'failed' ? nothing : part(() => head(receipt, take, open))}
      ${lines.length > 0 || drafts.length > 0 ? linesOf(receipt, open, drafts) : nothing}
      ${open ? html`${addLine(receipt, () => it.data.peek(), take)} ${lines.length > 0 ? part(sums) : nothing}` : nothing}`;
  };
  const body = () => {
    const receipt = it.data.value;
    if (!receipt) return nothing;
    return html`<div class="desk">${pane(receipt)}<div class="stack desk-work">${part(() => work(receipt))}</div></div>`;
  };
  const more = () =>
    it.data.value && may
      ? menuButton({ label: t('receipt.more'), choices: [{ word: t('receipt.delete'), icon: 'trash-2', tone: 'danger', run: () => it.data.value && void askToThrowAway(it.data.value) }] })
      : nothing;
  const title = () => (it.data.value ? nameOf(it.data.value) : t('receipt.unnamed'));
  const view = () => {
    const trouble = it.trouble.value;
    const gone = trouble instanceof Problem && trouble.status === 404;
    return html`<div class="screen">
      ${part(() => screenHead({ title: title(), sub: it.data.value ? stateChip(it.data.value.state) : nothing, action: more(), back: { to: LIST, word: t('receipt.back') } }))}
      ${gone
        ? emptyState({ icon: 'receipt-text', title: t('receipt.gone'), action: html`<a class="button" href=${LIST}>${t('receipt.back')}</a>` })
        : part(() => shown(() => html`${part(body)}`))}
    </div>`;
  };
  return { title, view, left };
}
