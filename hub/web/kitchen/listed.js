// The shopping list as this page knows it, and how it is changed: what waits here is shown at once.

import { computed } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, outbox } from '../hearth.js';
import { toast } from '../elements/toast.js';
import { Kept, readAll } from './kept.js';
import { asItWillBe, idIn, SHOPPING } from './list.js';

/** @typedef {import('../types/wire.d.ts').Entry} Entry */

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

/** What the house answered, or that it will be sent. @param {'POST' | 'PATCH' | 'DELETE'} method @param {string} path @param {Record<string, any>} body */
export async function write(method, path, body) {
  const join = method === 'PATCH' ? { join: path } : {};
  const outcome = await outbox.add({ method, path, body, label: 'write.shopping', ...join });
  if (outcome.state === 'refused') throw outcome.problem;
  return outcome;
}

/** Writes, and says so only when the house refuses. @param {Parameters<typeof write>} parts */
export function change(...parts) {
  write(...parts).catch((error) => toast(() => explain(error), { tone: 'over', stays: true }));
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
