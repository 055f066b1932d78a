// The shopping list as this page knows it, and how it is changed: what waits here is shown at once.

import { computed } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { uuid7 } from '../lib/uuid7.js';
import { watch } from '../lib/watch.js';
import { api, outbox } from '../hearth.js';
import { toast } from '../elements/toast.js';
import { Kept, readAll } from './kept.js';
import { asItWillBe, boughtAgain, idIn, onceMore, SHOPPING } from './list.js';

/** @typedef {import('../types/wire.d.ts').Entry} Entry */
/** @typedef {import('./list.js').Shown} Shown */

/** @type {Kept<Entry>} */
const known = new Kept();
export const everything = watch(async () => {
  const asked = known.moment;
  const seen = await readAll((path) => api.read(path), `${SHOPPING}?limit=500`);
  if (seen.asOf === undefined) known.takeAll(/** @type {Entry[]} */ (seen.data), asked);
  else known.recall(/** @type {Entry[]} */ (seen.data));
  return seen;
});
export const entries = computed(() => asItWillBe(known.items.value, outbox.waiting.value));

/** @param {import('../types/wire.d.ts').Frame} frame */
export function hear(frame) {
  // An entry bears the names of its product and its aisle.
  if (/^(shopping\.cleared|product\.(updated|merged)|category\.(updated|archived))$/.test(frame.type)) void everything.load();
  else if (frame.type === 'shopping.deleted') known.drop(frame.entity_id);
  else if (frame.type.startsWith('shopping.')) known.take(frame.data);
}

/** @param {Entry} entry */
function take(entry) {
  if (known.items.peek().some(({ id }) => id === entry.id)) known.take(entry);
}

/** @param {import('../lib/outbox.js').Entry} write @param {any} data */
export function arrived(write, data) {
  if (!write.path.startsWith(SHOPPING)) return;
  // What restocked a product may have taken its entry off the list already.
  if (data?.entry) take(data.entry);
  else if (data?.id) known.take(data);
  else if (write.path.startsWith(`${SHOPPING}/`)) known.drop(idIn(write.path));
}

/** What the house answered, or that it will be sent. @param {'POST' | 'PATCH' | 'DELETE'} method @param {string} path @param {Record<string, any>} body @param {string} [id] for whoever may take it back */
export async function write(method, path, body, id = uuid()) {
  const join = method === 'PATCH' ? { join: path } : {};
  const outcome = await outbox.add({ id, method, path, body, label: 'write.shopping', ...join });
  if (outcome.state === 'refused') throw outcome.problem;
  return outcome;
}

/** Writes, and says so only when the house refuses. @param {Parameters<typeof write>} parts @returns {Promise<unknown>} when it is settled, or takes longer */
export function change(...parts) {
  return write(...parts).catch((error) => toast(() => explain(error), { tone: 'over', stays: true }));
}

/** @param {string} id */
export const at = (id) => `${SHOPPING}/${id}`;

let unsay = () => {};

/**
 * A word that replaces the one before: who ticks quickly wants no pile of them.
 *
 * @param {() => string} text
 * @param {() => void} [undo]
 */
export function say(text, undo) {
  unsay();
  unsay = toast(text, undo ? { action: { word: () => t('action.undo'), run: undo } } : {});
}

/** @param {Shown} entry */
const isStored = ({ put_away_at: put }) => put !== undefined;

/**
 * Writes down anew what was taken off: an entry that the house knows to be off its list stays off it. What was put away
 * is in stock, and would go there twice.
 *
 * @param {Shown} entry
 */
function writeAnew(entry) {
  const wish = onceMore(entry, uuid7());
  change('POST', SHOPPING, wish);
  if (entry.checked) change(...boughtAgain(entry, at(wish.id)));
}

/** Whether a write is here and never left. @param {string} id */
const isHere = (id) => outbox.waiting.peek().some((entry) => entry.id === id && !entry.tried);

/**
 * Takes entries off the list, and offers to bring them back. What was put away comes back only while it waits here.
 *
 * @param {readonly Shown[]} gone
 * @param {() => string} words
 * @param {(count: number, stays: number) => string} [after] what came back, and what did not
 */
export function takeOff(gone, words, after) {
  const written = gone.map((entry) => ({ entry, id: uuid() }));
  const settled = written.map(({ entry, id }) => change('DELETE', at(entry.id), {}, id));
  const undo = async () => {
    /** @type {Shown[]} */
    const off = [];
    for (const { entry, id } of written) {
      // What waits here was never off the list.
      if (!(await outbox.takeBack(id))) off.push(entry);
    }
    const anew = off.filter((entry) => !isStored(entry));
    anew.forEach(writeAnew);
    const stays = off.length - anew.length;
    if (after) say(() => after(gone.length - stays, stays));
  };
  const offer = () => say(words, () => void undo());
  if (!gone.every(isStored)) offer();
  else void Promise.all(settled).then(() => (written.some(({ id }) => isHere(id)) ? offer() : say(words)));
}
