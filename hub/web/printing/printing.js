// Printing: cards that tell a station what to do, cards of places and people, labels of lots, and the test of a
// scanner; on paper to cut or on labels.

import { computed, effect, html, nothing, part, signal, untracked } from '../lib/view.js';
import { language, LANGUAGES, learn, number, t } from '../lib/text.js';
import { wear } from '../lib/wear.js';
import { listeners, online, remember, remembered, store } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { screenHead } from '../elements/pieces.js';
import '../elements/stepper.js';
import { hearLot } from '../kitchen/lots.js';
import { chooser } from './lots.js';
import { mostCopies, paperOf, papersFor, pathOf, sizeOf, WHATS, whatOf } from './papers.js';
import { preview } from './preview.js';

/** @typedef {import('../lib/router.js').Arrival} Arrival */
/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('./papers.js').Paper} Paper */
/** @typedef {import('./papers.js').What} What */
/** @typedef {ReturnType<typeof chooser>} Chooser */

/** @type {Record<What, string>} */
const ICONS = { commands: 'scan-barcode', places: 'house', people: 'users', lots: 'package', 'scanner-test': 'list-todo' };
const PAPER = 'label-paper';

/** @param {Paper} paper */
function paperWord(paper) {
  const { kind, labels, word } = paper;
  const values = { size: sizeOf(paper, number), count: labels, paper: word.startsWith('letter') ? 'Letter' : 'A4' };
  return t(`print.paper.${kind}`, values);
}

/** @param {What} chosen */
function kinds(chosen) {
  return html`<nav aria-label=${t('print.what')}>
    <ul class="card rows compact">
      ${WHATS.map(
        (what) => html`<li>
          <a class="card-row" href="/app/labels/${what}" aria-current=${what === chosen ? 'true' : nothing}>
            <span class="timeline-mark">${icon(ICONS[what])}</span>
            <span class="grow"><span class="row-title">${t(`print.${what}`)}</span><span class="row-sub">${t(`print.${what}.text`)}</span></span>
          </a>
        </li>`,
      )}
    </ul>
  </nav>`;
}

/** @param {{ label: string, hint: string, value: number, min: number, max: number, change: (value: number) => void }} parts */
function counted({ label, hint, value, min, max, change }) {
  return html`<div class="field">
    <span class="label" aria-hidden="true">${label}</span>
    <p class="hint">${hint}</p>
    <hearth-stepper .label=${label} .min=${min} .max=${max} .value=${value} @change=${(/** @type {any} */ event) => change(event.currentTarget.value)}></hearth-stepper>
  </div>`;
}

/** What is printed, and how, as signals. @param {Arrival['params']} params */
function wishOf(params) {
  const what = computed(() => whatOf(params.value['what']));
  const word = signal(remembered(PAPER));
  const paper = computed(() => paperOf(word.value, what.value));
  const skip = signal(0);
  const copies = signal(1);
  const spoken = signal(language.peek());
  /** @type {import('../lib/view.js').Signal<Chooser | null>} */
  const choosing = signal(null);
  const stop = effect(() => {
    const product = what.value === 'lots' ? (params.value['of'] ?? '') : undefined;
    untracked(() => {
      choosing.value = product === undefined ? null : chooser(product || undefined);
      void choosing.value?.load();
    });
  });
  const lots = computed(() => choosing.value?.ids.value ?? []);
  const most = computed(() => mostCopies(lots.value.length));
  /** @param {'pdf' | 'svg'} form @param {number} [page] */
  const path = (form, page) => {
    if (what.value === 'lots' && lots.value.length === 0) return '';
    return pathOf({ what: what.value, paper: paper.value, skip: skip.value, copies: Math.min(copies.value, most.value), lots: lots.value, language: spoken.value }, form, page);
  };
  /** @param {string} chosen */
  const use = (chosen) => {
    word.value = chosen;
    skip.value = 0;
    remember(PAPER, chosen);
  };
  return { what, paper, skip, copies, spoken, choosing, lots, most, path, use, stop };
}

/** @param {ReturnType<typeof wishOf>} wish */
function settings({ what, paper, skip, copies, spoken, lots, most, use }) {
  const { kind, labels, word } = paper.value;
  return html`<section class="card padded stack" aria-labelledby="paper-head">
    <h2 id="paper-head">${t('print.how')}</h2>
    ${selectField({
      name: 'paper',
      label: t('print.paper'),
      value: word,
      choices: papersFor(what.value).map((one) => ({ value: one.word, word: paperWord(one) })),
      change: use,
    })}
    ${kind === 'labels'
      ? counted({ label: t('print.skip'), hint: t('print.skip.hint'), value: skip.value, min: 0, max: labels - 1, change: (value) => (skip.value = value) })
      : nothing}
    ${what.value === 'lots' && lots.value.length > 0
      ? counted({ label: t('print.copies'), hint: t('print.copies.hint'), value: Math.min(copies.value, most.value), min: 1, max: most.value, change: (value) => (copies.value = value) })
      : nothing}
    ${selectField({
      name: 'language',
      label: t('print.language'),
      value: spoken.value,
      choices: LANGUAGES.map(([value, words]) => ({ value, word: words })),
      change: (value) => (spoken.value = value === 'de' ? 'de' : 'en'),
    })}
  </section>`;
}

/** @param {ReturnType<typeof wishOf>} wish @param {ReturnType<typeof preview>} seen */
function sheet(wish, seen) {
  const { what, paper, path } = wish;
  const to = path('pdf');
  if (!to) return html`<p class="quiet">${t('print.lots.choose')}</p>`;
  const name = `hearth-${what.value}.pdf`;
  // Nothing of the test is cut out.
  const whole = what.value === 'scanner-test' && paper.value.kind === 'plain';
  const links = html`<div class="actions start">
    <a class="button primary" href=${to} target="_blank" rel="noopener">${icon('printer')}${t('print.open')}</a>
    <a class="button" href=${to} download=${name}>${icon('download')}${t('print.download')}</a>
  </div>`;
  return html`${seen.ready() ? links : nothing}
  <ol class="steps print-steps">
    <li>${whole ? t('print.step.whole') : t(`print.step.${paper.value.kind}`)}</li>
    <li>${t(`print.step.${what.value}`)}</li>
  </ol>`;
}

/** @param {Arrival} arrival @returns {Promise<Screen>} */
export async function printing({ params }) {
  await Promise.all([learn('house'), learn('stations'), wear('stations')]);
  const wish = wishOf(params);
  const seen = preview((page) => wish.path('svg', page));
  listeners.add(hearLot);
  // What could not be read before is read when the house is back.
  const stopWaiting = effect(() => {
    if (online.value) untracked(() => void wish.choosing.peek()?.load());
  });
  const view = () => {
    const back = store.who.value === 'staff' ? { to: '/app/stock', word: t('product.back') } : { to: '/app/devices', word: t('place.devices') };
    return html`<div class="screen">
      ${screenHead({ title: t('print.title'), sub: t('print.sub'), back })}
      <div class="columns">
        <div class="stack wide">
          ${part(() => kinds(wish.what.value))} ${part(() => wish.choosing.value?.view() ?? nothing)}
        </div>
        <div class="stack wide">
          ${part(() => settings(wish))}
          <section class="stack" aria-labelledby="preview-head">
            <h2 id="preview-head">${t('print.preview')}</h2>
            ${part(() => sheet(wish, seen))} ${seen.view()}
          </section>
        </div>
      </div>
    </div>`;
  };
  const left = () => {
    wish.stop();
    seen.left();
    stopWaiting();
    listeners.delete(hearLot);
  };
  return { title: () => t('print.title'), view, left };
}
