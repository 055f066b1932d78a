// The tray of this page, wired to the house.

import { effect } from '../lib/view.js';
import { Problem, Unreachable } from '../lib/api.js';
import { wallClock } from '../lib/live.js';
import { deviceShelf, memoryShelf } from '../lib/shelf.js';
import { uuid } from '../lib/uuid.js';
import { live, remember, store } from '../hearth.js';
import { redrawn, smaller } from '../kitchen/smaller.js';
import { foreignPicture, kindOf, PIXELS, refusalOf, typeOf } from './intake.js';
import { take } from './known.js';
import { Tray } from './tray.js';

/** @typedef {import('./tray.js').Paper} Paper */
/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */

/** A large file over a slow line takes its time. */
const PATIENCE = 300_000;

/** @param {XMLHttpRequest} request */
function problemOf(request) {
  let body = {};
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // An answer that is none of ours: its number has to do.
  }
  return new Problem(request.status, body, Number(request.getResponseHeader('retry-after')) || undefined);
}

/**
 * Sends a file, and tells how much of it has gone; `fetch` does not.
 *
 * @param {Paper} paper
 * @param {(part: number) => void} progress
 * @returns {Promise<Receipt>}
 */
function send(paper, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/receipts');
    request.timeout = PATIENCE;
    request.setRequestHeader('content-type', paper.type);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('idempotency-key', paper.id);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onerror = request.ontimeout = request.onabort = () => reject(new Unreachable(request.statusText));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(problemOf(request));
    };
    request.send(new Blob([paper.bytes], { type: paper.type }));
  });
}

export const tray = new Tray({
  shelf: 'indexedDB' in window ? deviceShelf('hearth-receipts') : memoryShelf(),
  send,
  actor: () => store.myId.value,
  uuid,
  time: Date.now,
  after: wallClock.after,
  arrived: take,
  // Whoever opens the app later looks whether something was left here.
  waiting: (count) => remember('receipts', count > 0 ? 'waiting' : ''),
  alone: async (work) => void (await (navigator.locks ? navigator.locks.request('hearth-receipts', work) : work())),
});

effect(() => {
  if (live.state.value === 'live' && store.state.value === 'signed-in') void tray.start();
});

/**
 * Puts a file on the tray, made smaller where that helps.
 *
 * @param {File} file
 * @returns {Promise<ReturnType<typeof refusalOf>>} why it was not put there
 */
export async function choose(file) {
  const type = typeOf(file);
  /** @type {Blob | undefined} */
  let blob = file;
  if (file.size > 0 && foreignPicture(type)) blob = await redrawn(file, PIXELS);
  else if (kindOf(type) === 'picture') blob = await smaller(file, PIXELS);
  const sent = blob ? (blob === file ? type : blob.type) : type;
  const refusal = refusalOf({ type: sent, size: blob?.size ?? file.size });
  if (refusal) return refusal;
  await tray.add({ name: file.name, type: sent, bytes: await /** @type {Blob} */ (blob).arrayBuffer() });
  return undefined;
}

/** @param {string} text */
export async function chooseText(text) {
  const bytes = /** @type {ArrayBuffer} */ (new TextEncoder().encode(text).buffer);
  const refusal = refusalOf({ type: 'text/plain', size: text.trim() === '' ? 0 : bytes.byteLength });
  if (!refusal) await tray.add({ name: '', type: 'text/plain', bytes });
  return refusal;
}
