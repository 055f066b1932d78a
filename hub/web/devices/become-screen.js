// A browser that is to hang on the wall: it shows six digits and waits until somebody types them.
//
// What it asks with is kept in this page only. The token that it is given at the end is set as a cookie
// by the house, and no script ever sees it.

import { html, nothing, signal } from '../lib/view.js';
import { Problem, Unreachable } from '../lib/api.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { t, time } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { api, remember, remembered, signedIn, store } from '../hearth.js';
import { errorState, notice, skeleton } from '../elements/pieces.js';
import { doorCard } from '../account/door.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').PairingMade} PairingMade */
/** @typedef {import('../types/wire.d.ts').PairingState} PairingState */
/** @typedef {import('../types/wire.d.ts').Session} Session */

/** What this browser calls itself, always the same. */
function ownId() {
  const id = remembered('device') ?? uuid();
  remember('device', id);
  return id;
}

/** @param {string} code */
function digits(code) {
  return html`<p class="code-shown" role="img" aria-label="${t('screen.code')} ${[...code].join(' ')}">
    <span aria-hidden="true">${code.slice(0, 3)}</span><span aria-hidden="true">${code.slice(3)}</span>
  </p>`;
}

/** How long until the next look. @param {unknown} error @param {number} usual */
function pause(error, usual) {
  return (error instanceof Problem && error.retryAfter ? error.retryAfter : usual) * 1000;
}

/** @returns {Screen} */
export function becomeScreen() {
  /** @type {import('../lib/view.js').Signal<PairingMade | null>} */
  const made = signal(null);
  /** @type {import('../lib/view.js').Signal<PairingState['state']>} */
  const state = signal('waiting');
  /** @type {import('../lib/view.js').Signal<unknown>} */
  const trouble = signal(null);
  let gone = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function ask() {
    trouble.value = null;
    made.value = null;
    state.value = 'waiting';
    try {
      /** @type {PairingMade} */
      const answer = await api.post('/api/pairing', { kind: 'screen', device_id: ownId() });
      made.value = answer;
      later(answer, answer.poll_seconds * 1000);
    } catch (error) {
      trouble.value = error;
    }
  }

  /** @param {PairingMade} request @param {number} ms */
  function later(request, ms) {
    if (!gone) timer = setTimeout(() => void look(request), ms);
  }

  /** @param {PairingMade} request */
  async function look(request) {
    const path = `/api/pairing/${request.pairing_id}`;
    try {
      const { data } = await /** @type {Promise<import('../lib/api.js').Answer<PairingState>>} */ (
        api.ask('GET', path, undefined, { secret: request.secret })
      );
      trouble.value = null;
      state.value = data.state;
      if (data.state === 'confirmed') return void (await enter(request));
      if (data.state === 'waiting') later(request, request.poll_seconds * 1000);
    } catch (error) {
      // Out of reach for a moment, or asked too often: the code works all the same.
      const passes = error instanceof Unreachable || (error instanceof Problem && error.passing);
      trouble.value = error;
      if (passes) later(request, pause(error, request.poll_seconds));
      // The token was used, so this is a screen already: only the answer was lost.
      else if (state.value === 'confirmed') location.assign('/app/');
      else state.value = 'expired';
    }
  }

  /** @param {PairingMade} request */
  async function enter(request) {
    await api.post(`/api/pairing/${request.pairing_id}/claim`, { cookie: true }, { secret: request.secret });
    /** @type {Session} */
    const session = await api.get('/api/session');
    if (gone) return;
    await signedIn(session);
    going.to('/app/', { replace: true });
  }

  const again = () => html`<button class="button primary" type="button" @click=${() => void ask()}>${t('screen.again')}</button>`;
  const back = () => html`<a class="button" href="/app/">${t('screen.back')}</a>`;

  const view = () => {
    const request = made.value;
    if (!request) {
      const body = trouble.value
        ? html`${errorState({ title: explain(trouble.value), retry: () => void ask() })}${back()}`
        : skeleton(2);
      return doorCard({ title: t('screen.title'), body });
    }
    if (state.value === 'refused' || state.value === 'expired') {
      const words = state.value === 'refused' ? 'screen.refused' : 'screen.over';
      return doorCard({ title: t(words), text: t(`${words}.text`), body: html`<div class="actions">${back()}${again()}</div>` });
    }
    return doorCard({
      title: store.house.value?.name ?? t('screen.title'),
      text: t('screen.text'),
      body: html`
        ${digits(request.code)}
        <div role="status" class="stack tight">
          <p>${state.value === 'confirmed' ? t('screen.confirmed') : t('screen.waiting')}</p>
          <p class="small quiet">${t('screen.until', { time: time(request.expires_at) })}</p>
        </div>
        ${trouble.value ? notice(explain(trouble.value), { tone: 'soon', icon: 'wifi-off' }) : nothing} ${back()}
      `,
    });
  };
  void ask();
  return {
    title: () => t('screen.title'),
    view,
    left: () => {
      gone = true;
      clearTimeout(timer);
    },
  };
}
