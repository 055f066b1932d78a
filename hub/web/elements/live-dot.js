// The dot that says whether what is on the screen is the present.

import { html, nothing, Piece } from '../lib/view.js';
import { relative, t } from '../lib/text.js';
import { explainCode } from '../lib/problems.js';
import { live, online, outbox } from '../hearth.js';
import { toggled, togglePopover } from './popover.js';

/** What the dot shows: offline wins, then whatever still waits. */
export function mood() {
  const state = live.state.value;
  if (!online.value) return 'offline';
  if (state === 'live' && outbox.waiting.value.length > 0) return 'catching-up';
  return state;
}

class LiveDot extends Piece {
  /** @override */
  view() {
    const state = mood();
    const waiting = outbox.waiting.value.length;
    const refused = outbox.refused.value.length;
    const count = waiting + refused;
    const word = t(`live.${state}`);
    return html`<button
        class="dot-button"
        type="button"
        aria-expanded="false"
        aria-label="${word}${count ? ` · ${t('live.count', { count })}` : ''}"
        @click=${togglePopover}
      >
        <span class="dot ${state}">${count || nothing}</span>
        <span class="dot-word">${word}</span>
      </button>
      <div class="popover live-popover" popover @toggle=${toggled}>${this.#explanation(state, waiting)}</div>`;
  }

  /** @param {string} state @param {number} waiting */
  #explanation(state, waiting) {
    return html`<div class="stack">
      <p><strong>${t(`live.${state}`)}</strong></p>
      <p class="quiet">${t(`live.${state}.text`)}</p>
      ${waiting > 0
        ? html`<div class="stack tight">
            <p>${t('live.waiting', { count: waiting })}</p>
            <ul class="plain-list">
              ${outbox.waiting.value.map(
                (entry) => html`<li>${t(entry.label)} <span class="quiet">· ${relative(entry.made_at)}</span></li>`,
              )}
            </ul>
          </div>`
        : nothing}
      ${outbox.refused.value.map(
        (entry) =>
          html`<div class="notice over">
            <div class="grow stack tight">
              <p><strong>${t('live.refused', { what: t(entry.label) })}</strong></p>
              <p>${explainCode(entry.refused?.code ?? '', entry.refused?.detail ?? '')}</p>
              ${entry.about ? html`<p><a href=${entry.about.to}>${entry.about.name}</a></p>` : nothing}
            </div>
            <button class="button" type="button" @click=${() => outbox.dismiss(entry.id)}>${t('action.dismiss')}</button>
          </div>`,
      )}
    </div>`;
  }
}

customElements.define('hearth-live', LiveDot);
