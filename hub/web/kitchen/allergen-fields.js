// Saying allergens: a tick for each that has a name everywhere, and words of one's own.

import { html } from '../lib/view.js';
import { t } from '../lib/text.js';
import { field } from '../elements/field.js';
import { ALLERGENS, wordsOf } from './draft.js';

/** @param {{ form: import('../lib/form.js').Form, legend: string, value: string }} parts `value`: all of them, with commas between */
export function allergenFields({ form, legend, value }) {
  const chosen = wordsOf(value);
  const others = chosen.filter((word) => !ALLERGENS.includes(word)).join(', ');
  return html`<fieldset class="field">
    <legend class="label">${legend}</legend>
    <div class="ticks">
      ${ALLERGENS.map(
        (word) => html`<label class="tick">
          <input type="checkbox" name="allergen" value=${word} ?checked=${chosen.includes(word)} />
          <span>${t(`allergen.${word}`)}</span>
        </label>`,
      )}
    </div>
    ${field({ form, name: 'other_allergens', label: t('product.allergens.others'), hint: t('product.allergens.others.hint'), value: others, required: false, maxlength: 400 })}
  </fieldset>`;
}

/** What is said now where `input` stands, with commas between; nothing where it says something else. @param {HTMLInputElement} input */
export function allergensTyped(input) {
  if (input.name !== 'allergen' && input.name !== 'other_allergens') return undefined;
  const form = /** @type {HTMLFormElement} */ (input.form);
  const ticked = [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name=allergen]:checked'))].map(({ value }) => value);
  const others = wordsOf(/** @type {HTMLInputElement} */ (form.elements.namedItem('other_allergens')).value);
  return [...ticked, ...others].join(', ');
}

/** Says all of them anew where they are ticked and typed. @param {string} id of what the form stands in @param {string} value */
export function sayAllergens(id, value) {
  const [form, said] = [document.getElementById(id), wordsOf(value)];
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (form?.querySelectorAll('[name=allergen]') ?? [])) box.checked = said.includes(box.value);
  const others = /** @type {HTMLInputElement | null | undefined} */ (form?.querySelector('[name=other_allergens]'));
  if (others) others.value = said.filter((word) => !ALLERGENS.includes(word)).join(', ');
}
