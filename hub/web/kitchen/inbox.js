// What waits for somebody to say: codes that nobody knows, and what does not add up.

import { html, list, nothing, part } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { gently } from '../lib/gently.js';
import { going } from '../lib/going.js';
import { has, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip, emptyState, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { readAll } from './kept.js';
import { choosing, wordFor } from './naming.js';
import { orSayWhy, questionCard } from './questions.js';
import { legible } from './scans.js';
import { amount, inFull } from './words.js';

/** @typedef {import('../types/wire.d.ts').InboxEntry} InboxEntry */
/** @typedef {import('../types/wire.d.ts').KeptScan} KeptScan */
/** @typedef {import('../types/wire.d.ts').Question} Question */
/** @typedef {import('../types/wire.d.ts').Product} Product */
/** @typedef {import('../lib/form.js').Form} Form */

const EVERY = 60_000;

/** @type {import('../lib/watch.js').Watched<InboxEntry[]>} */
const entries = watch(() => readAll((path) => api.read(path), '/api/inbox?limit=100'));
/** @type {import('../lib/watch.js').Watched<Question[]>} */
const questions = watch(() => readAll((path) => api.read(path), '/api/questions?limit=100'));

/** What somebody began to say is kept while the list is drawn anew. @type {Map<string, Form>} */
const forms = new Map();

const load = () => Promise.all([entries.load(), questions.load()]);

const again = gently(load);

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear({ type }) {
  if (/^(scan|product|question|inventory)\./.test(type)) again();
}

/** @param {string} id @param {Record<string, unknown>} word @param {(product?: Product) => string} said */
async function resolve(id, word, said) {
  /** @type {import('../types/wire.d.ts').InboxAnswer} */
  const { product } = await api.post(`/api/inbox/${id}/resolve`, word);
  forms.delete(id);
  toast(() => said(product), product ? { action: { word: () => t('inbox.look'), run: () => going.to(`/app/product/${product.id}`) } } : {});
  await load();
}

/** @param {InboxEntry} entry @returns {Form} */
function formFor(entry) {
  const before = forms.get(entry.id);
  if (before) return before;
  const made = createForm({
    submit: async ({ name = '' }) => {
      const word = await wordFor(name);
      if (word) await resolve(entry.id, word, (product) => t('inbox.named', { name: product?.name ?? name }));
    },
  });
  forms.set(entry.id, made);
  return made;
}

/** @param {InboxEntry} entry @param {Product} product */
const is = (entry, { id, name }) => orSayWhy(resolve(entry.id, { into: id }, () => t('inbox.named', { name })));

/** @param {InboxEntry} entry @param {Product} product */
function candidate(entry, product) {
  return html`<button class="button" type="button" @click=${() => is(entry, product)}>
    ${icon('check')}${t('inbox.is', { name: inFull(product) })}
  </button>`;
}

/** This very pack is here already, by its number. @param {InboxEntry} entry */
function againCard(entry) {
  const { name, id, scans, since } = entry;
  const product = entry.candidates[0]?.id ?? '';
  const say = (/** @type {Record<string, unknown>} */ word, /** @type {() => string} */ said) => () => orSayWhy(resolve(id, word, said));
  return html`<li class="card padded stack">
    <div class="stack tight">
      <h3 class="scan-name"><a class="plain-link" href="/app/product/${product}">${name}</a></h3>
      <p>${t('inbox.again')}</p>
      ${part(() => html`<p class="row-sub">${t('inbox.scans', { count: scans.length, when: relative(since) })}</p>`)}
    </div>
    <div class="actions start">
      <button class="button primary" type="button" @click=${say({ nothing: true }, () => t('question.settled'))}>${t('inbox.same')}</button>
      <button class="button" type="button" @click=${say({ another: true }, () => t('inbox.another.done', { name }))}>${t('inbox.another')}</button>
    </div>
  </li>`;
}

/** “4 put in”; what one scan stands for goes without a unit. @param {KeptScan} scan */
function did({ kind, quantity, unit }) {
  const much = amount(quantity ?? 1, unit === 'pack' ? '' : unit);
  return t(has(`inbox.did.${kind}`) ? `inbox.did.${kind}` : 'inbox.did.other', { amount: much });
}

/** A scan that was taken back is shown as that: nothing of it is booked. @param {KeptScan} scan */
const keptLine = (scan) => html`<li class=${scan.undone ? 'undone' : ''}>
  <span class="story-text">${did(scan)}</span> <span class="row-sub">${relative(scan.happened_at)}</span>
  ${scan.undone ? chip(t('story.was-undone'), { icon: 'rotate-ccw' }) : nothing}
</li>`;

/** How often it was scanned, and each of the last scans with how much it was of. @param {InboxEntry} entry */
function keptScans({ scans, times, earlier, since }) {
  return html`${times > 0 ? html`<p class="row-sub">${t('inbox.scans', { count: times, when: relative(since) })}</p>` : nothing}
    <ul class="plain-list">${scans.map(keptLine)}</ul>
    ${earlier > 0 ? html`<p class="row-sub">${t('inbox.earlier', { count: earlier })}</p>` : nothing}`;
}

/** @param {InboxEntry} entry */
function card(entry) {
  const form = formFor(entry);
  const naming = entry.kind === 'unknown';
  const nothingToKeep = html`<button
    class="button"
    type="button"
    @click=${() => orSayWhy(resolve(entry.id, { nothing: true }, () => t('inbox.gone')))}
  >
    ${t('inbox.nothing')}
  </button>`;
  return html`<li class="card padded stack">
    <div class="stack tight">
      <h3 class="scan-name">${naming ? t('inbox.what') : t('inbox.which')}</h3>
      <p class="quiet"><code>${legible(entry.code)}</code></p>
      ${part(() => keptScans(entry))}
    </div>
    ${entry.candidates.length > 0 ? html`<div class="actions start">${entry.candidates.map((product) => candidate(entry, product))}</div>` : nothing}
    ${entry.brought?.length
      ? html`<div class="stack tight">
          <p class="row-sub">${t('inbox.brought')}</p>
          <div class="actions start">${entry.brought.map((product) => candidate(entry, product))}</div>
        </div>`
      : nothing}
    ${naming ? choosing(`name-${entry.id}`, (product) => void is(entry, product)) : nothing}
    ${naming
      ? part(() =>
          formOf(form, field({ form, name: 'name', label: t('inbox.name'), value: guess(entry), maxlength: 120, id: `name-${entry.id}` }), {
            submit: t('inbox.name-it'),
            cancel: nothingToKeep,
          }),
        )
      : html`<div class="actions">${nothingToKeep}</div>`}
  </li>`;
}

/** What the catalogue calls it; a code is not a name. @param {InboxEntry} entry */
function guess({ name, code }) {
  return name === code ? '' : name;
}

function cards() {
  const asked = questions.data.value ?? [];
  const again = (entries.data.value ?? []).filter(({ kind }) => kind === 'again');
  const unknown = (entries.data.value ?? []).filter(({ kind }) => kind !== 'again');
  if (asked.length + again.length + unknown.length === 0) {
    return emptyState({ icon: 'circle-check', title: t('inbox.empty'), text: t('inbox.empty.text') });
  }
  return html`<div class="columns">
    ${asked.length + again.length > 0
      ? html`<section class="stack" aria-labelledby="asked-head">
          <h2 id="asked-head">${t('question.title')}</h2>
          <ul class="stack">${list(asked, ({ id }) => id, (question) => questionCard(question, load))}${list(again, ({ id }) => id, againCard)}</ul>
        </section>`
      : nothing}
    ${unknown.length > 0
      ? html`<section class="stack" aria-labelledby="unknown-head">
          <h2 id="unknown-head">${t('inbox.unknown')}</h2>
          <ul class="stack">${list(unknown, ({ id }) => id, card)}</ul>
        </section>`
      : nothing}
  </div>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function inbox() {
  const { shown } = sources(entries, questions);
  const stop = follow({ load, hear, every: () => EVERY, may: () => true });
  const left = () => {
    stop();
    forms.clear();
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.inbox'), sub: t('inbox.sub') })} ${part(() => shown(() => html`${part(cards)}`))}
    </div>`;
  return { title: () => t('place.inbox'), view, left };
}
