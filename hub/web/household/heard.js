// Whether what a page knows from the house is the present, and whether the house can be told anything now.

import { watch } from '../lib/watch.js';
import { api, live } from '../hearth.js';
import { follow, sources } from '../system/follow.js';

const EVERY = 60_000;

/**
 * What is read for the sake of that. Where the line stands the house is there, however long its answers take.
 *
 * @template T
 * @param {import('../lib/watch.js').Watched<T>} known
 */
export function reach(known) {
  const { act, asOf } = sources(known);
  const there = () => live.state.value === 'live';
  return {
    /** Since when things are as shown, where that is not now. */
    since: () => (there() ? undefined : asOf()),
    /** Does something, or says why not. @param {() => unknown} work */
    act: (work) => () => (there() ? work() : act(work)()),
    follow: () => follow({ load: known.load, hear: () => {}, every: () => EVERY, may: () => true }),
  };
}

/** The people themselves are in the store. */
export const people = reach(watch(() => api.read('/api/members?limit=500&revoked=true')));
