// Lists that come a page at a time.

import { older } from '../lib/watch.js';

/** @typedef {import('../types/wire.d.ts').Job} Job */

/**
 * @template T
 * @typedef {{ items: T[], next: string | undefined }} Part the beginning of a list, and whether there is more
 */

/**
 * The first `pages` pages of a list.
 *
 * @template T
 * @param {(path: string) => Promise<{ data: import('../types/wire.d.ts').Page<T>, asOf?: number | undefined }>} read
 * @param {string} path with a question mark in it
 * @param {number} pages
 * @returns {Promise<import('../lib/watch.js').Seen<Part<T>>>}
 */
export async function readPages(read, path, pages) {
  /** @type {T[]} */
  const items = [];
  /** @type {string | undefined} */
  let next;
  /** @type {number | undefined} */
  let asOf;
  for (let page = 0; page < pages; page += 1) {
    const answer = await read(next ? `${path}&cursor=${encodeURIComponent(next)}` : path);
    items.push(...answer.data.items);
    next = answer.data.next;
    asOf = older(asOf, answer.asOf);
    if (!next) break;
  }
  return { data: { items, next }, asOf };
}

const FAILED = '/api/jobs?state=failed&limit=50';
const OPEN = '/api/jobs?state=open&limit=50';

/**
 * What failed, and what waits and runs.
 *
 * @param {(path: string) => Promise<import('../lib/api.js').Answer<any>>} read
 * @param {{ failed: number, open: number }} pages how many of each
 */
export async function readJobs(read, pages) {
  /** @type {import('../lib/watch.js').Seen<Part<Job>>[]} */
  const [failed, open] = await Promise.all([
    readPages(read, FAILED, pages.failed),
    readPages(read, OPEN, pages.open),
  ]);
  return { data: { failed: failed.data, open: open.data }, asOf: older(failed.asOf, open.asOf) };
}

/**
 * Where a backup stands among the house's work: being made, put off after a failed try, or given up.
 *
 * @param {{ failed: { items: Job[] }, open: { items: Job[] } }} jobs
 * @param {string} kind
 */
export function standOf(jobs, kind) {
  const open = jobs.open.items.filter((job) => job.kind === kind);
  const failed = jobs.failed.items.find((job) => job.kind === kind);
  const putOff = open.find((job) => job.state === 'waiting' && job.reason);
  const making = open.some((job) => job !== putOff);
  return { making, putOff, failed };
}

const OLD = 3 * 86_400_000;

/**
 * How the newest backup stands: there, too old, not there though it should be, or not to be expected yet.
 *
 * @param {{ items: readonly { made_at: string }[], awaited: boolean }} known newest first
 * @param {number} now
 * @returns {'fresh' | 'old' | 'none' | 'awaited'}
 */
export function ageOf({ items, awaited }, now) {
  const [newest] = items;
  if (!newest) return awaited ? 'awaited' : 'none';
  return now - Date.parse(newest.made_at) > OLD ? 'old' : 'fresh';
}
