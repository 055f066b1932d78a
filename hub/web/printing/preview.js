// What will be on the paper, a page at a time, as the house draws it.

import { effect, html, nothing, part, signal, untracked } from '../lib/view.js';
import { Problem, Unreachable } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { live, online } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { errorState, notice, skeleton } from '../elements/pieces.js';

/** @typedef {{ path: string, url: string, more: boolean }} Picture */

const PATIENCE = 20_000;

/** @param {string} path @returns {Promise<Picture>} */
async function draw(path) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
  } catch (cause) {
    throw new Unreachable(cause);
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  const more = response.headers.get('link')?.includes('rel="next"') ?? false;
  return { path, url: URL.createObjectURL(await response.blob()), more };
}

/** From one page to the next, where there are several. @param {import('../lib/view.js').Signal<number>} page @param {boolean} more */
function turning(page, more) {
  if (page.value === 1 && !more) return nothing;
  return html`<div class="actions start print-pages">
    <button class="button" type="button" aria-label=${t('print.page.before')} ?disabled=${page.value === 1} @click=${() => (page.value -= 1)}>${icon('chevron-left')}</button>
    <span role="status">${t('print.page', { page: page.value })}</span>
    <button class="button" type="button" aria-label=${t('print.page.next')} ?disabled=${!more} @click=${() => (page.value += 1)}>${icon('chevron-right')}</button>
  </div>`;
}

/**
 * @param {(page: number) => string} pathOf reads signals; nothing to show where it is empty
 */
export function preview(pathOf) {
  const page = signal(1);
  /** @type {import('../lib/view.js').Signal<Picture | null>} */
  const picture = signal(null);
  /** @type {import('../lib/view.js').Signal<unknown>} */
  const trouble = signal(null);
  let turn = 0;
  let sheet = '';

  /** @param {string} path */
  async function show(path) {
    const mine = ++turn;
    trouble.value = null;
    try {
      const drawn = path ? await draw(path) : null;
      if (mine === turn) take(drawn);
      else if (drawn) URL.revokeObjectURL(drawn.url);
    } catch (error) {
      if (mine !== turn) return;
      take(null);
      trouble.value = error;
    }
  }

  /** @param {Picture | null} drawn */
  function take(drawn) {
    const before = picture.peek();
    picture.value = drawn;
    if (before) URL.revokeObjectURL(before.url);
  }

  const again = () => void show(pathOf(page.peek()));
  const stop = effect(() => {
    const first = pathOf(1);
    const path = pathOf(page.value);
    // Something else begins with its first page.
    if (first !== sheet) {
      sheet = first;
      if (page.value !== 1) {
        page.value = 1;
        return;
      }
    }
    untracked(() => void show(path));
  });
  const stopWaiting = effect(() => {
    if (live.state.value === 'live' && trouble.peek() instanceof Unreachable) untracked(again);
  });

  const sheetOf = () => {
    const drawn = picture.value;
    if (drawn) return html`<img class="print-sheet" src=${drawn.url} alt=${t('print.preview.alt', { page: page.value })} />`;
    const wrong = trouble.value;
    if (!wrong) return pathOf(1) ? skeleton(6) : nothing;
    if (wrong instanceof Unreachable) return notice(t('print.away'), { tone: 'soon', icon: 'wifi-off' });
    if (wrong instanceof Problem && wrong.code === 'nothing-to-print') return notice(t('print.nothing'));
    return errorState({ title: explain(wrong), retry: again });
  };
  const view = () => html`${part(() => turning(page, picture.value?.more ?? false))} ${part(sheetOf)}`;
  const left = () => {
    turn += 1;
    stop();
    stopWaiting();
    take(null);
  };
  /** Whether there is something that can be printed now. */
  const ready = () => picture.value !== null && online.value;
  return { view, left, ready };
}
