// The story of a product: why there is as much of it as there is, and taking back what was wrong.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { dateTime, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { chip, notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { placeNames } from './furnishing.js';
import { takeLots } from './lots.js';
import { amount, unbroken } from './words.js';

/** @typedef {import('../types/wire.d.ts').Story} Story */
/** @typedef {import('../types/wire.d.ts').StoryEntry} StoryEntry */
/** @typedef {import('../types/wire.d.ts').Preview} Preview */

const FIRST = 8;
const MORE = 24;
/** The most that is asked for at once. */
const PAGE = 100;

/** @type {Record<string, string>} */
const ICONS = {
  receive: 'plus',
  consume: 'utensils',
  spoil: 'trash-2',
  remove: 'trash-2',
  open: 'package-open',
  transfer: 'package',
  count: 'list-todo',
  undo: 'rotate-ccw',
};

/** The story of a product, as far back as somebody wants to read. @param {string} id */
export function storyOf(id) {
  const wanted = signal(FIRST);
  const told = watch(async () => {
    /** @type {Story | undefined} */
    let story;
    /** @type {number | undefined} */
    let asOf;
    let cursor = '';
    do {
      const left = Math.min(PAGE, wanted.peek() - (story?.items.length ?? 0));
      const path = `/api/products/${id}/story?limit=${left}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const answer = await /** @type {Promise<import('../lib/api.js').Answer<Story>>} */ (api.read(path));
      asOf ??= answer.asOf;
      const { next, items, ...rest } = answer.data;
      story = { ...rest, items: [...(story?.items ?? []), ...items], ...(next ? { next } : {}) };
      cursor = next ?? '';
    } while (cursor && story.items.length < wanted.peek());
    return { data: story, asOf };
  });
  const more = () => {
    wanted.value += MORE;
    void told.load();
  };
  return { told, more };
}

/** Signed, so that the numbers are seen to add up. @param {number} quantity @param {string} unit */
function change(quantity, unit) {
  const size = amount(Math.abs(quantity), unit);
  if (quantity === 0) return '';
  return quantity > 0 ? `+${size}` : `−${size}`;
}

/** @typedef {{ together: Preview[] }} Together */
/** @typedef {'one' | 'all'} Answer */

const SHOWN = 8;

/** @param {(answer?: Answer) => void} close @param {Answer} answer */
function decide(close, answer) {
  return html`<div class="actions">
    <button class="button" type="button" autofocus @click=${() => close()}>${t('action.cancel')}</button>
    <button class="button primary" type="button" @click=${() => close(answer)}>${t(answer === 'all' ? 'story.undo.all' : 'story.undo')}</button>
  </div>`;
}

/** What taking everything back at once would change, product by product. @param {Preview[]} all @param {(answer?: Answer) => void} close */
function previewedTogether(all, close) {
  const line = (/** @type {Preview} */ { product_name: name, before, after, unit, missing }) => html`<li class="undo-line">
    <span class="grow">${name}</span>
    <span>
      <span class="unseen">${t('scan.from-to', { before: amount(before, unit), after: amount(after, unit) })}</span>
      <span aria-hidden="true"><span class="quiet">${amount(before, unit)}</span> → <strong>${amount(after, unit)}</strong></span>
    </span>
    ${missing > 0 ? html`<span class="row-sub undo-missing">${t('story.undo.missing', { amount: amount(missing, unit) })}</span>` : nothing}
  </li>`;
  const rest = all.slice(SHOWN);
  return html`<div class="stack">
    <ul class="plain-list">${all.slice(0, SHOWN).map(line)}</ul>
    ${rest.length > 0
      ? html`<details class="folded">
          <summary>${t('scan.more', { count: rest.length })}</summary>
          <ul class="plain-list">${rest.map(line)}</ul>
        </details>`
      : nothing}
    ${decide(close, 'all')}
  </div>`;
}

/** One of several things that were booked at once: it alone, or all of them. @param {StoryEntry} entry @param {import('../lib/view.js').Signal<Together | null>} whole */
function offer(entry, whole) {
  const look = async () => {
    try {
      whole.value = await api.post(`/api/movements/${entry.id}/undo?preview=true&whole=true`);
      // What was pressed is gone.
      const heading = document.querySelector('dialog[open] h2');
      if (heading instanceof HTMLElement) heading.focus();
    } catch (error) {
      toast(() => explain(error), { tone: 'over' });
    }
  };
  return html`<div class="notice info">
    ${icon('info')}
    <div class="grow stack tight">
      <p>${t('story.together', { count: entry.together ?? 0 })}</p>
      <p><button class="button" type="button" @click=${() => void look()}>${icon('rotate-ccw')}${t('story.together.look')}</button></p>
    </div>
  </div>`;
}

/** @param {Preview} preview @param {(answer?: Answer) => void} close @param {import('../lib/view.js').Template} [beside] */
function previewed(preview, close, beside = nothing) {
  const { before, after, unit, changes, missing } = preview;
  return html`<div class="stack">
    <p class="scan-figure" aria-label=${t('scan.from-to', { before: amount(before, unit), after: amount(after, unit) })}>
      <span class="quiet">${amount(before, unit)}</span> <span aria-hidden="true">→</span> ${amount(after, unit)}
    </p>
    ${changes.length > 0
      ? html`<ul class="plain-list">
          ${changes.map(({ place_id, quantity }) => html`<li>${placeNames.value.get(place_id) ?? ''} <strong>${change(quantity, unit)}</strong></li>`)}
        </ul>`
      : html`<p class="quiet">${t('story.undo.nothing')}</p>`}
    ${missing > 0 ? notice(t('story.undo.missing', { amount: amount(missing, unit) }), { tone: 'soon', icon: 'triangle-alert' }) : nothing}
    ${beside} ${decide(close, 'one')}
  </div>`;
}

/** @param {StoryEntry} entry @param {() => unknown} reload */
async function takeBack(entry, reload) {
  const path = `/api/movements/${entry.id}/undo`;
  try {
    /** @type {Preview} */
    const preview = await api.post(`${path}?preview=true`);
    /** @type {import('../lib/view.js').Signal<Together | null>} */
    const whole = signal(null);
    const body = (/** @type {(answer?: Answer) => void} */ close) => {
      if (whole.value) return previewedTogether(whole.value.together, close);
      return previewed(preview, close, entry.together ? offer(entry, whole) : nothing);
    };
    /** @type {Answer | undefined} */
    const answer = await openDialog({ title: () => t('story.undo.title'), body: (close) => part(() => body(close)) });
    if (!answer) return;
    const missing = answer === 'all' ? whole.peek()?.together.some((one) => one.missing > 0) : preview.missing > 0;
    const query = [answer === 'all' && 'whole=true', missing && 'partial=true'].filter(Boolean).join('&');
    const done = await api.post(query ? `${path}?${query}` : path);
    takeLots(done);
    toast(() => t('story.undone'));
    await reload();
    document.getElementById('story-head')?.focus();
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** Only what stands, and is not the ledger's own doing, can be taken back. @param {StoryEntry} entry */
const reversible = ({ kind, undone }) => !undone && kind !== 'settle' && kind !== 'cap';

/** What the house itself gives as a reason, in the person's language; what somebody said stands as they said it. @type {Record<string, string>} */
const REASONS = { receipt: 'story.reason.receipt', 'bought and not scanned': 'story.reason.bought' };

/** @param {string} reason */
const because = (reason) => (REASONS[reason] ? t(REASONS[reason]) : reason);

/** @param {StoryEntry} entry @param {string} unit @param {() => unknown} reload */
function line(entry, unit, reload) {
  return html`<li class=${entry.undone ? 'undone' : ''}>
    <span class="timeline-mark">${icon(ICONS[entry.kind] ?? 'info')}</span>
    <span class="grow">
      <span class="story-text">${unbroken(entry.text)}</span>
      ${part(
        () => html`<span class="row-sub">
          <time datetime=${entry.happened_at} title=${dateTime(entry.happened_at)}>${relative(entry.happened_at)}</time>
          ${entry.station ? `· ${entry.station}` : nothing} ${entry.reason ? `· ${because(entry.reason)}` : nothing}
        </span>`,
      )}
      ${entry.undone ? chip(t('story.was-undone'), { icon: 'rotate-ccw' }) : nothing}
      ${entry.question
        ? html`<span class="row-sub">${entry.question.text}
            ${entry.question.open ? html`<a href="/app/inbox">${t('story.answer')}</a>` : nothing}</span>`
        : nothing}
    </span>
    ${reversible(entry)
      ? html`<button class="button bare" type="button" aria-label=${t('story.undo.of', { what: entry.text })} @click=${() => void takeBack(entry, reload)}>
          ${icon('rotate-ccw')}
        </button>`
      : nothing}
    <span class="story-total"><span class="unseen">${t('story.then')} </span>${amount(entry.total, unit)}</span>
  </li>`;
}

/** @param {ReturnType<typeof storyOf>} story @param {() => unknown} reload */
export function storyCard({ told, more }, reload) {
  const story = told.data.value;
  if (!story) return nothing;
  const { items, unit, why, next } = story;
  return html`<section class="stack tight" aria-labelledby="story-head">
    <h2 class="group-head" id="story-head" tabindex="-1">${t('story.title')}</h2>
    <p>${unbroken(why)}</p>
    ${items.length > 0
      ? html`<ol class="card timeline story">${list(items, ({ id }) => id, (entry) => line(entry, unit, reload))}</ol>`
      : nothing}
    ${next ? html`<div class="actions start"><button class="button" type="button" @click=${more}>${t('story.earlier')}</button></div>` : nothing}
  </section>`;
}
