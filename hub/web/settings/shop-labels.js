// Labels that shops print themselves, with weight or price in the number: what the house has learnt of them, how it
// learns, and trying it.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { date, locale, number, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { fill } from '../elements/disputes.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { emptyState, notice, screenHead } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { readAll } from '../kitchen/kept.js';
import { eye, Looking, several } from '../kitchen/looking.js';
import { listenTo, Wedge } from '../kitchen/wedge.js';
import { codeForPeople } from '../kitchen/words.js';
import { follow, sources } from '../system/follow.js';
import { mask, numberOf, piecesOf, SAYS, wire, wrongOf } from './printed.js';
import { back } from './settings.js';

/** @typedef {import('../types/wire.d.ts').ShopPattern} ShopPattern */
/** @typedef {import('../types/wire.d.ts').Decoded} Decoded */
/** @typedef {import('../types/wire.d.ts').DecodedLabel} DecodedLabel */
/** @typedef {import('./printed.js').Label} Label */
/** @typedef {{ digits: number, decimals: number, checked: boolean }} Layout */

const PATH = '/api/scanner/patterns';
const EVERY = 120_000;
const MOST_LABELS = 10;
const TEACHING = 'teaching';

/** @type {import('../lib/watch.js').Watched<ShopPattern[]>} */
const patterns = watch(() => readAll((path) => api.read(path), `${PATH}?limit=500`));

/** What somebody is about to teach; it outlives the screen. */
const shop = signal('');
const says = signal(/** @type {import('./printed.js').Says} */ ('weight'));
const labels = signal(/** @type {Label[]} */ ([]));
/** In which ways the labels can be read, where that is more than one. @type {import('../lib/view.js').Signal<Layout[]>} */
const ways = signal(/** @type {Layout[]} */ ([]));
/** What was learnt last. @type {import('../lib/view.js').Signal<string>} */
const learnt = signal('');
/** What was tried last, and what it says. @type {import('../lib/view.js').Signal<{ code: string, answer: Decoded } | null>} */
const tried = signal(/** @type {{ code: string, answer: Decoded } | null} */ (null));

const blank = () => [
  { code: '', value: '' },
  { code: '', value: '' },
];
labels.value = blank();

/** @param {Layout | ShopPattern} layout @param {string} what */
function shape(layout, what) {
  const point = new Intl.NumberFormat(locale.value).formatToParts(1.1).find(({ type }) => type === 'decimal')?.value ?? '.';
  return t(`printed.shape.${what}`, { mask: mask(layout, point) });
}

/** The number in its pieces, to be seen at one look; the words beside it say the same. @param {ShopPattern} pattern */
function strip(pattern) {
  const digits = (/** @type {string} */ name, /** @type {number} */ count) => (name === 'prefix' ? pattern.prefix : (name === 'value' ? '0' : '·').repeat(count));
  return html`<p class="strip" aria-hidden="true">${piecesOf(pattern).map(({ part: name, digits: count }) => html`<span class="strip-${name}">${digits(name, count)}</span>`)}</p>`;
}

/** @param {ShopPattern} pattern */
async function forget(pattern) {
  const sure = await confirmDialog({
    title: () => t('printed.forget', { name: pattern.shop }),
    text: () => t('printed.forget.text', { prefix: pattern.prefix }),
    confirm: () => t('printed.forget.do'),
  });
  if (!sure) return;
  try {
    await api.remove(`${PATH}/${pattern.id}`);
    toast(() => t('printed.forgotten', { name: pattern.shop }));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
  await patterns.load();
  document.getElementById('known-head')?.focus();
}

/** @param {(work: () => unknown) => () => void} act @returns {(pattern: ShopPattern) => import('../lib/view.js').Template} */
const row = (act) => (pattern) => html`<li class="card-row still ${pattern.id === learnt.value ? 'fresh' : ''}">
  <span class="grow stack tight">
    <span class="row-title">${pattern.shop}</span>
    ${strip(pattern)}
    <span class="row-sub">${t('printed.is', { prefix: pattern.prefix, digits: pattern.digits, shape: shape(pattern, pattern.says) })}
      ${pattern.checked ? t('printed.is.checked') : nothing} ${t('printed.taught', { when: date(pattern.taught_at) })}</span>
  </span>
  <button class="button bare" type="button" aria-label=${t('printed.forget.of', { name: pattern.shop, prefix: pattern.prefix })} @click=${act(() => forget(pattern))}>${icon('trash-2')}</button>
</li>`;

/** @param {(work: () => unknown) => () => void} act */
function known(act) {
  const all = patterns.data.value ?? [];
  if (all.length === 0) return emptyState({ icon: 'scan-barcode', title: t('printed.empty'), text: t('printed.empty.text') });
  return html`<ul class="card rows">${list(all, ({ id }) => id, row(act))}</ul>`;
}

/** @param {DecodedLabel} label */
function worth({ says: what, value, decimals, currency }) {
  const amount = value / 10 ** decimals;
  if (what === 'price' && currency) return new Intl.NumberFormat(locale.value, { style: 'currency', currency }).format(amount);
  return what === 'weight' ? t('printed.kg', { amount: number(amount) }) : what === 'count' ? t('printed.pieces', { count: amount }) : number(amount);
}

function trial() {
  if (!tried.value) return nothing;
  const { code, answer } = tried.value;
  const [first, ...others] = answer.labels;
  if (!first) return notice(t('printed.try.none', { code }), { tone: 'soon', icon: 'triangle-alert' });
  const names = answer.products.map(({ product }) => product.name).join(', ');
  return html`<div class="stack tight tried">
    <p class="quiet">${first.shop ? t('printed.try.by', { name: first.shop }) : t('printed.try.usual')}</p>
    <p class="figure-number">${worth(first)}</p>
    <p>${names || t('printed.try.article', { code: codeForPeople(first.item) })}</p>
    ${others.map((label) => html`<p class="quiet">${t('printed.try.other', { name: label.shop, amount: worth(label) })}</p>`)}
  </div>`;
}

/** @param {string} code */
async function tryIt(code) {
  tried.value = { code, answer: await api.get(`/api/scanner/decode?code=${encodeURIComponent(code)}`) };
}

const tryForm = createForm({ submit: ({ code = '' }) => tryIt(numberOf(code)) });

/** What the house answers to a lesson that teaches nothing, by the field. @param {Problem} problem */
function refusal(problem) {
  const places = problem.errors.map(({ pointer }) => /^\/labels\/(\d+)$/.exec(pointer)?.[1]).filter((at) => at !== undefined);
  return new Map(places.map((at) => [`value-${at}`, t('printed.wrong.not-in-number')]));
}

/** @param {Partial<Layout>} [way] which of several it is */
async function teach(way = {}) {
  const wrong = wrongOf(labels.peek(), says.peek());
  teachForm.errors.value = new Map([...wrong].map(([name, word]) => [name, t(`printed.wrong.${word}`)]));
  ways.value = [];
  if (wrong.size > 0) return;
  try {
    const { digits, checked } = way;
    const body = { shop: shop.peek().trim(), labels: wire(labels.peek(), says.peek()), ...(digits === undefined ? {} : { digits, checked }) };
    /** @type {ShopPattern} */
    const made = await api.post(PATH, body);
    learnt.value = made.id;
    labels.value = blank();
    shop.value = '';
    const form = /** @type {HTMLFormElement | null | undefined} */ (document.getElementById(TEACHING)?.querySelector('form'));
    form?.reset();
    toast(() => t('printed.learnt', { name: made.shop }));
    await patterns.load();
    document.getElementById('field-code')?.focus();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'labels-ambiguous') {
      ways.value = /** @type {{ layouts: Layout[] }} */ (error.current).layouts;
      requestAnimationFrame(() => document.getElementById('ways')?.focus());
      return;
    }
    const about = refusal(error);
    if (about.size === 0) throw error;
    teachForm.errors.value = about;
  }
}

const teachForm = createForm({ submit: () => teach() });

/** @param {Layout} way */
function choose(way) {
  void teach(way).catch((error) => (teachForm.trouble.value = explain(error)));
}

/** The labels can be read in several ways: one more tells, or somebody does. */
function open() {
  if (ways.value.length === 0) return nothing;
  return html`<div class="notice soon" id="ways" tabindex="-1" role="alert">
    ${icon('triangle-alert')}
    <div class="grow stack">
      <p>${t('printed.ambiguous')}</p>
      <div class="actions start">
        ${ways.value.map(
          (way) => html`<button class="button" type="button" @click=${() => choose(way)}>
            ${t(way.checked ? 'printed.way.checked' : 'printed.way', { count: way.digits, shape: shape(way, says.value) })}
          </button>`,
        )}
      </div>
    </div>
  </div>`;
}

/** @param {number} at @param {Partial<Label>} said */
function say(at, said) {
  labels.value = labels.peek().map((label, place) => (place === at ? { ...label, ...said } : label));
}

/** @param {Event} event */
function typing(event) {
  const { name, value } = /** @type {HTMLInputElement} */ (event.target);
  const [what, at] = name.split('-');
  if (name === 'shop') shop.value = value;
  else if (what === 'code') say(Number(at), { code: value });
  else if (what === 'value') say(Number(at), { value });
}

/** A hand scanner ends a number with Enter: then it is the turn of what is printed. @param {KeyboardEvent} event */
function onKey(event) {
  const input = event.target;
  if (event.key !== 'Enter' || !(input instanceof HTMLInputElement) || !input.name.startsWith('code-')) return;
  event.preventDefault();
  /** @type {HTMLElement | null | undefined} */ (input.form?.querySelector(`[name=${input.name.replace('code', 'value')}]`))?.focus();
}

/** A code came from a camera or a scanner: it is the next number that is missing, or one to be tried. @param {string} message @param {HTMLInputElement | null} [input] */
function scanned(message, input = null) {
  const code = numberOf(message);
  const at = labels.peek().findIndex((label) => label.code === '' || numberOf(label.code) === code);
  if (input || at < 0) {
    fill('trying', 'code', code);
    void tryIt(code).catch((error) => toast(() => explain(error), { tone: 'over' }));
    return;
  }
  say(at, { code });
  fill(TEACHING, `code-${at}`, code);
  toast(() => t('printed.seen', { count: at + 1, code }));
  // What is printed is typed next, unless somebody is typing already.
  if (!document.activeElement?.matches('input')) document.getElementById(`field-value-${at}`)?.focus();
}

/** @param {number} at */
function labelFields(at) {
  const label = labels.peek()[at];
  const text = (/** @type {'code' | 'value'} */ what, /** @type {string} */ inputmode, /** @type {number} */ maxlength) =>
    field({
      form: teachForm,
      name: `${what}-${at}`,
      label: what === 'code' ? t('printed.code', { place: at + 1 }) : t(`printed.value.${says.value}`, { place: at + 1 }),
      value: label?.[what] ?? '',
      inputmode,
      maxlength,
    });
  return html`<div class="fields">${text('code', 'numeric', 40)} ${text('value', 'decimal', 12)}</div>`;
}

/** @param {Looking} looking */
function lesson(looking) {
  const count = labels.value.length;
  const more = () => {
    labels.value = [...labels.peek(), { code: '', value: '' }];
    requestAnimationFrame(() => document.getElementById(`field-code-${count}`)?.focus());
  };
  return formOf(
    teachForm,
    html`${field({ form: teachForm, name: 'shop', label: t('printed.shop'), hint: t('printed.shop.hint'), value: shop.peek() })}
      ${segmented({ name: 'says', legend: t('printed.says'), value: says.value, choices: SAYS.map((value) => ({ value, word: t(`printed.says.${value}`) })), change: (value) => (says.value = value) })}
      ${part(() => eye(looking, ''))}
      <div role="status">${part(() => several(looking))}</div>
      ${Array.from({ length: count }, (_, at) => part(() => labelFields(at)))}
      ${part(open)}`,
    {
      submit: t('printed.teach.do'),
      cancel: count < MOST_LABELS ? html`<button class="button" type="button" @click=${more}>${icon('plus')}${t('printed.more')}</button>` : nothing,
    },
  );
}

/** @param {Looking} looking */
function teaching(looking) {
  return html`<section class="card padded stack" aria-labelledby="teach-head">
    <h2 id="teach-head">${t('printed.teach')}</h2>
    <p class="quiet">${t('printed.teach.text')}</p>
    <div id=${TEACHING} @input=${typing} @keydown=${onKey}>${part(() => lesson(looking))}</div>
  </section>`;
}

function trying() {
  return html`<section class="card padded stack" id="trying" aria-labelledby="try-head">
    <h2 id="try-head">${t('printed.try')}</h2>
    ${part(() => formOf(tryForm, field({ form: tryForm, name: 'code', label: t('printed.try.code'), inputmode: 'numeric', maxlength: 40 }), { submit: t('printed.try.do'), kind: '' }))}
    <div role="status">${part(trial)}</div>
  </section>`;
}

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear({ type }) {
  if (type.startsWith('pattern.')) void patterns.load();
}

/** @returns {import('../lib/router.js').Screen} */
export function shopLabels() {
  const looking = new Looking({ scanned, means: () => t('printed.camera') });
  const { act, shown } = sources(patterns);
  const stop = follow({ load: patterns.load, hear, every: () => EVERY, may: () => true });
  const ignore = listenTo(new Wedge(), scanned);
  const left = () => {
    stop();
    ignore();
    looking.leave();
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('printed.title'), back: back() })}
      <p class="quiet">${t('printed.sub')}</p>
      <div class="columns">
        <section class="stack" aria-labelledby="known-head">
          <h2 id="known-head" tabindex="-1">${t('printed.known')}</h2>
          ${part(() => shown(() => html`${part(() => known(act))}`))}
        </section>
        <div class="stack wide">${teaching(looking)} ${trying()}</div>
      </div>
    </div>`;
  return { title: () => t('printed.title'), view, left };
}
