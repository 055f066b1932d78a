// The frame around every screen: where one can go, and the screen one is at.

import { html, nothing, part } from '../lib/view.js';
import { clockParts, now, t } from '../lib/text.js';
import { online, store } from '../hearth.js';
import { dialogHost } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { toastRegion } from '../elements/toast.js';
import '../elements/live-dot.js';
import { guardBanner } from '../reach/guarded.js';
import { divide, placesFor } from './destinations.js';

/** @typedef {import('./destinations.js').Destination} Destination */
/** @typedef {import('../lib/router.js').Router} Router */

const isAt = (/** @type {Destination} */ { id }, /** @type {string} */ at) => id === at || at.startsWith(`${id}-`);

/** @param {Destination} place @param {string} at @param {string} [kind] */
function placeLink(place, at, kind = '') {
  return html`<li class="${kind} ${place.raised ? 'raised' : ''}">
    <a class="place" href=${place.path} aria-current=${isAt(place, at) ? 'page' : nothing}>
      ${icon(place.icon)}<span>${t(`place.${place.id}`)}</span>
    </a>
  </li>`;
}

/** The time large, and small beside it which half of the day, where the language has halves. */
function clock() {
  const parts = clockParts(now.value);
  return html`<p class="clock">${parts.map(({ text, half }) => (half ? html`<small>${text}</small>` : text))}</p>`;
}

/** @param {Router} router */
function navigation(router) {
  const { bar, beyond } = divide(placesFor(store.who.value));
  const at = router.name.value;
  return html`<nav class="nav" aria-label=${t('frame.navigation')}>
    <div class="household">
      ${part(clock)}
      <p class="small quiet">${store.house.value?.name}</p>
    </div>
    <ul>
      ${bar.map((place) => placeLink(place, at))} ${beyond.map((place) => placeLink(place, at, 'beyond'))}
      ${beyond.length > 0
        ? html`<li class="more">
            ${menuButton({
              label: t('place.more'),
              kind: 'place',
              current: beyond.some((place) => isAt(place, at)),
              content: html`${icon('ellipsis')}<span>${t('place.more')}</span>`,
              choices: beyond.map((place) => ({ word: t(`place.${place.id}`), icon: place.icon, to: place.path })),
            })}
          </li>`
        : nothing}
    </ul>
    <div class="household foot"><hearth-live class="live-dot"></hearth-live></div>
  </nav>`;
}

function offlineBanner() {
  if (online.value) return nothing;
  return html`<div class="banner" role="status">${icon('wifi-off')}<p>${t('live.offline.banner')}</p></div>`;
}

/** @param {Router} router */
export function frame(router) {
  const inside = store.state.value === 'signed-in' && !router.name.value.startsWith('door-');
  const screen = router.screen.value;
  return html`<a class="skip" href="#main" @click=${skip}>${t('frame.skip')}</a>
    <div class="frame ${inside ? 'with-nav' : ''}">
      ${inside ? navigation(router) : nothing}
      <main class=${inside ? 'main' : 'door'} id="main" tabindex="-1">
        ${part(offlineBanner)} ${part(() => guardBanner(router.name.value))} ${screen ? part(() => screen.view()) : nothing}
      </main>
    </div>
    ${toastRegion()} ${part(dialogHost)}`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
