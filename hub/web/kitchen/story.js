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
import { amount } from './words.js';

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

/** @param {Preview} preview @param {(answer?: boolean) => void} close */
function previewed(preview, close) {
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
    <div class="actions">
      <button class="button" type="button" autofocus @click=${() => close(false)}>${t('action.cancel')}</button>
      <button class="button primary" type="button" @click=${() => close(true)}>${t('story.undo')}</button>
    </div>
  </div>`;
}

/** @param {StoryEntry} entry @param {() => unknown} reload */
async function takeBack(entry, reload) {
  const path = `/api/movements/${entry.id}/undo`;
  try {
    /** @type {Preview} */
    const preview = await api.post(`${path}?preview=true`);
    const sure = await openDialog({ title: () => t('story.undo.title'), body: (close) => part(() => previewed(preview, close)) });
    if (sure !== true) return;
    const done = await api.post(preview.missing > 0 ? `${path}?partial=true` : path);
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

/** @param {StoryEntry} entry @param {string} unit @param {() => unknown} reload */
function line(entry, unit, reload) {
  return html`<li class=${entry.undone ? 'undone' : ''}>
    <span class="timeline-mark">${icon(ICONS[entry.kind] ?? 'info')}</span>
    <span class="grow">
      <span class="story-text">${entry.text}</span>
      ${part(
        () => html`<span class="row-sub">
          <time datetime=${entry.happened_at} title=${dateTime(entry.happened_at)}>${relative(entry.happened_at)}</time>
          ${entry.station ? `· ${entry.station}` : nothing} ${entry.reason ? `· ${entry.reason}` : nothing}
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
    <p>${why}</p>
    ${items.length > 0
      ? html`<ol class="card timeline story">${list(items, ({ id }) => id, (entry) => line(entry, unit, reload))}</ol>`
      : nothing}
    ${next ? html`<div class="actions start"><button class="button" type="button" @click=${more}>${t('story.earlier')}</button></div>` : nothing}
  </section>`;
}
