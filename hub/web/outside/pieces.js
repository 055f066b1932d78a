// Small pieces that the screens about the world outside share.

import { html, nothing } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';
import { chip, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';

/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../lib/form.js').Form} Form */

/** @param {{ title: string, sub: string }} parts */
export function head({ title, sub }) {
  return screenHead({ title, sub, back: { to: '/app/settings', word: t('place.settings') } });
}

/** Whether something was done; where not, it is said why. @param {() => Promise<unknown>} work */
export async function orSay(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
    return false;
  }
}

/** @param {Template} word @param {Template} value */
export function fact(word, value) {
  return html`<div><dt>${word}</dt><dd>${value}</dd></div>`;
}

/** Settings as a service, a container and a shell take them; the same in every language. @param {string} text */
export function settingLines(text) {
  return html`<pre class="command"><code>${text}</code></pre>`;
}

/** @param {boolean} on */
export function onOrOff(on) {
  return on ? chip(t('outside.on'), { tone: 'fresh', icon: 'check' }) : chip(t('outside.off'), { icon: 'minus' });
}

/**
 * How far something is.
 *
 * @param {{ label: string, percent: number, sub: Template }} parts
 */
export function progress({ label, percent, sub }) {
  return html`<div class="stack tight">
    <p class="row"><strong class="grow">${label}</strong><span class="quiet">${t('outside.percent', { percent })}</span></p>
    <progress class="progress" max="100" value=${percent} aria-label=${label}></progress>
    <p class="small quiet">${sub}</p>
  </div>`;
}

/**
 * A way out of the house's own pages.
 *
 * @param {string} to @param {string} word
 */
export function away(to, word) {
  return html`<a href=${to} target="_blank" rel="noreferrer">${word}</a>`;
}

/**
 * Several of which any may be taken.
 *
 * @param {{ name: string, legend: string, choices: { value: string, word: string, sub?: string, taken: boolean }[] }} parts
 */
export function checks({ name, legend, choices }) {
  return html`<fieldset class="field">
    <legend class="label">${legend}</legend>
    ${choices.map(
      ({ value, word, sub, taken }) =>
        html`<label class="check">
          <input type="checkbox" name=${name} value=${value} ?checked=${taken} />
          <span><span class="check-word">${word}</span>${sub ? html`<span class="row-sub">${sub}</span>` : nothing}</span>
        </label>`,
    )}
  </fieldset>`;
}

/**
 * A moment of the day.
 *
 * @param {{ form: Form, name: string, label: string, value: string, hint?: string }} parts
 */
export function timeField({ form, name, label, value, hint }) {
  const error = form.errors.value.get(name);
  const id = `field-${name}`;
  const by = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return html`<div class="field">
    <label class="label" for=${id}>${label}</label>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing}
    <input class="input" id=${id} name=${name} type="time" required value=${value} aria-invalid=${String(Boolean(error))} aria-describedby=${by || nothing} />
    ${error ? html`<p class="field-error" id="${id}-error">${icon('triangle-alert')}${error}</p>` : nothing}
  </div>`;
}

/** @param {Event} event */
async function copyBeside(event) {
  const input = /** @type {HTMLElement} */ (event.currentTarget).closest('.handed')?.querySelector('input');
  if (!input) return;
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.select();
    if (!document.execCommand('copy')) {
      toast(() => t('outside.copy-yourself'), { tone: 'over' });
      return;
    }
  }
  toast(() => t('outside.copied'));
}

/**
 * A secret or an address that is shown this once, to be carried elsewhere.
 *
 * @param {{ id: string, label: string, value: string, hint: string }} parts
 */
export function handed({ id, label, value, hint }) {
  return html`<div class="field handed">
    <label class="label" for=${id}>${label}</label>
    <p class="hint" id="${id}-hint">${hint}</p>
    <div class="handed-row">
      <input
        class="input"
        id=${id}
        readonly
        .value=${value}
        aria-describedby="${id}-hint"
        @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}
      />
      <button class="button" type="button" @click=${(/** @type {Event} */ event) => void copyBeside(event)}>${icon('copy')}${t('outside.copy')}</button>
    </div>
  </div>`;
}
