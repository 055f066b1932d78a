// A question that only a person can answer, one tap each.

import { html, part } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { relative, t } from '../lib/text.js';
import { api } from '../hearth.js';
import { toast } from '../elements/toast.js';
import { amount, known } from './words.js';

/** @typedef {import('../types/wire.d.ts').Question} Question */

/** @param {Promise<unknown>} work */
export function orSayWhy(work) {
  work.catch((error) => toast(() => explain(error), { tone: 'over' }));
}

/** @param {Question} question @param {'bought' | 'not-used'} answer @param {() => unknown} settled */
async function reply(question, answer, settled) {
  await api.post(`/api/questions/${question.id}/answer`, { answer });
  toast(() => t('question.settled'));
  await settled();
}

/** @param {Question} question */
export function asked({ product_name: name, quantity, unit, kind }) {
  // Of what is weighed there is much, not many.
  const count = unit === 'piece' ? quantity : 1;
  return t('question.text', { count, name, amount: amount(quantity, unit), verb: known('question.kind', kind) });
}

/** @param {Question} question @param {() => unknown} settled */
export function replies(question, settled) {
  return html`<button class="button primary" type="button" @click=${() => orSayWhy(reply(question, 'bought', settled))}>${t('question.bought')}</button>
    <button class="button" type="button" @click=${() => orSayWhy(reply(question, 'not-used', settled))}>${t('question.not-used')}</button>`;
}

/** @param {Question} question @param {() => unknown} settled */
export function questionCard(question, settled) {
  return html`<li class="card padded stack">
    <div class="stack tight">
      <h3 class="scan-name"><a class="plain-link" href="/app/product/${question.product_id}">${question.product_name}</a></h3>
      <p>${asked(question)}</p>
      ${part(() => html`<time class="row-sub" datetime=${question.happened_at}>${relative(question.happened_at)}</time>`)}
    </div>
    <div class="actions start">${replies(question, settled)}</div>
  </li>`;
}
