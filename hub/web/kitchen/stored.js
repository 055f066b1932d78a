// What was put away from the list, and taking it back: it leaves the stock, and lies in the basket or is wanted as before.

import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { confirmDialog } from '../elements/dialog.js';
import { toast } from '../elements/toast.js';
import { say, write } from './listed.js';
import { amount } from './words.js';

/** @typedef {import('../types/wire.d.ts').Done} Done */
/** @typedef {Pick<import('../types/wire.d.ts').Purchased, 'movement_id'> & { name: string }} Put */
/** @typedef {{ gone: { name: string, done: Done }[], used: Put[], kept: boolean }} Back */

/** Names of things, a few of them. @param {readonly { name: string }[]} things */
const names = (things) => things.slice(0, 5).map(({ name }) => name).join(', ') + (things.length > 5 ? ' …' : '');

/** @param {readonly Put[]} things @param {string} [query] @returns {Promise<Back>} */
async function takeBack(things, query = '') {
  /** @type {Back} */
  const back = { gone: [], used: [], kept: false };
  for (const thing of things) {
    try {
      const outcome = await write('POST', `/api/movements/${thing.movement_id}/undo${query}`, {});
      if (outcome.state === 'kept') back.kept = true;
      else if (outcome.state === 'done') back.gone.push({ name: thing.name, done: outcome.data });
    } catch (error) {
      if (error instanceof Problem && error.code === 'partly-used') back.used.push(thing);
      else toast(() => explain(error), { tone: 'over', stays: true });
    }
  }
  return back;
}

/** What left the stock, in words. @param {Back} back */
function tell({ gone, kept }) {
  const [one, ...more] = gone;
  if (kept) say(() => t('saved-here'));
  else if (one && more.length === 0) {
    const { before, after, unit } = one.done;
    say(() => t('shopping.unstored', { name: one.name, amount: amount(before - after, unit), left: amount(after, unit) }));
  } else if (one) say(() => t('shopping.unstored.all', { count: gone.length }));
}

/** @param {readonly Put[]} things */
async function undo(things) {
  const back = await takeBack(things);
  tell(back);
  if (back.used.length === 0) return;
  const rest = await confirmDialog({
    title: () => t('shopping.unstore.rest'),
    text: () => t('shopping.unstore.rest.text', { names: names(back.used) }),
    confirm: () => t('shopping.unstore'),
    tone: 'primary',
  });
  if (rest) tell(await takeBack(back.used, '?partial=true'));
}

/** Says what was put away, and offers to take it back. @param {() => string} words @param {readonly Put[]} things */
export function stored(words, things) {
  // What nobody has named yet is not booked yet.
  const booked = things.filter(({ movement_id: id }) => id !== undefined);
  say(words, booked.length > 0 ? () => void undo(booked) : undefined);
}
