import { html, Piece, signal } from '../lib/view.js';
import { number, t } from '../lib/text.js';
import { icon } from './icon.js';

/**
 * A number that is changed by one, up or down. The value goes out as a `change` event with `value`
 * on the element; arrows, Page Up and Page Down, Home and End work as on any spin button.
 */
class Stepper extends Piece {
  label = '';
  min = 0;
  max = Number.MAX_SAFE_INTEGER;
  step = 1;
  #value = signal(0);

  get value() {
    return this.#value.value;
  }

  set value(value) {
    this.#value.value = value;
  }

  /** @override */
  view() {
    const { value } = this;
    return html`<div class="stepper" role="group" aria-label=${this.label}>
      <button class="button" type="button" tabindex="-1" aria-label=${t('action.less')} ?disabled=${value <= this.min} @click=${() => this.#to(value - this.step)}>
        ${icon('minus')}
      </button>
      <span
        class="stepper-value"
        role="spinbutton"
        tabindex="0"
        aria-label=${this.label}
        aria-valuenow=${value}
        aria-valuemin=${this.min}
        aria-valuemax=${this.max}
        aria-valuetext=${number(value)}
        @keydown=${this.#key}
        >${number(value)}</span
      >
      <button class="button" type="button" tabindex="-1" aria-label=${t('action.more')} ?disabled=${value >= this.max} @click=${() => this.#to(value + this.step)}>
        ${icon('plus')}
      </button>
    </div>`;
  }

  /** @param {number} value */
  #to(value) {
    const next = Math.min(this.max, Math.max(this.min, value));
    if (next === this.value) return;
    this.value = next;
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    /** @type {Record<string, number>} */
    const places = {
      ArrowUp: this.value + this.step,
      ArrowDown: this.value - this.step,
      PageUp: this.value + 10 * this.step,
      PageDown: this.value - 10 * this.step,
      Home: this.min,
      End: this.max,
    };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#to(to);
  };
}

customElements.define('hearth-stepper', Stepper);
