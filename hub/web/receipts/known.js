// The receipts of the house as this page knows them, the latest first, page by page.

import { computed, signal } from '../lib/view.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { Kept } from '../kitchen/kept.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../types/wire.d.ts').Frame} Frame */

const PAGE = 25;

/** @type {Kept<Receipt>} */
const known = new Kept();
const wanted = signal(PAGE);

/** What the house says. @param {Receipt} receipt */
export const take = (receipt) => known.take(receipt);

/** @param {string} id */
export const forget = (id) => known.drop(id);

/** As far back as somebody wants to look; `last` is the oldest of them, where there are more. */
export const told = watch(async () => {
  const asked = known.moment;
  /** @type {Receipt[]} */
  const items = [];
  /** @type {number | undefined} */
  let asOf;
  let cursor = '';
  do {
    const path = `/api/receipts?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<Receipt>>>} */ (api.read(path));
    asOf ??= answer.asOf;
    items.push(...answer.data.items);
    cursor = answer.data.next ?? '';
  } while (cursor && items.length < wanted.peek());
  const last = cursor ? (items.at(-1)?.id ?? '') : '';
  if (asOf === undefined) known.takeAll(items, asked, ({ id }) => id >= last);
  else known.recall(items);
  return { data: { last }, asOf };
});

export const receipts = computed(() => {
  const last = told.data.value?.last ?? '';
  return known.items.value.filter(({ id }) => id >= last).sort((a, b) => (a.id < b.id ? 1 : -1));
});

export const hasMore = computed(() => Boolean(told.data.value?.last));

export function more() {
  wanted.value += PAGE;
  return told.load();
}

/** @param {Frame} frame */
export function hear({ type, entity_id: id, data }) {
  if (type === 'receipt.deleted') known.drop(id);
  else if (type.startsWith('receipt.') && data?.version) known.take(data);
}
