// Which screen the address names, and getting from one to the next without a new page.
//
// A route is a pattern (`/app/people/:id?`) and a way to make its screen. The same screen stays
// while only its parameters change, so a list keeps its place beside a changing detail.

import { batch, signal } from '#signals';

/** @typedef {import('./view.js').Template} Template */

/**
 * A screen: what it is called, how it looks, and what to do when it is left.
 *
 * @typedef {object} Screen
 * @property {() => string} title
 * @property {() => Template} view
 * @property {() => void} [left]
 */

/** @typedef {Record<string, string | undefined>} Params */
/** @typedef {{ params: import('#signals').ReadonlySignal<Params>, token: string }} Arrival */
/** @typedef {(arrival: Arrival) => Screen | Promise<Screen>} Make */

/**
 * @typedef {object} Route
 * @property {string} name
 * @property {string} pattern
 * @property {Make} make
 */

/** @typedef {ReturnType<typeof createRouter>} Router */

/**
 * @param {string} pattern
 * @param {string} path
 * @returns {Params | null}
 */
export function match(pattern, path) {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (given.length > wanted.length) return null;
  /** @type {Params} */
  const params = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (!part.startsWith(':')) {
      if (part !== value) return null;
      continue;
    }
    const name = part.replace(/[:?]/g, '');
    if (value === undefined && !part.endsWith('?')) return null;
    try {
      params[name] = value === undefined ? undefined : decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return params;
}

/**
 * The first route that fits.
 *
 * @param {readonly Route[]} routes
 * @param {string} path
 */
export function find(routes, path) {
  for (const route of routes) {
    const params = match(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

/**
 * The address a click leads to inside the app, or null where the browser should do what it does.
 *
 * @param {Pick<MouseEvent, 'button' | 'metaKey' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'defaultPrevented'>} event
 * @param {{ href: string, target?: string, download?: string } | null} link
 * @param {string} origin
 */
export function inside(event, link, origin) {
  if (!link || event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  if ((link.target && link.target !== '_self') || link.download) return null;
  const url = new URL(link.href, origin);
  if (url.origin !== origin || !/^\/app(\/|$)/.test(url.pathname)) return null;
  return url.pathname + url.search + url.hash;
}

/**
 * @typedef {object} RouterParts
 * @property {readonly Route[]} routes
 * @property {Make} missing the screen for an address nobody knows
 * @property {Pick<Window, 'history' | 'location' | 'scrollTo' | 'scrollY' | 'addEventListener'>} window
 * @property {(screen: Screen, moved: 'first' | 'screen' | 'part') => void} arrived after the new screen is drawn
 * @property {(error: unknown) => Screen} failed when a screen could not be loaded
 */

/** @param {RouterParts} parts */
export function createRouter({ routes, missing, window, arrived, failed }) {
  /** @type {import('#signals').Signal<Screen | null>} */
  const screen = signal(null);
  const name = signal('');
  const path = signal('');
  /** @type {import('#signals').Signal<Params>} */
  let params = signal({});
  let turn = 0;
  let first = true;
  let token = '';

  /** @param {number} scroll @param {boolean} [returning] */
  async function show(scroll, returning = false) {
    const { pathname, hash } = window.location;
    const mine = ++turn;
    const found = find(routes, pathname === '/' ? '/app/' : pathname);
    const next = found?.route.name ?? 'missing';
    const secret = decodeFragment(hash);
    if (screen.value && next === name.value && next !== 'missing' && secret === token) {
      batch(() => {
        params.value = found?.params ?? {};
        path.value = pathname;
      });
      arrived(screen.value, 'part');
      // A list beside its detail keeps its place; coming back, everything does.
      if (returning) window.scrollTo(0, scroll);
      return;
    }
    const fresh = signal(found?.params ?? {});
    let made;
    try {
      made = await (found?.route.make ?? missing)({ params: fresh, token: secret });
    } catch (error) {
      made = failed(error);
    }
    if (mine !== turn) {
      made.left?.();
      return;
    }
    const before = screen.value;
    params = fresh;
    token = secret;
    batch(() => {
      screen.value = made;
      name.value = next;
      path.value = pathname;
    });
    before?.left?.();
    arrived(made, first ? 'first' : 'screen');
    first = false;
    window.scrollTo(0, scroll);
  }

  /** @param {string} to */
  function same(to) {
    return to === window.location.pathname + window.location.search + window.location.hash;
  }

  return {
    screen,
    name,
    path,
    /** Reads the address for the first time, or again after who is signed in has changed. */
    start: () => show(0),
    /** Makes the screen anew even if the address is the same. */
    renew() {
      name.value = '';
      return show(0);
    },
    /**
     * @param {string} to
     * @param {{ replace?: boolean }} [options]
     */
    go(to, { replace = false } = {}) {
      const { history } = window;
      if (replace || same(to)) {
        history.replaceState({ scroll: 0 }, '', to);
      } else {
        history.replaceState({ ...history.state, scroll: window.scrollY }, '');
        history.pushState({ scroll: 0 }, '', to);
      }
      return show(0);
    },
    /** Back or forward. @param {PopStateEvent} event */
    popped(event) {
      return show(Number(event.state?.scroll ?? 0), true);
    },
  };
}

/** @param {string} hash */
function decodeFragment(hash) {
  try {
    return decodeURIComponent(hash.replace(/^#/, ''));
  } catch {
    return '';
  }
}
