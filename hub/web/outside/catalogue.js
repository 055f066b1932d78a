// The catalogue of products: what it holds, where it comes from, taking a new one in, and who is asked besides.

import { html, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explainCode } from '../lib/problems.js';
import { date, number, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { emptyState, notice } from '../elements/pieces.js';
import { follow, sources } from '../system/follow.js';
import { bytes } from '../system/words.js';
import { away, fact, head, onOrOff, orSay, progress, settingLines } from './pieces.js';
import { createSending, importPath, percentOf } from './sending.js';

/** @typedef {import('../types/wire.d.ts').Catalogue} Catalogue */
/** @typedef {import('../types/wire.d.ts').CatalogueImport} Import */

const EVERY = 30_000;
const PATH = '/api/catalogue';
const DUMPS = 'https://world.openfoodfacts.org/data';
const USUAL = 'en.openfoodfacts.org.products.csv.gz';
const NAMED = 'openfoodfacts-products.jsonl.gz';
const SETTINGS = 'HEARTH_CATALOGUE_URL=https://world.openfoodfacts.org\nHEARTH_CATALOGUE_CONTACT=you@example.org';
/** An import of which nothing is heard for so long has come to nothing. */
const LOST = 600_000;

/** It goes on while other screens are looked at. */
const sending = createSending(() => new XMLHttpRequest());

/** `en:germany` is a tag and no word. @param {string} tag */
function plain(tag) {
  const word = tag.replace(/^[a-z]{2}:/, '').replaceAll('-', ' ');
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** @param {readonly string[]} kept */
const among = (kept) => (kept.length > 0 ? kept.map(plain).join(', ') : t('catalogue.all'));

/** @param {Catalogue} known */
function holds({ file, trouble }) {
  const wrong = trouble ? notice(t('catalogue.trouble'), { tone: 'over', icon: 'triangle-alert' }) : nothing;
  if (!file) {
    return html`${wrong} ${emptyState({ icon: 'archive', title: t('catalogue.none'), text: t('catalogue.none.text') })}`;
  }
  return html`${wrong}
    <div class="figure">
      <span class="figure-number">${number(file.products)}</span>
      <span class="quiet">${t('catalogue.products', { count: file.products })}</span>
    </div>
    <dl class="facts">
      ${fact(t('catalogue.from'), html`<span class="long">${file.name}</span>`)} ${fact(t('catalogue.made'), date(file.made_at))}
      ${fact(t('catalogue.languages'), among(file.languages.map((one) => one.toUpperCase())))}
      ${fact(t('catalogue.countries'), among(file.countries))} ${fact(t('catalogue.size'), bytes(file.bytes))}
    </dl>`;
}

/** @param {Import} last */
function ended(last) {
  if (last.state === 'failed') {
    const why = explainCode(last.reason, last.detail);
    const soft = last.reason === 'catalogue-stopped';
    return notice(soft ? why : t('catalogue.failed', { name: last.name, why }), { tone: soft ? 'info' : 'over', icon: soft ? 'info' : 'triangle-alert' });
  }
  const when = relative(last.ended_at ?? last.told_at);
  return notice(t('catalogue.imported', { name: last.name, kept: number(last.kept), count: last.read_rows, when }), { tone: 'fresh', icon: 'circle-check' });
}

/** What to fetch, for whoever has not done this before. */
function where() {
  const file = (/** @type {string} */ name, /** @type {string} */ word) => html`<li><code class="long">${name.split(/(?=\.)/).map((piece) => html`${piece}<wbr />`)}</code><span class="row-sub">${word}</span></li>`;
  return html`<p>${t('catalogue.where')} ${away(DUMPS, t('catalogue.where.link'))}</p>
    <ul class="plain-list">
      ${file(USUAL, t('catalogue.usual'))} ${file(NAMED, t('catalogue.named'))}
    </ul>`;
}

/** @param {Catalogue} known */
function service({ service: name, answers }) {
  return html`<section class="card padded stack" aria-labelledby="service-head">
    <div class="row"><h2 class="grow" id="service-head">${t('catalogue.service')}</h2>${onOrOff(Boolean(name))}</div>
    ${name
      ? html`<p>${t('catalogue.service.on', { name })}</p>`
      : html`<p>${t('catalogue.service.off')}</p>
          <p class="quiet">${t('catalogue.service.how')}</p>
          ${settingLines(SETTINGS)}`}
    ${name || Object.values(answers).some(Boolean) ? counts(answers) : nothing}
  </section>`;
}

/** @param {Catalogue['answers']} answers */
function counts(answers) {
  return html`<dl class="facts">
      ${fact(t('catalogue.answers.found'), number(answers.found))} ${fact(t('catalogue.answers.looking'), number(answers.looking))}
      ${fact(t('catalogue.answers.absent'), number(answers.absent))} ${fact(t('catalogue.answers.failed'), number(answers.failed))}
    </dl>`;
}

/** @param {Catalogue} known */
function source({ source: { name, url, licence, licence_url: terms } }) {
  return html`<section class="card padded stack" aria-labelledby="source-head">
    <h2 id="source-head">${t('catalogue.source')}</h2>
    <p>${t('catalogue.source.text')}</p>
    <p>${away(url, name)} · ${away(terms, licence)}</p>
    <p class="small quiet">${t('catalogue.source.trust')}</p>
  </section>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function screen() {
  const household = () => store.who.value === 'owner' || store.who.value === 'member';
  const owns = () => store.who.value === 'owner';
  /** @type {import('../lib/watch.js').Watched<Catalogue>} */
  const there = watch(() => api.read(PATH));
  const { inReach, load, shown, act } = sources(there);
  /** @type {import('../lib/view.js').Signal<File | null>} */
  const chosen = signal(null);

  const form = createForm({
    wrong: { 'catalogue-no-languages': 'language' },
    submit: async (values) => {
      const file = chosen.peek();
      if (!file) return;
      const path = importPath({ name: file.name, language: values['language'] ?? '', country: values['country'] ?? '' });
      chosen.value = null;
      const sent = sending.send(path, file);
      keepFocus();
      const begun = await sent;
      if (begun) take(begun);
    },
  });

  /** What was pressed is gone; whoever goes by keys stays where they were. */
  function keepFocus() {
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById('import-head')?.focus({ preventScroll: true });
    });
  }

  /** @param {Import} news */
  function take(news) {
    const known = there.data.peek();
    if (known) there.data.value = { ...known, import: news };
  }

  async function stopImport() {
    const sure = await confirmDialog({
      title: () => t('catalogue.stop.title'),
      text: () => t('catalogue.stop.text'),
      confirm: () => t('catalogue.stop'),
    });
    if (!sure) return;
    await orSay(async () => take((await api.ask('DELETE', `${PATH}/import`)).data));
    await load();
    keepFocus();
  }

  /** @param {Import} running */
  const making = (running) => html`${progress({
      label: t('catalogue.importing', { name: running.name }),
      percent: running.percent,
      sub: t('catalogue.importing.rows', { count: running.read_rows, kept: number(running.kept) }),
    })}
    <p class="small quiet">${t('catalogue.importing.text')}</p>
    <div class="actions start">
      <button class="button" type="button" aria-disabled=${String(!inReach())} @click=${act(() => void stopImport())}>${icon('x')}${t('catalogue.stop')}</button>
    </div>`;

  /** @param {import('./sending.js').Sending} now */
  const onItsWay = (now) => html`${progress({
      label: t('catalogue.sending', { name: now.name }),
      percent: percentOf(now),
      sub: t('catalogue.sending.sub', { sent: bytes(now.sent), of: bytes(now.of) }),
    })}
    <p class="small quiet">${t('catalogue.sending.text')}</p>
    <div class="actions start"><button class="button" type="button" @click=${() => sending.stop()}>${icon('x')}${t('catalogue.stop')}</button></div>`;

  const fields = () => html`
    <div class="field">
      <label class="label" for="field-file">${t('catalogue.file')}</label>
      <p class="hint" id="field-file-hint">${t('catalogue.file.hint')}</p>
      <input
        class="input file"
        id="field-file"
        name="file"
        type="file"
        required
        accept=".gz,.csv,.jsonl,.json,.tsv,.txt"
        aria-invalid=${String(form.errors.value.has('file'))}
        aria-describedby=${form.errors.value.has('file') ? 'field-file-hint field-file-error' : 'field-file-hint'}
        @change=${(/** @type {Event} */ event) => {
          chosen.value = /** @type {HTMLInputElement} */ (event.target).files?.[0] ?? null;
        }}
      />
      ${form.errors.value.has('file')
        ? html`<p class="field-error" id="field-file-error">${icon('triangle-alert')}${form.errors.value.get('file')}</p>`
        : nothing}
    </div>
    ${field({ form, name: 'country', label: t('catalogue.country'), hint: t('catalogue.country.hint'), required: false, maxlength: 200 })}
    ${field({ form, name: 'language', label: t('catalogue.language'), hint: t('catalogue.language.hint'), required: false, maxlength: 60 })}
  `;

  /** @param {Import | undefined} last */
  const work = (last) => {
    const lost = last?.state === 'importing' && Date.now() - Date.parse(last.told_at) > LOST;
    if (sending.now.value) return onItsWay(sending.now.value);
    if (last?.state === 'importing' && !lost) return making(last);
    return html`<div role="status">${last ? (lost ? notice(t('catalogue.lost'), { tone: 'soon', icon: 'triangle-alert' }) : ended(last)) : nothing}</div>
      ${where()} ${inReach() ? part(() => formOf(form, fields(), { submit: t('catalogue.import') })) : nothing}`;
  };

  /** @param {Catalogue} known */
  const importing = (known) => html`<section class="card padded stack wide" aria-labelledby="import-head">
    <h2 id="import-head" tabindex="-1">${t('catalogue.import.head')}</h2>
    ${part(() => work(known.import))}
  </section>`;

  const all = () => {
    const known = there.data.value;
    if (!known) return nothing;
    return html`<div class="columns late">
      <div class="stack wide">
        <section class="card padded stack" aria-labelledby="holds-head">
          <h2 id="holds-head">${t('catalogue.holds')}</h2>
          ${holds(known)}
        </section>
        ${owns() ? importing(known) : nothing}
      </div>
      <div class="stack wide">${service(known)} ${source(known)}</div>
    </div>`;
  };

  const stop = follow({
    load,
    hear: ({ type, data }) => {
      if (!type.startsWith('catalogue.')) return;
      take(data);
      if (type !== 'catalogue.importing') void load();
    },
    every: () => EVERY,
    may: household,
  });
  return {
    title: () => t('catalogue.title'),
    view: () => html`<div class="screen">
      ${head({ title: t('catalogue.title'), sub: t('catalogue.sub') })}
      ${household() ? part(() => shown(all)) : notYours()}
    </div>`,
    left: stop,
  };
}
