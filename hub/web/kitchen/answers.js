// What a result asks, answered where it stands: which of several it was, or what it is called.

import { html, nothing, part } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';
import { choosing, wordFor } from './naming.js';
import { asked, orSayWhy, replies } from './questions.js';
import { becomes } from './scanning.js';
import { asksAgain, asksWhich, legible, renamed } from './scans.js';
import { inFull } from './words.js';

/** @typedef {import('../types/wire.d.ts').InboxAnswer} Answer */
/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @typedef {import('../types/wire.d.ts').Product} Product */
/** @typedef {import('../types/wire.d.ts').Question} Question */
/** @typedef {import('./scans.js').Scan} Scan */

/** What happened so close to a scan is that scan. */
const SAME = 1000;

/** By scan, so that nothing typed is lost when the card is drawn anew. @type {Map<string, import('../lib/form.js').Form>} */
const forms = new Map();
/** @type {Map<string, import('../lib/watch.js').Watched<Product[]>>} */
const choices = new Map();

/** What the house does not understand about a scan. @type {Map<string, import('../lib/watch.js').Watched<Question | undefined>>} */
const questions = new Map();

export function forgetAnswers() {
  forms.clear();
  choices.clear();
  questions.clear();
}

/** @param {string} entry @param {Record<string, unknown>} word @returns {Promise<Answer>} */
function resolve(entry, word) {
  return /** @type {Promise<Answer>} */ (api.post(`/api/inbox/${entry}/resolve`, word));
}

/** What it was, said where it stands. @param {Scan} scan @param {Record<string, unknown>} word */
async function say(scan, word) {
  try {
    const { outcome } = await resolve(scan.id, word);
    if (outcome) becomes(scan, outcome);
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {Scan} scan */
function choicesFor(scan) {
  const before = choices.get(scan.id);
  if (before) return before;
  const made = watch(async () => {
    /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Decoded>} */
    const { data, asOf } = await api.read(`/api/scanner/decode?code=${encodeURIComponent(scan.code)}`);
    return { data: data.products.map(({ product }) => product), asOf };
  });
  choices.set(scan.id, made);
  void made.load();
  return made;
}

/** Several things have this code. @param {Scan} scan */
function which(scan) {
  const products = choicesFor(scan).data.value ?? [];
  return html`<div class="stack">
    <div class="scan-choices">
      ${products.map((product) => html`<button class="button" type="button" @click=${() => void say(scan, { into: product.id })}>${icon('check')}${t('inbox.is', { name: inFull(product) })}</button>`)}
    </div>
    <div class="actions"><a class="button" href="/app/inbox">${t('scan.later')}</a></div>
  </div>`;
}

/** This very pack is here already. @param {Scan} scan */
function again(scan) {
  return html`<div class="scan-choices">
    <button class="button" type="button" @click=${() => void say(scan, { nothing: true })}>${icon('check')}${t('inbox.same')}</button>
    <button class="button" type="button" @click=${() => void say(scan, { another: true })}>${icon('plus')}${t('inbox.another')}</button>
  </div>`;
}

/** How much there is of something that has just got its name. @param {Product} product @returns {Promise<Pick<Outcome, 'after' | 'unit'>>} */
async function levelOf({ id, base_unit: unit }) {
  const known = await /** @type {Promise<import('../types/wire.d.ts').ProductBody>} */ (api.get(`/api/products/${id}`)).catch(() => undefined);
  return known ? { after: known.level.quantity, unit } : {};
}

/** Two scans of one thing may each have left a question. @param {Scan} scan @param {string | undefined} product */
const isAbout = ({ at }, product) => (/** @type {Question} */ { product_id, happened_at }) => product_id === product && Math.abs(Date.parse(happened_at) - at) < SAME;

/** @param {Scan} scan @param {Outcome} outcome */
function questionOf(scan, { product }) {
  const before = questions.get(scan.id);
  if (before) return before;
  /** @type {import('../lib/watch.js').Watched<Question | undefined>} */
  const made = watch(async () => {
    /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<Question>>} */
    const { data, asOf } = await api.read('/api/questions?limit=100');
    return { data: data.items.find(isAbout(scan, product?.id)), asOf };
  });
  questions.set(scan.id, made);
  void made.load();
  return made;
}

/** More was used than was known of, say. @param {Scan} scan @param {Outcome} outcome */
function asking(scan, outcome) {
  const open = questionOf(scan, outcome);
  const question = open.data.value;
  if (!question) return nothing;
  return html`<p>${asked(question)}</p>
    <div class="actions start">${replies(question, open.load)}</div>`;
}

/** @param {Scan} scan @param {Outcome} outcome @param {string} entry @param {Record<string, unknown>} word */
async function named(scan, outcome, entry, word) {
  const { product } = await resolve(entry, word);
  forms.delete(scan.id);
  if (product) becomes(scan, { ...renamed(outcome, { name: product.name, state: 'active' }), ...(await levelOf(product)) });
}

/** @param {Scan} scan @param {Outcome} outcome @param {string} entry */
function formFor(scan, outcome, entry) {
  const before = forms.get(scan.id);
  if (before) return before;
  const made = createForm({
    submit: async ({ name = '' }) => {
      const word = await wordFor(name);
      if (word) await named(scan, outcome, entry, word);
    },
  });
  forms.set(scan.id, made);
  return made;
}

/** Nobody has said yet what this is. @param {Scan} scan @param {Outcome} outcome */
function naming(scan, outcome) {
  const { id, name } = outcome.product ?? { id: '', name: '' };
  // What the catalogue calls it; a code is not a name.
  const guess = legible(scan.code).includes(name) || /^\d+$/.test(name) ? '' : name;
  const form = formFor(scan, outcome, id);
  const is = (/** @type {Product} */ product) => void orSayWhy(named(scan, outcome, id, { into: product.id }));
  return html`${choosing('name-scan', is)} ${part(() =>
    formOf(form, field({ form, name: 'name', label: t('inbox.what'), value: guess, maxlength: 120, id: 'name-scan' }), {
      submit: t('inbox.name-it'),
      cancel: html`<a class="button" href="/app/inbox">${t('scan.later')}</a>`,
    }),
  )}`;
}

/** @param {Scan} scan @param {Outcome} outcome */
export function answer(scan, outcome) {
  if (scan.undone) return nothing;
  if (outcome.status === 'unknown' && outcome.product) return naming(scan, outcome);
  if (asksWhich(outcome)) return part(() => which(scan));
  if (asksAgain(outcome)) return again(scan);
  if (outcome.status === 'question' && outcome.product) return part(() => asking(scan, outcome));
  return nothing;
}
