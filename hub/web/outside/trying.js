// Something sent to try, and what became of it in words.

import { html, nothing, signal } from '../lib/view.js';
import { explain, explainCode } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api, store } from '../hearth.js';
import { notice } from '../elements/pieces.js';
import { readJobs } from '../system/pages.js';
import { until } from '../system/words.js';
import { followOutcome } from './telling.js';

/** @typedef {import('./telling.js').Outcome} Outcome */
/** @typedef {import('../types/wire.d.ts').NotificationSent} NotificationSent */

const EVERY = 1000;

/** @param {Outcome} outcome @param {string} what `mail` or `call` */
function told(outcome, what) {
  if ('code' in outcome) {
    const why = explainCode(outcome.code, outcome.detail);
    if (outcome.state === 'failed') return notice(t(`try.failed.${what}`, { why }), { tone: 'over', icon: 'triangle-alert' });
    return notice(t('try.put-off', { why, when: until(outcome.again ?? '') }), { tone: 'soon', icon: 'clock' });
  }
  if (outcome.state === 'arrived') return notice(t(`try.arrived.${what}`), { tone: 'fresh', icon: 'circle-check' });
  return notice(t(outcome.state === 'unsure' ? 'try.unsure' : `try.on-its-way.${what}`), { icon: 'activity' });
}

/** @param {'mail' | 'call'} what */
export function trying(what) {
  /** @type {import('../lib/view.js').Signal<Outcome | null>} */
  const outcome = signal(null);
  const trouble = signal('');
  const busy = signal(false);
  let open = true;

  /** @param {{ webhook?: string }} body */
  async function send(body) {
    if (busy.value) return;
    busy.value = true;
    trouble.value = '';
    outcome.value = null;
    try {
      /** @type {NotificationSent} */
      const { job } = await api.post('/api/notifications/test', body);
      await follow(job);
    } catch (error) {
      trouble.value = explain(error);
    }
    busy.value = false;
  }

  /** @param {string} job */
  async function follow(job) {
    // What the house works at is told to those who live there.
    if (!(store.who.peek() === 'owner' || store.who.peek() === 'member')) {
      outcome.value = { state: 'unsure' };
      return;
    }
    await followOutcome(job, {
      look: () => readJobs(api.read, { failed: 1, open: 1 }),
      wait: () => new Promise((resolve, reject) => setTimeout(open ? resolve : reject, EVERY)),
      tell: (seen) => {
        outcome.value = seen;
      },
    });
  }

  const view = () => {
    if (trouble.value) return notice(trouble.value, { tone: 'over', icon: 'triangle-alert' });
    return outcome.value ? told(outcome.value, what) : nothing;
  };
  return {
    busy,
    send,
    /** Always there, so that what appears in it is read out. */
    view: () => html`<div role="status">${view()}</div>`,
    left: () => {
      open = false;
    },
  };
}
