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

export class Router {
  /** @type {import('#signals').Signal<Screen | null>} */
  screen = signal(null);
  name = signal('');
  path = signal('');
  /** @type {RouterParts} */
  #parts;
  /** Belongs to the screen that is shown. @type {import('#signals').Signal<Params>} */
  #params = signal({});
  #token = '';
  #turn = 0;
  #first = true;

  /** @param {RouterParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Reads the address for the first time. */
  start() {
    return this.#show(0);
  }

  /** Makes the screen anew even if the address is the same: who is signed in has changed, say. */
  renew() {
    this.name.value = '';
    return this.#show(0);
  }

  /**
   * @param {string} to
   * @param {{ replace?: boolean }} [options]
   */
  go(to, { replace = false } = {}) {
    const { history, location, scrollY } = this.#parts.window;
    if (replace || to === location.pathname + location.search + location.hash) {
      history.replaceState({ scroll: 0 }, '', to);
    } else {
      history.replaceState({ ...history.state, scroll: scrollY }, '');
      history.pushState({ scroll: 0 }, '', to);
    }
    return this.#show(0);
  }

  /** Back or forward. @param {PopStateEvent} event */
  popped(event) {
    return this.#show(Number(event.state?.scroll ?? 0), true);
  }

  /** @param {number} scroll @param {boolean} [returning] */
  async #show(scroll, returning = false) {
    const { routes, window, arrived } = this.#parts;
    const { pathname, hash } = window.location;
    const found = find(routes, pathname === '/' ? '/app/' : pathname);
    const name = found?.route.name ?? 'missing';
    const token = decodeFragment(hash);
    const shown = this.screen.value;
    this.#turn += 1;
    if (shown && name === this.name.value && name !== 'missing' && token === this.#token) {
      batch(() => {
        this.#params.value = found?.params ?? {};
        this.path.value = pathname;
      });
      arrived(shown, 'part');
      // A list beside its detail keeps its place; coming back, everything does.
      if (returning) window.scrollTo(0, scroll);
      return;
    }
    const turn = this.#turn;
    const params = signal(found?.params ?? {});
    const made = await this.#make(found?.route.make, { params, token });
    if (turn !== this.#turn) {
      made.left?.();
      return;
    }
    this.#params = params;
    this.#token = token;
    batch(() => {
      this.screen.value = made;
      this.name.value = name;
      this.path.value = pathname;
    });
    shown?.left?.();
    arrived(made, this.#first ? 'first' : 'screen');
    this.#first = false;
    window.scrollTo(0, scroll);
  }

  /** @param {Make | undefined} make @param {Arrival} arrival */
  async #make(make, arrival) {
    try {
      return await (make ?? this.#parts.missing)(arrival);
    } catch (error) {
      return this.#parts.failed(error);
    }
  }
}

/** @param {string} hash */
function decodeFragment(hash) {
  try {
    return decodeURIComponent(hash.replace(/^#/, ''));
  } catch {
    return '';
  }
}
