import { html, mount, nothing } from '../lib/view.js';
import { icon } from './icon.js';
import { toggled, togglePopover } from './popover.js';

/**
 * One thing a menu offers: a place to go, or something to do.
 *
 * @typedef {{ word: string, icon?: string, to?: string, tone?: 'danger', run?: () => void }} Choice
 */

/** @param {Event} event */
function opened(event) {
  toggled(event);
  if (/** @type {ToggleEvent} */ (event).newState !== 'open') return;
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  /** @type {HTMLElement | null} */ (panel.querySelector('button, a'))?.focus();
}

/** @param {KeyboardEvent} event */
function move(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  const items = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll('button, a')]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}

/** @param {Choice[]} choices */
function items(choices) {
  return html`<ul>
    ${choices.map((choice) => html`<li>${choice.to ? link(choice) : button(choice)}</li>`)}
  </ul>`;
}

/** What is in an open menu follows what it is about; a closed one holds nothing. @type {WeakMap<Element, () => void>} */
const filled = new WeakMap();

/** @param {() => Choice[]} choices */
const fill = (choices) => (/** @type {Event} */ event) => {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  filled.get(panel)?.();
  filled.delete(panel);
  if (/** @type {ToggleEvent} */ (event).newState === 'open') filled.set(panel, mount(panel, () => items(choices())));
};

/**
 * A button that opens a short list of choices.
 *
 * @param {{ label: string, content?: unknown, kind?: string, current?: boolean, choices: Choice[] | (() => Choice[]) }} parts
 *   `choices`: made when they are asked for where there are many such buttons
 */
export function menuButton({ label, content, kind = 'button bare', current = false, choices }) {
  return html`<button
      class=${kind}
      type="button"
      aria-haspopup="true"
      aria-expanded="false"
      aria-label=${label}
      aria-current=${current ? 'page' : nothing}
      @click=${togglePopover}
    >
      ${content ?? icon('ellipsis')}
    </button>
    ${typeof choices === 'function'
      ? html`<div class="menu" popover @beforetoggle=${fill(choices)} @toggle=${opened} @keydown=${move}></div>`
      : html`<div class="menu" popover @toggle=${opened} @keydown=${move}>${items(choices)}</div>`}`;
}

/** @param {Event} event */
function shut(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget).closest('[popover]');
  if (panel instanceof HTMLElement) panel.hidePopover();
}

/** @param {Choice} choice */
function link(choice) {
  return html`<a class="choice" href=${choice.to ?? ''} @click=${shut}>${mark(choice)}${choice.word}</a>`;
}

/** @param {Choice} choice */
function button(choice) {
  return html`<button
    class="choice ${choice.tone ?? ''}"
    type="button"
    @click=${(/** @type {Event} */ event) => {
      shut(event);
      choice.run?.();
    }}
  >
    ${mark(choice)}${choice.word}
  </button>`;
}

/** @param {Choice} choice */
function mark(choice) {
  return choice.icon ? icon(choice.icon) : nothing;
}
