// Sending a large file to the house, with how far it is and a way to stop.
//
// What is on its way goes on while other screens are looked at, as long as the page is open.

import { signal } from '#signals';
import { Problem, Unreachable } from '../lib/api.js';

/**
 * The part of a request that is used here; the browser's own tells how much of a body has left.
 *
 * @typedef {object} Request
 * @property {(method: string, url: string) => void} open
 * @property {(name: string, value: string) => void} setRequestHeader
 * @property {(body: any) => void} send
 * @property {() => void} abort
 * @property {number} status
 * @property {string} responseText
 * @property {{ onprogress: ((event: any) => void) | null }} upload
 * @property {((event: any) => void) | null} onload
 * @property {((event: any) => void) | null} onerror
 * @property {((event: any) => void) | null} onabort
 */

/** @typedef {{ name: string, sent: number, of: number }} Sending */

/** @param {string} text */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** @param {() => Request} make */
export function createSending(make) {
  /** What is on its way. @type {import('#signals').Signal<Sending | null>} */
  const now = signal(null);
  /** @type {Request | undefined} */
  let request;

  /**
   * @param {string} path
   * @param {{ name: string, size: number, type: string }} file
   * @returns {Promise<any>} the answer; undefined when somebody stopped it
   */
  function send(path, file) {
    const mine = make();
    request = mine;
    now.value = { name: file.name, sent: 0, of: file.size };
    const done = new Promise((resolve, reject) => {
      mine.upload.onprogress = ({ loaded }) => {
        now.value = { name: file.name, sent: Math.min(loaded, file.size), of: file.size };
      };
      mine.onload = () => {
        const body = read(mine.responseText);
        if (mine.status >= 200 && mine.status < 300) resolve(body);
        else reject(new Problem(mine.status, body));
      };
      mine.onerror = (event) => reject(new Unreachable(event));
      mine.onabort = () => resolve(undefined);
    });
    mine.open('POST', path);
    mine.setRequestHeader('content-type', file.type || 'application/octet-stream');
    mine.setRequestHeader('accept', 'application/json');
    mine.send(file);
    return done.finally(() => {
      request = undefined;
      now.value = null;
    });
  }

  return { now, send, stop: () => request?.abort() };
}

/** How much of it has left, in hundredths. @param {Sending} sending */
export function percentOf({ sent, of }) {
  return of > 0 ? Math.floor((sent / of) * 100) : 0;
}

/** Where a dump goes, with what is to be kept of it. @param {{ name: string, language: string, country: string }} wish */
export function importPath({ name, language, country }) {
  const query = new URLSearchParams({ name });
  const tidy = (/** @type {string} */ text) => text.split(/[\s,;]+/).filter(Boolean).join(',').toLowerCase();
  if (tidy(language)) query.set('language', tidy(language));
  if (country.trim()) query.set('country', country.split(/[,;]+/).map((one) => one.trim()).filter(Boolean).join(','));
  return `/api/catalogue/import?${query}`;
}
