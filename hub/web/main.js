// Where the app begins: reads who is asking, shows the screen the address names, and stays live.

import { effect, html, mount, nothing } from './lib/view.js';
import { inside, Router } from './lib/router.js';
import { learn, now, t } from './lib/text.js';
import { api, arrivedLate, live, online, open, outbox, refresh, store } from './hearth.js';
import { going } from './lib/going.js';
import { wear } from './lib/wear.js';
import { closeDialogs } from './elements/dialog.js';
import { errorState, screenHead } from './elements/pieces.js';
import { toast } from './elements/toast.js';
import { mayGo } from './frame/destinations.js';
import { frame } from './frame/frame.js';
import { followKeys } from './frame/keys.js';
import { home } from './household/home.js';
import { signIn } from './account/sign-in.js';
import { noteRefusal } from './reach/guarded.js';

/** @typedef {import('./lib/router.js').Screen} Screen */
/** @typedef {import('./lib/router.js').Route} Route */
/** @typedef {import('./lib/router.js').Make} Make */

/** A screen for those inside; others find the door and come here through it. @param {Make} make @returns {Make} */
function members(make) {
  return (arrival) => (store.state.peek() === 'signed-in' ? make(arrival) : signIn());
}

/** A screen with words, and perhaps looks, that come with it. @param {string} part @param {Make} make @param {string} [looks] @returns {Make} */
function apart(part, make, looks) {
  return async (arrival) => (await Promise.all([make(arrival), learn(part), looks && wear(looks)]))[0];
}

/** @param {Make} make */
const kitchen = (make) => members(apart('kitchen', make, 'kitchen'));
/** @param {Make} make */
const receipts = (make) => kitchen(apart('receipts', make, 'receipts'));
/** @param {Make} make */
const house = (make) => members(apart('house', make));
/** @param {string} part @returns {Route} */
const setting = (part) => ({
  name: `settings-${part}`,
  pattern: `/app/settings/${part}`,
  make: kitchen(apart('settings', async () => (await import('./settings/settings.js')).setting(part), 'settings')),
});

/** A screen of the settings that looks outside. @param {string} name @returns {Route} */
const outside = (name) => ({
  name: `settings-${name}`,
  pattern: `/app/settings/${name}`,
  make: members(apart('outside', async () => (await import(`./outside/${name}.js`)).screen(), 'outside')),
});

/** @type {(name: keyof typeof import('./account/links.js')) => Make} */
const door = (name) => async (arrival) => (await import('./account/links.js'))[name](arrival);

/** @type {Route[]} */
const routes = [
  { name: 'home', pattern: '/app/', make: members(home) },
  { name: 'stock', pattern: '/app/stock', make: kitchen(async (arrival) => (await import('./kitchen/stock.js')).stock(arrival)) },
  {
    name: 'stock-product',
    pattern: '/app/product/:id',
    make: kitchen(async (arrival) => (await import('./kitchen/product.js')).product(arrival)),
  },
  { name: 'stock-counts', pattern: '/app/stocktake', make: kitchen(async () => (await import('./kitchen/stocktake.js')).stocktakes()) },
  {
    name: 'stock-count',
    pattern: '/app/stocktake/:id/:part?',
    make: kitchen(async (arrival) => (await import('./kitchen/stocktake.js')).stocktake(arrival)),
  },
  { name: 'scan', pattern: '/app/scan', make: kitchen(async () => (await import('./kitchen/scan.js')).scan()) },
  { name: 'shopping', pattern: '/app/shopping', make: kitchen(async () => (await import('./kitchen/shopping.js')).shopping()) },
  { name: 'inbox', pattern: '/app/inbox', make: kitchen(async () => (await import('./kitchen/inbox.js')).inbox()) },
  { name: 'receipts', pattern: '/app/receipts', make: receipts(async () => (await import('./receipts/list.js')).receipts()) },
  {
    name: 'receipts-one',
    pattern: '/app/receipts/:id',
    make: receipts(async (arrival) => (await import('./receipts/receipt.js')).receipt(arrival)),
  },
  {
    name: 'people',
    pattern: '/app/people/:id?',
    make: house(async (arrival) => (await import('./household/people.js')).people(arrival)),
  },
  {
    name: 'devices',
    pattern: '/app/devices/:id?',
    make: house(async (arrival) => (await import('./devices/devices.js')).devices(arrival)),
  },
  {
    name: 'devices-labels',
    pattern: '/app/labels/:what?/:of?',
    make: kitchen(async (arrival) => (await import('./printing/printing.js')).printing(arrival)),
  },
  ...['', 'places', 'categories', 'units', 'warning', 'shop-labels', 'allergens'].map(setting),
  { name: 'you', pattern: '/app/you', make: house(async () => (await import('./you/you.js')).you()) },
  { name: 'system', pattern: '/app/system', make: house(async () => (await import('./system/system.js')).system()) },
  {
    name: 'system-work',
    pattern: '/app/system/work',
    make: house(async () => (await import('./system/work.js')).work()),
  },
  {
    name: 'system-backups',
    pattern: '/app/system/backups',
    make: house(async () => (await import('./system/backups.js')).backups()),
  },
  ...['catalogue', 'notifications', 'export', 'connections', 'demo'].map(outside),
  { name: 'door-trust', pattern: '/app/trust', make: apart('trust', async () => (await import('./reach/trust.js')).trust()) },
  { name: 'door-setup', pattern: '/app/setup', make: door('setUp') },
  { name: 'door-join', pattern: '/app/join', make: door('join') },
  { name: 'door-reset', pattern: '/app/reset', make: door('reset') },
  { name: 'door-screen', pattern: '/app/screen', make: apart('house', async () => (await import('./devices/become-screen.js')).becomeScreen()) },
  { name: 'door-enter', pattern: '/app/enter', make: door('enter') },
];

/** A screen with nothing but a word and the way home. @param {string} title @param {string} text @returns {Screen} */
function wayHome(title, text) {
  return {
    title: () => t(title),
    view: () =>
      html`<div class="screen">
        ${screenHead({ title: t(title) })}
        <p>${t(text)}</p>
        <p><a class="button primary" href="/app/">${t('missing.home')}</a></p>
      </div>`,
  };
}

const missing = () => wayHome('missing.title', 'missing.text');
const closed = () => wayHome('forbidden.title', 'problem.forbidden');

/** A route that leads home whom it is not for. @param {Route} route @returns {Route} */
function guarded(route) {
  return { ...route, make: (arrival) => (mayGo(route.name, store.who.peek()) ? route.make(arrival) : closed()) };
}

/** A screen whose files did not arrive. @returns {Screen} */
function failed() {
  return {
    title: () => t('problem.title'),
    view: () =>
      html`<div class="screen">
        ${screenHead({ title: t('problem.title') })}
        ${errorState({ title: t('problem.unreachable'), retry: () => void router.renew() })}
      </div>`,
  };
}

/** @param {Screen} screen @param {'first' | 'screen' | 'part'} moved */
function arrived(screen, moved) {
  document.title = title(screen);
  if (moved === 'first') return;
  closeDialogs();
  const detail = moved === 'part' ? document.querySelector('.pair[data-open] .pair-detail h2') : null;
  const heading = detail ?? document.querySelector('#main h1');
  if (heading instanceof HTMLElement) heading.focus({ preventScroll: moved === 'screen' });
}

/** @param {Screen} screen */
function title(screen) {
  const house = store.house.value?.name;
  return house ? `${screen.title()} · ${house}` : screen.title();
}

const router = new Router({ routes: routes.map(guarded), missing, window, arrived, failed });
going.to = (path, options) => void router.go(path, options);

function followClicks() {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const to = inside(event, link, location.origin);
    if (to === null) return;
    event.preventDefault();
    void router.go(to);
  });
  window.addEventListener('popstate', (event) => void router.popped(event));
}

/** The network and the person come and go. */
function followWorld() {
  const back = () => {
    online.value = navigator.onLine;
    if (store.state.peek() !== 'signed-in') return;
    live.nudge();
    outbox.nudge();
  };
  window.addEventListener('online', back);
  window.addEventListener('offline', () => {
    online.value = false;
    live.sever();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    now.value = Date.now();
    back();
  });
  const tick = () => {
    now.value = Date.now();
    setTimeout(tick, 30_000 - (Date.now() % 30_000) + 50);
  };
  tick();
}

/** Signing in and out changes what the same address shows. */
function followSession() {
  let before = store.state.peek();
  effect(() => {
    const state = store.state.value;
    if (state === before) return;
    before = state;
    closeDialogs();
    if (!router.name.peek().startsWith('door-')) void router.renew();
  });
  effect(() => {
    const screen = router.screen.value;
    if (screen) document.title = title(screen);
  });
}

/** A new version asks before it takes over. @param {ServiceWorkerRegistration} registration */
function offerUpdate(registration) {
  const waiting = registration.waiting;
  if (!waiting || !navigator.serviceWorker.controller) return;
  toast(() => t('update.ready'), {
    stays: true,
    action: {
      word: () => t('update.reload'),
      run: () => {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
        waiting.postMessage({ type: 'take-over' });
      },
    },
  });
}

async function followServiceWorker() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', (event) => {
    if (event.data?.type === 'refreshed') arrivedLate(event.data.path);
  });
  // A first visit was answered before the worker could listen. It asks once more, and for whole
  // answers, so that one visit is enough to know the house when it is out of reach.
  const first = () => {
    api.forget();
    void refresh();
  };
  if (!navigator.serviceWorker.controller) {
    navigator.serviceWorker.addEventListener('controllerchange', first, { once: true });
  }
  const registration = await navigator.serviceWorker.register('/sw.js', { scope: '/' });
  offerUpdate(registration);
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed') offerUpdate(registration);
    });
  });
  // On a wall nobody ever opens the page anew, and a house that was away may be back as another version.
  let wasLive = false;
  effect(() => {
    if (live.state.value !== 'live') return;
    if (wasLive) registration.update().catch(noteRefusal);
    wasLive = true;
  });
}

const root = document.getElementById('app');
if (root) {
  const rest = await open();
  const arrival = router.start();
  mount(root, () => frame(router) ?? nothing);
  followClicks();
  followWorld();
  followSession();
  followKeys(going.to, () => store.state.peek() === 'signed-in');
  await arrival;
  rest();
  // Without one the app works as long as the house is in reach.
  followServiceWorker().catch(noteRefusal);
}
