// What keeps a screen of the house's inner life fresh, and what it does when it cannot be.

import { effect, html, nothing, part, untracked } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { older } from '../lib/watch.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { listeners, live, online } from '../hearth.js';
import { notYours } from '../elements/not-yours.js';
import { errorState, notice, skeleton } from '../elements/pieces.js';
import { keepPlace } from '../frame/place.js';
import { toast } from '../elements/toast.js';
import { moment } from './words.js';

/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../lib/watch.js').Watched<any>} Watched */
/** @typedef {import('../types/wire.d.ts').Frame} Frame */

/**
 * Loads now, when the line goes or is back, and every so often while somebody looks; and passes on what
 * is heard. Returns how to stop.
 *
 * @param {{ load: () => unknown, hear: (frame: Frame) => void, every: () => number, may: () => boolean }} parts
 *   `may`: whether this is for the person at all; otherwise nothing is asked
 */
export function follow({ load, hear, every, may }) {
  keepPlace();
  listeners.add(hear);
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const wait = () => {
    timer = setTimeout(() => {
      if (document.visibilityState === 'visible' && may()) load();
      wait();
    }, every());
  };
  wait();
  const stop = effect(() => {
    const between = live.state.value === 'catching-up' && online.value;
    if (!between && may()) untracked(load);
  });
  if (live.state.peek() === 'catching-up' && may()) load();
  return () => {
    clearTimeout(timer);
    listeners.delete(hear);
    stop();
  };
}

/**
 * Says since when things are as shown, where that is not now; quietly, and no more, where the page already says in
 * large that it is offline and what that means.
 *
 * @param {number | undefined} at
 */
export function standing(at) {
  if (at === undefined) return nothing;
  const words = t('state.as-of', { when: moment(at) });
  return online.value ? notice(`${words} ${t('state.as-of.more')}`, { tone: 'soon', icon: 'wifi-off' }) : html`<p class="small quiet">${words}</p>`;
}

/** What a screen is made of. @param {Watched[]} sources */
export function sources(...sources) {
  const asOf = () => sources.reduce((/** @type {number | undefined} */ at, { asOf }) => older(at, asOf.value), undefined);
  const trouble = () => sources.map((source) => source.trouble.value).find(Boolean);
  const load = () => Promise.all(sources.map((source) => source.load()));
  /** Whether what is done now would arrive. */
  const inReach = () => online.value && asOf() === undefined && !trouble();
  const whole = () => sources.every((source) => source.data.value !== null);
  /**
   * The view once everything is there, or enough to begin with.
   *
   * @param {() => Template} view
   * @param {() => boolean} [enough]
   */
  const shown = (view, enough = whole) => {
    if (enough()) return html`${part(() => standing(asOf()))} ${view()}`;
    const wrong = trouble();
    if (wrong instanceof Problem && wrong.status === 403) return notYours();
    return wrong ? errorState({ title: explain(wrong), retry: () => void load() }) : skeleton(4);
  };
  /** Does something, or says why not. @param {() => unknown} work */
  const act = (work) => () => {
    if (inReach()) work();
    else toast(() => t('state.out-of-reach'), { tone: 'over' });
  };
  return { asOf, inReach, load, shown, act };
}
