import { html, live, nothing } from '../lib/view.js';
import { icon } from './icon.js';

/**
 * A few choices side by side, one of them taken. Radio buttons underneath, so arrows move.
 *
 * @template {string} T
 * @param {{ name: string, legend: string, hint?: string, value: T, choices: { value: T, word: string, icon?: string }[], change: (value: T) => void, disabled?: boolean }} parts
 */
export function segmented({ name, legend, hint, value, choices, change, disabled = false }) {
  return html`<fieldset class="field" ?disabled=${disabled}>
    <legend class="label">${legend}</legend>
    ${hint ? html`<p class="hint">${hint}</p>` : nothing}
    <div class="segmented">
      ${choices.map(
        (choice) =>
          html`<label class="segment">
            <input
              class="unseen"
              type="radio"
              name=${name}
              value=${choice.value}
              .checked=${live(choice.value === value)}
              @change=${() => change(choice.value)}
            />
            <span class="segment-face">${choice.icon ? icon(choice.icon) : nothing}${choice.word}</span>
          </label>`,
      )}
    </div>
  </fieldset>`;
}

/**
 * Tabs that are addresses: each is a link, the current one says so.
 *
 * @param {{ label: string, tabs: { to: string, word: string, current: boolean }[] }} parts
 */
export function tabs({ label, tabs: items }) {
  return html`<nav class="tabs" aria-label=${label}>
    ${items.map(
      (tab) =>
        html`<a class="tab" href=${tab.to} aria-current=${tab.current ? 'page' : nothing}>${tab.word}</a>`,
    )}
  </nav>`;
}
