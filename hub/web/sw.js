// Keeps the app at hand when the house is out of reach.
//
// The app's own files are kept by digest: a new build fetches only what has changed. Answers of
// the house are kept as “what was known last”: the network comes first, for two seconds, then what
// is known is shown and the late answer told to the page. Nothing that writes is ever kept.

/** @type {any} */
const worker = self;

/** Address and digest of every file of this build; what is large and not for everybody comes later. @type {[string, string, ('later')?][]} */
const PRECACHE = /** @type {any} */ ('{{precache}}');

const SHELL = 'hearth-shell';
const KNOWN = 'hearth-known';
const LIMIT = 2000;
const digests = new Map(PRECACHE.map(([address, digest]) => [address, digest]));

/**
 * What goes past, by how and where it is asked: a receipt on its way in and whatever is carried in or out as a whole or
 * printed, which is large, of which nothing is kept, and of which the page alone is told how much has gone; and what a
 * device asks about itself, which is for now only and asked with a secret.
 */
const past = /^(POST \/api\/receipts$|GET \/api\/pairing\/|[A-Z]+ \/api\/(backups\/.|labels\/.|export[./]|catalogue\/import))/;

/** Rises whenever what is known must be forgotten, so that a late answer does not bring it back. */
let era = 0;

/** @param {string} digest */
const shelfKey = (digest) => new Request(`/precache/${digest}`);

async function install() {
  const shell = await caches.open(SHELL);
  await Promise.all(
    PRECACHE.map(async ([address, digest, later]) => {
      if (later || (await shell.match(shelfKey(digest)))) return;
      const response = await fetch(address, { cache: address === '/app' ? 'no-cache' : 'default' });
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      await shell.put(shelfKey(digest), response);
    }),
  );
}

async function activate() {
  const shell = await caches.open(SHELL);
  const wanted = new Set(PRECACHE.map(([, digest]) => `/precache/${digest}`));
  for (const request of await shell.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await shell.delete(request);
  }
  await worker.clients.claim();
}

/** @param {string} address @param {Request} request */
async function fromShelf(address, request) {
  const digest = digests.get(address);
  if (!digest) return fetch(request);
  const shell = await caches.open(SHELL);
  const kept = await shell.match(shelfKey(digest));
  if (kept) return kept;
  // What was left for later is at hand from now on.
  const response = await fetch(request);
  if (response.ok) await shell.put(shelfKey(digest), response.clone());
  return response;
}

async function forget() {
  era += 1;
  await caches.delete(KNOWN);
}

/** @param {Request} request @param {string} path */
async function askHouse(request, path) {
  const mine = era;
  const response = await fetch(request);
  if (mine !== era) return response;
  if (response.status === 401) {
    await forget();
  } else if (response.ok) {
    const copy = response.clone();
    if (path === '/api/session' && (await copy.clone().json()).state !== 'signed-in') await forget();
    else if (mine === era) await (await caches.open(KNOWN)).put(path, copy);
  }
  return response;
}

/** @param {string} path */
async function whatIsKnown(path) {
  const kept = await (await caches.open(KNOWN)).match(path);
  if (!kept) return undefined;
  const headers = new Headers(kept.headers);
  headers.set('x-hearth-known', kept.headers.get('date') ?? '');
  return new Response(kept.body, { status: 200, headers });
}

/** @param {string} path */
async function tellLate(path) {
  for (const page of await worker.clients.matchAll({ type: 'window' })) page.postMessage({ type: 'refreshed', path });
}

/**
 * @param {Request} request
 * @param {string} path
 * @param {(work: Promise<unknown>) => void} waitFor
 */
async function houseFirst(request, path, waitFor) {
  const asked = askHouse(request, path);
  const inTime = asked.catch(() => undefined);
  const late = new Promise((resolve) => setTimeout(resolve, LIMIT));
  const first = await Promise.race([inTime, late]);
  if (first) return first;
  const known = await whatIsKnown(path);
  if (!known) return asked;
  waitFor(asked.then(() => tellLate(path)).catch(() => {}));
  return known;
}

/** @param {Request} request */
async function write(request) {
  const response = await fetch(request);
  const { pathname } = new URL(request.url);
  if (response.ok && (pathname === '/api/session' || pathname === '/api/links/accept' || pathname.endsWith('/claim'))) await forget();
  return response;
}

/** @param {any} event */
function answer(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const path = url.pathname + url.search;
  const screen = url.pathname === '/' || /^\/app(\/|$)/.test(url.pathname);
  if (request.mode === 'navigate' && screen) {
    event.respondWith(fromShelf('/app', request));
  } else if (url.pathname.startsWith('/v/')) {
    event.respondWith(fromShelf(url.pathname, request));
  } else if (past.test(`${request.method} ${url.pathname}`)) {
    return;
  } else if (url.pathname.startsWith('/api/') && url.pathname !== '/api/docs') {
    if (request.method === 'GET') event.respondWith(houseFirst(request, path, (work) => event.waitUntil(work)));
    else event.respondWith(write(request));
  }
}

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('fetch', answer);
worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data?.type === 'take-over') worker.skipWaiting();
});
