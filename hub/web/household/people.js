// The people of the house: who they are, what they may do, and who is invited.

import { effect, html, list, nothing, part, untracked } from '../lib/view.js';
import { relative, t } from '../lib/text.js';
import { explain } from '../lib/problems.js';
import { live, refresh, store, trouble } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { chip, emptyState, errorState, screenHead, skeleton, tile } from '../elements/pieces.js';
import { standing } from '../system/follow.js';
import { people as heard } from './heard.js';
import { invitations, invite } from './invitations.js';
import { loadFood, person } from './person.js';

/** @typedef {import('../lib/router.js').Arrival} Arrival */
/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Member} Member */

/** @param {Member} member @param {string | undefined} chosen */
function row(member, chosen) {
  const you = member.id === store.myId.value;
  return html`<li>
    <a class="card-row" href="/app/people/${member.id}" aria-current=${member.id === chosen ? 'true' : nothing}>
      ${tile(member.name, member.id)}
      <span class="grow">
        <span class="row-title">${member.name}</span>
        <span class="row-sub">${t(`role.${member.role}`)}</span>
      </span>
      ${you ? chip(t('people.you')) : nothing} ${icon('chevron-right')}
    </a>
  </li>`;
}

/** @param {Member} member */
function formerRow(member) {
  return html`<li class="card-row still">
    ${tile(member.name, member.id)}
    <span class="grow">
      <span class="row-title">${member.name}</span>
      ${part(() => html`<span class="row-sub">${t('people.left', { when: relative(member.revoked_at ?? member.joined_at) })}</span>`)}
    </span>
  </li>`;
}

/** @param {string | undefined} chosen */
function lists(chosen) {
  const members = store.members.value;
  if (!members) {
    return trouble.value ? errorState({ title: explain(trouble.value), retry: () => void refresh() }) : skeleton(4);
  }
  const here = members.filter((member) => !member.revoked_at);
  const former = members.filter((member) => member.revoked_at);
  return html`<ul class="card rows">
      ${list(here, (member) => member.id, (member) => row(member, chosen))}
    </ul>
    ${store.me.value?.role === 'owner' ? invitations() : nothing}
    ${former.length > 0
      ? html`<details class="folded">
          <summary>${t('people.former', { count: former.length })}</summary>
          <ul class="card rows">
            ${list(former, (member) => member.id, formerRow)}
          </ul>
        </details>`
      : nothing}`;
}

/** @param {string | undefined} id */
function detail(id) {
  if (!id) return emptyState({ icon: 'users', title: t('people.choose') });
  const member = store.members.value?.find((member) => member.id === id);
  if (member && !member.revoked_at) return person(member);
  if (!store.members.value) return skeleton(2);
  return html`${emptyState({
    icon: 'users',
    title: t('people.gone'),
    action: html`<a class="button" href="/app/people">${t('people.back')}</a>`,
  })}`;
}

/** @param {Arrival} arrival @returns {Screen} */
export function people({ params }) {
  const stopFollowing = heard.follow();
  // Once the people are known, and again when the line is back.
  const stop = effect(() => {
    if (params.value['id'] && store.members.value && live.state.value !== 'catching-up') untracked(() => void loadFood());
  });
  const left = () => {
    stop();
    stopFollowing();
  };
  const view = () => {
    const chosen = params.value['id'];
    const owner = store.me.value?.role === 'owner';
    return html`<div class="screen">
      ${screenHead({
        title: t('place.people'),
        action: owner
          ? html`<button class="button primary" type="button" @click=${heard.act(() => void invite())}>
              ${icon('user-plus')}${t('people.invite')}
            </button>`
          : nothing,
      })}
      ${part(() => standing(heard.since()))}
      <div class="pair" ?data-open=${chosen !== undefined}>
        <div class="pair-list">${part(() => lists(params.value['id']))}</div>
        <section class="pair-detail" aria-label=${t('people.detail')}>
          <p class="back"><a class="button bare word" href="/app/people">${icon('chevron-left')}${t('people.back')}</a></p>
          ${part(() => detail(params.value['id']))}
        </section>
      </div>
    </div>`;
  };
  return { title: () => t('place.people'), view, left };
}
