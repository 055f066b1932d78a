// More about something on the list: how much of it, how urgent, a note; and what was bought, put into the stock.

import { html, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { store } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { placeField, places } from './furnishing.js';
import { howMuch, readHowMuch, whatChanged } from './list.js';
import { at, change, entries, say, takeOff, write } from './listed.js';
import { stored } from './stored.js';

/** @typedef {import('../types/wire.d.ts').Priority} Priority */
/** @typedef {import('./list.js').Shown} Shown */
/** @typedef {import('./stored.js').Put} Put */
/** @typedef {{ amount: string, note: string, priority: Priority }} Said */

/** What is being typed about an entry; whoever is signed out in the middle finds it again. @type {Map<string, import('../lib/view.js').Signal<Said>>} */
const drafts = new Map();

/** @param {Shown} entry @param {() => void} close */
function below(entry, close) {
  const off = () => {
    close();
    takeOff([entry], () => t('shopping.removed', { name: entry.name }));
  };
  return html`<button class="button danger-quiet" type="button" @click=${off}>${icon('trash-2')}${t('shopping.remove')}</button>`;
}

/** @param {Shown} entry */
export function details(entry) {
  const begun = { amount: howMuch(entry), note: entry.note, priority: entry.priority };
  const draft = drafts.get(entry.id) ?? signal(/** @type {Said} */ (begun));
  drafts.set(entry.id, draft);
  const typed = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.name === 'amount' || input.name === 'note') draft.value = { ...draft.peek(), [input.name]: input.value };
  };
  const closed = openDialog({
    title: () => entry.name,
    body: (close) => {
      const form = createForm({
        submit: async () => {
          if (readHowMuch(draft.peek().amount) === undefined) {
            form.errors.value = new Map([['amount', t('shopping.amount.wrong')]]);
            return;
          }
          close();
          const body = whatChanged(entry, begun, draft.peek());
          if (Object.keys(body).length > 0) change('PATCH', at(entry.id), body);
        },
      });
      const fields = () => {
        const { amount, note, priority } = draft.peek();
        return html`${field({ form, name: 'amount', label: t('shopping.amount'), hint: t('shopping.amount.hint'), value: amount, required: false, maxlength: 30 })}
          ${part(() =>
            segmented({
              name: 'priority',
              legend: t('shopping.priority'),
              value: draft.value.priority ?? priority,
              choices: /** @type {Priority[]} */ (['urgent', 'normal', 'low']).map((value) => ({ value, word: t(`shopping.${value}`) })),
              change: (value) => (draft.value = { ...draft.peek(), priority: value }),
            }),
          )}
          ${field({ form, name: 'note', label: t('shopping.note'), value: note, required: false, maxlength: 500 })}
          ${entry.product_id
            ? html`<p><a class="button bare word" href="/app/product/${entry.product_id}">${icon('package')}${t('shopping.product', { name: entry.name })}</a></p>`
            : nothing}`;
      };
      return html`<div class="stack" @input=${typed}>
        ${mayStore(entry) ? storing(entry, close) : nothing} ${part(() => formOf(form, fields(), { submit: t('action.save'), cancel: below(entry, close) }))}
      </div>`;
    },
  });
  void closed.then(() => {
    // Whoever is signed out did not close it.
    if (store.state.peek() === 'signed-in') drafts.delete(entry.id);
  });
}

// Putting away.

/** Whether it was bought and is not in the stock yet; what was scanned at home is. @param {Shown} entry */
export const mayStore = ({ checked, product_id, put_away_at: put }) => checked && product_id !== undefined && put === undefined;

/** @param {Shown} entry @param {() => void} close */
function storing(entry, close) {
  const ask = () => {
    close();
    askWhere(entry);
  };
  return html`<p><button class="button wide" type="button" @click=${ask}>${icon('package')}${t('shopping.store')}</button></p>`;
}

/** @param {string} id */
const nowOf = (id) => entries.peek().find((entry) => entry.id === id);

/** @param {Shown} entry @param {Record<string, unknown>} [more] */
const put = (entry, more = {}) => write('POST', `${at(entry.id)}/purchase`, { put_away: true, ...more });

/** How much there is of it, where it goes and how long it keeps. @param {Shown} entry */
function askWhere(entry) {
  const place = signal('');
  const { bought_quantity: quantity = entry.quantity, bought_unit: unit = entry.unit } = entry;
  const wanted = howMuch({ quantity, unit });
  const hint = wanted ? {} : { hint: t('shopping.store.hint') };
  void places.load();
  void openDialog({
    title: () => t('shopping.store.of', { name: entry.name }),
    body: (close) => {
      const form = createForm({
        submit: async ({ amount = '', best_before }) => {
          const said = readHowMuch(amount);
          if (said === undefined) {
            form.errors.value = new Map([['amount', t('shopping.amount.wrong')]]);
            return;
          }
          const there = await put(entry, {
            ...(said && amount.trim() !== wanted ? said : {}),
            ...(place.value ? { place_id: place.value } : {}),
            ...(best_before ? { best_before } : {}),
          });
          close();
          if (there.state === 'done') stored(() => t('shopping.stored', { name: entry.name }), [{ name: entry.name, ...there.data }]);
          else say(() => t('saved-here'));
        },
      });
      return part(() =>
        formOf(
          form,
          html`${field({ form, name: 'amount', label: t('shopping.amount'), ...hint, value: wanted, required: false, maxlength: 30 })}
          ${placeField(form, place)}
          ${field({ form, name: 'best_before', label: t('shopping.best-before'), type: 'date', required: false })}`,
          { submit: t('shopping.store') },
        ),
      );
    },
  });
}

/** Puts away all that was bought, as much as was wanted, each where it usually is. @param {readonly Shown[]} bought */
export async function storeAll(bought) {
  /** @type {Put[]} */
  const there = [];
  let kept = false;
  try {
    for (const { id } of bought) {
      // It may have gone, or been scanned, while those before it were on their way.
      const entry = nowOf(id);
      if (!entry || !mayStore(entry)) continue;
      const outcome = await put(entry);
      if (outcome.state === 'done') there.push({ name: entry.name, ...outcome.data });
      else kept = true;
    }
  } catch (error) {
    toast(() => explain(error), { tone: 'over', stays: true });
  }
  if (kept) say(() => t('saved-here'));
  else if (there.length > 0) stored(() => t('shopping.stored.all', { count: there.length }), there);
}
