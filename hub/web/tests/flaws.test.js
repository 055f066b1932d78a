import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { speak } from '../lib/text.js';
import de from '../text/flaws/de.js';
import en from '../text/flaws/en.js';

/** What stands beside the fields of a form once the house answered, by field. */
async function told(...errors) {
  const form = createForm({
    submit: async () => {
      throw new Problem(400, { code: 'invalid-request', detail: 'As a whole.', errors });
    },
  });
  const fields = { elements: [] };
  await form.onSubmit({ preventDefault() {}, currentTarget: fields });
  return Object.fromEntries(form.errors.value);
}

test('each word that an answer may have for what is wrong with a field is said in both languages', () => {
  const source = readFileSync(new URL('../../src/error.rs', import.meta.url), 'utf8');
  const [, list] = /words!\(Flaw \{([^}]+)\}/.exec(source) ?? [];
  const codes = [...(list ?? '').matchAll(/"([a-z-]+)"/g)].map(([, code]) => `flaw.${code}`).sort();
  assert.ok(codes.length > 8);
  assert.deepEqual([Object.keys(en).sort(), Object.keys(de).sort()], [codes, codes]);
});

test('what is wrong with a field is said in the language of the person, or as it was answered', async () => {
  // A form without a page: nothing is typed in it.
  const held = globalThis.FormData;
  globalThis.FormData = class extends Map {
    constructor() {
      super();
    }
  };
  globalThis.HTMLElement ??= class {};
  const long = { pointer: '/note', detail: 'A note has at most 500 characters.', code: 'too-long' };
  const odd = { pointer: '/sheet', detail: 'There is no such paper.' };
  const later = { pointer: '/name', detail: 'A name rhymes.', code: 'of-later-years' };
  await speak('de');
  assert.deepEqual(await told(long, odd, later), { note: 'Das ist zu lang.', sheet: odd.detail, name: later.detail });
  await speak('en');
  assert.deepEqual(await told(long), { note: 'This is too long.' });
  globalThis.FormData = held;
});
