import { html, live, nothing } from '../lib/view.js';
import { SHORTEST_PASSWORD } from '../lib/form.js';
import { t } from '../lib/text.js';
import { icon } from './icon.js';

/** @typedef {import('../lib/form.js').Form} Form */
/** @typedef {import('../lib/view.js').Template} Template */

/**
 * A form that says below its fields what went wrong as a whole.
 *
 * @param {Form} form
 * @param {Template} fields
 * @param {{ submit: string, kind?: string, cancel?: Template }} parts
 */
export function formOf(form, fields, { submit, kind = 'primary', cancel }) {
  return html`<form class="stack" novalidate @submit=${form.onSubmit} @input=${form.onInput}>
    ${fields}
    <div role="alert">
      ${form.trouble.value
        ? html`<div class="notice over">${icon('triangle-alert')}<p class="grow">${form.trouble.value}</p></div>`
        : nothing}
    </div>
    <div class="actions">
      ${cancel ?? nothing}
      <button class="button ${kind}" type="submit" aria-disabled=${String(form.busy.value)}>${submit}</button>
    </div>
  </form>`;
}

/**
 * @param {{ id: string, label: string, hint?: string | undefined, error: string | undefined, input: Template }} parts
 */
function labelled({ id, label, hint, error, input }) {
  return html`<div class="field">
    <label class="label" for=${id}>${label}</label>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing} ${input}
    ${error ? html`<p class="field-error" id="${id}-error">${icon('triangle-alert')}${error}</p>` : nothing}
  </div>`;
}

/** What explains a field, for those who cannot see that it stands beside it. @param {string} id @param {string | undefined} hint @param {string | undefined} error */
function described(id, hint, error) {
  const ids = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return ids || nothing;
}

/**
 * @param {{ form: Form, name: string, label: string, value?: string, hint?: string, autocomplete?: string, required?: boolean, maxlength?: number, autofocus?: boolean, inputmode?: string, minlength?: number, kind?: string, id?: string, type?: string }} parts
 *   `id`: where the same name may be on the page twice
 */
export function field({ form, name, label, value = '', hint, autocomplete = 'off', required = true, maxlength = 80, autofocus = false, inputmode, minlength, kind = '', id = `field-${name}`, type = 'text' }) {
  const error = form.errors.value.get(name);
  const input = html`<input
    class="input ${kind}"
    id=${id}
    name=${name}
    type=${type}
    inputmode=${inputmode ?? nothing}
    autocomplete=${autocomplete}
    minlength=${minlength ?? nothing}
    maxlength=${maxlength}
    ?required=${required}
    ?autofocus=${autofocus}
    value=${value}
    aria-invalid=${String(Boolean(error))}
    aria-describedby=${described(id, hint, error)}
  />`;
  return labelled({ id, label, hint, error, input });
}

/** @param {Event} event */
function showOrHide(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  const input = /** @type {HTMLInputElement} */ (button.previousElementSibling);
  const shown = input.type === 'text';
  input.type = shown ? 'password' : 'text';
  button.setAttribute('aria-pressed', String(!shown));
}

/**
 * @param {{ form: Form, name: string, label: string, hint?: string, fresh?: boolean }} parts
 *   `fresh`: a password that is being chosen, not one that is known
 */
export function passwordField({ form, name, label, hint, fresh = false }) {
  const id = `field-${name}`;
  const error = form.errors.value.get(name);
  const input = html`<div class="input-with">
    <input
      class="input"
      id=${id}
      name=${name}
      type="password"
      autocomplete=${fresh ? 'new-password' : 'current-password'}
      maxlength="256"
      minlength=${fresh ? SHORTEST_PASSWORD : nothing}
      required
      aria-invalid=${String(Boolean(error))}
      aria-describedby=${described(id, hint, error)}
    />
    <button class="button bare" type="button" aria-pressed="false" aria-label=${t('form.show-password')} @click=${showOrHide}>
      ${icon('eye')}
    </button>
  </div>`;
  return labelled({ id, label, hint, error, input });
}

/**
 * @param {{ form?: Form, name: string, label: string, value: string, choices: { value: string, word: string }[], hint?: string, change?: (value: string) => void, disabled?: boolean, id?: string }} parts
 *   `id`: where the same name may be on the page twice
 */
export function selectField({ form, name, label, value, choices, hint, change, disabled = false, id = `field-${name}` }) {
  const error = form?.errors.value.get(name);
  const input = html`<select
    class="input"
    id=${id}
    name=${name}
    ?disabled=${disabled}
    aria-invalid=${String(Boolean(error))}
    aria-describedby=${described(id, hint, error)}
    @change=${(/** @type {Event} */ event) => change?.(/** @type {HTMLSelectElement} */ (event.target).value)}
  >
    ${choices.map(
      (choice) =>
        html`<option value=${choice.value} .selected=${live(choice.value === value)}>${choice.word}</option>`,
    )}
  </select>`;
  return labelled({ id, label, hint, error, input });
}
