// A form: what is wrong with which field, whether it is on its way, and who hears about it.

import { batch, signal } from '#signals';
import { Problem } from './api.js';
import { explain } from './problems.js';
import { t } from './text.js';

/** @typedef {ReturnType<typeof createForm>} Form */
/** @typedef {Record<string, string>} Values */

export const SHORTEST_PASSWORD = 8;

/** A password, also while it is shown. @param {unknown} field */
function isSecret(field) {
  return field instanceof HTMLInputElement && field.autocomplete.endsWith('password');
}

/**
 * What each field's own rule says about its value, by the field's name.
 *
 * @param {HTMLFormElement} form
 * @returns {Map<string, string>}
 */
function ownErrors(form) {
  /** @type {Map<string, string>} */
  const errors = new Map();
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.name) continue;
    const value = isSecret(field) ? field.value : field.value.trim();
    if (field.required && value === '') errors.set(field.name, t('form.required'));
    else if (field instanceof HTMLInputElement && field.minLength > 0 && [...value].length < field.minLength) {
      errors.set(field.name, t('form.too-short', { count: field.minLength }));
    }
  }
  return errors;
}

/**
 * What an answer says about fields, by the field's name.
 *
 * @param {unknown} error
 * @param {Record<string, string>} wrong
 */
function fieldErrors(error, wrong) {
  /** @type {Map<string, string>} */
  const found = new Map();
  if (!(error instanceof Problem)) return found;
  for (const { pointer, detail } of error.errors) found.set(pointer.replace(/^\//, ''), detail);
  const about = wrong[error.code];
  if (about) found.set(about, explain(error));
  return found;
}

/** What was typed; spaces around it do not count, except in a password. @param {HTMLFormElement} form */
function valuesOf(form) {
  /** @type {Values} */
  const values = {};
  for (const [name, value] of new FormData(form)) {
    const input = form.elements.namedItem(name);
    values[name] = isSecret(input) ? String(value) : String(value).trim();
  }
  return values;
}

/**
 * @param {{ submit: (values: Values) => Promise<void>, wrong?: Record<string, string> }} parts
 *   `wrong` says which field a problem code is about, where the answer does not
 */
export function createForm({ submit, wrong = {} }) {
  /** @type {import('#signals').Signal<Map<string, string>>} */
  const errors = signal(new Map());
  const trouble = signal('');
  const busy = signal(false);

  /** @param {unknown} error */
  function failed(error) {
    const found = fieldErrors(error, wrong);
    batch(() => {
      errors.value = found;
      trouble.value = found.size > 0 ? '' : explain(error);
    });
  }

  /** @param {HTMLFormElement} form */
  function focusFirst(form) {
    const first = [...form.elements].find((field) => errors.value.has(/** @type {any} */ (field).name));
    if (first instanceof HTMLElement) first.focus();
  }

  return {
    errors,
    trouble,
    busy,
    /** @param {SubmitEvent} event */
    onSubmit: async (event) => {
      event.preventDefault();
      if (busy.value) return;
      const form = /** @type {HTMLFormElement} */ (event.currentTarget);
      const own = ownErrors(form);
      batch(() => {
        errors.value = own;
        trouble.value = '';
      });
      if (own.size > 0) {
        focusFirst(form);
        return;
      }
      busy.value = true;
      try {
        await submit(valuesOf(form));
      } catch (error) {
        failed(error);
      } finally {
        busy.value = false;
      }
      if (errors.value.size > 0) focusFirst(form);
    },
    /** Something was typed: what was wrong may be right now. @param {Event} event */
    onInput: (event) => {
      const name = /** @type {HTMLInputElement} */ (event.target).name;
      if (!errors.value.has(name)) return;
      const next = new Map(errors.value);
      next.delete(name);
      errors.value = next;
    },
  };
}
