// Small pieces without a life of their own.

import { html, nothing } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from './icon.js';

/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {'fresh' | 'soon' | 'over' | 'info' | 'plain'} Tone */

const TINTS = 6;

/** The first letters of the first and last word; what is no word (a bracket, a flower) does not count. @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words[words.length - 1] ?? '') : '';
  const letters = [first, last].map((word) => [...word][0] ?? '').join('');
  return letters.toLocaleUpperCase() || '·';
}

/** A tile with initials, tinted by `key` so that it keeps its colour when the name changes. @param {string} name @param {string} [key] */
export function tile(name, key = name) {
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return html`<span class="tile tint-${sum % TINTS}" aria-hidden="true">${initials(name)}</span>`;
}

/** @param {Template} words @param {{ tone?: Tone, icon?: string }} [options] */
export function chip(words, { tone = 'plain', icon: name } = {}) {
  return html`<span class="chip ${tone}">${name ? icon(name) : nothing}${words}</span>`;
}

/** What will appear here, and the one thing that begins it. @param {{ icon: string, title: string, text?: string, action?: Template }} parts */
export function emptyState({ icon: name, title, text, action }) {
  return html`<div class="empty">
    <span class="empty-icon">${icon(name)}</span>
    <p class="empty-title">${title}</p>
    ${text ? html`<p class="quiet">${text}</p>` : nothing} ${action ?? nothing}
  </div>`;
}

/** What happened, what was kept, what to do. @param {{ title: string, text?: string, retry?: () => void }} parts */
export function errorState({ title, text, retry }) {
  return html`<div class="notice over" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack tight">
      <p><strong>${title}</strong></p>
      ${text ? html`<p>${text}</p>` : nothing}
      ${retry ? html`<p><button class="button" type="button" @click=${retry}>${t('action.try-again')}</button></p>` : nothing}
    </div>
  </div>`;
}

/** A line of explanation with a mark. @param {Template} words @param {{ tone?: Tone, icon?: string }} [options] */
export function notice(words, { tone = 'info', icon: name = 'info' } = {}) {
  return html`<div class="notice ${tone}">${icon(name)}<div class="grow">${words}</div></div>`;
}

/** Where something is about to be; shows itself only when that takes a moment. @param {number} [rows] */
export function skeleton(rows = 3) {
  return html`<div class="skeleton" role="status">
    <span class="unseen">${t('state.loading')}</span>
    ${Array.from({ length: rows }, () => html`<span class="bone"></span>`)}
  </div>`;
}

/**
 * The head of a screen: its name, and at most one thing to do.
 *
 * @param {{ title: string, sub?: Template, action?: Template, back?: { to: string, word: string } }} parts
 */
export function screenHead({ title, sub, action, back }) {
  return html`<header class="screen-head">
    ${back ? backLink(back) : nothing}
    <div class="words">
      <h1 tabindex="-1">${title}</h1>
      ${sub ? html`<p class="quiet">${sub}</p>` : nothing}
    </div>
    ${action ?? nothing}
    <hearth-live class="live-dot"></hearth-live>
  </header>`;
}

/** @param {{ to: string, word: string }} where */
export function backLink({ to, word }) {
  return html`<a class="button bare back" href=${to} aria-label=${word}>${icon('chevron-left')}</a>`;
}
