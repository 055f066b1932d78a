// Keeps the app at hand when the house is out of reach.
//
// The app's own files are kept by their addresses, so that a browser that can may take them from the shelf
// without asking here; a list beside them says what they hold, so that a new build fetches only what
// has changed. Answers of the house are kept as “what was known last”: the network comes first, for two seconds, then what
// is known is shown and the late answer told to the page. Nothing that writes is ever kept.

/** @type {any} */
const worker = self;

/** Address and digest of every file of this build; what is large and not for everybody comes later. @type {[string, string, ('later')?][]} */
const PRECACHE = /** @type {any} */ ('{{precache}}');

const SHELL = 'hearth-shell';
const KNOWN = 'hearth-known';
const LIMIT = 2000;
/** The page is called the same in every build. */
const PAGE = '/app';
/** By which name each address stands on the shelf. */
const places = new Map(PRECACHE.map(([address, digest]) => [address, address === PAGE ? `${PAGE}?${digest}` : address]));
/** Where the shelf says what the build that was put there last holds. */
const LIST = '/precache';

/**
 * What goes past, by how and where it is asked: a receipt on its way in and whatever is carried in or out as a whole or
 * printed, which is large, of which nothing is kept, and of which the page alone is told how much has gone; and what a
 * device asks about itself, which is for now only and asked with a secret.
 */
const past = /^(POST \/api\/receipts$|GET \/api\/pairing\/|[A-Z]+ \/api\/(backups\/.|labels\/.|export[./]|catalogue\/import))/;

/** Rises whenever what is known must be forgotten, so that a late answer does not bring it back. */
let era = 0;

/** @type {Promise<any> | undefined} */
let opened;
const openShelf = () => (opened ??= caches.open(SHELL));

/** Where on the shelf something is that was put there by another build, by digest. @param {any} shelf @returns {Promise<Map<string, string>>} */
async function formerly(shelf) {
  const list = await shelf.match(LIST);
  return new Map(list ? await list.json() : []);
}

async function install() {
  const shelf = await openShelf();
  const former = await formerly(shelf);
  await Promise.all(
    PRECACHE.map(async ([address, digest, later]) => {
      const place = places.get(address) ?? address;
      if (await shelf.match(place)) return;
      const before = former.get(digest);
      const kept = before && (await shelf.match(before));
      if (!kept && later) return;
      const response = kept || (await fetch(address, { cache: address === PAGE ? 'no-cache' : 'default' }));
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      await shelf.put(place, response);
    }),
  );
  await shelf.put(LIST, new Response(JSON.stringify(PRECACHE.map(([address, digest]) => [digest, places.get(address)]))));
}

/** Has the browser take files from the shelf by itself, where it knows how: each way through here takes time. @param {any} event */
async function route(event) {
  const direct = PRECACHE.filter(([address, , later]) => !later && address.startsWith('/v/'));
  const build = direct[0]?.[0].split('/', 3).join('/');
  if (!event.addRoutes || !build) return;
  const later = PRECACHE.filter(([, , later]) => later);
  const rules = [
    ...later.map(([address]) => ({ condition: { urlPattern: address }, source: 'fetch-event' })),
    { condition: { urlPattern: `${build}/*` }, source: { cacheName: SHELL } },
  ];
  // A browser that knows it differently goes on asking here.
  await event.addRoutes(rules).catch(() => {});
}

async function activate() {
  const shelf = await openShelf();
  const wanted = new Set([...places.values(), LIST]);
  for (const request of await shelf.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!wanted.has(pathname + search)) await shelf.delete(request);
  }
  await worker.clients.claim();
}

/** @param {string} address @param {Request} request */
async function fromShelf(address, request) {
  const place = places.get(address);
  if (!place) return fetch(request);
  const shelf = await openShelf();
  const kept = await shelf.match(place);
  if (kept) return kept;
  // What was left for later is at hand from now on.
  const response = await fetch(request);
  if (response.ok) await shelf.put(place, response.clone());
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
  // Who asks once more after a late answer shows what is known already, and waits.
  const late = new Promise((resolve) => void (request.cache === 'reload' || setTimeout(resolve, LIMIT)));
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
    event.respondWith(fromShelf(PAGE, request));
  } else if (url.pathname.startsWith('/v/')) {
    event.respondWith(fromShelf(url.pathname, request));
  } else if (past.test(`${request.method} ${url.pathname}`)) {
    return;
  } else if (url.pathname.startsWith('/api/') && url.pathname !== '/api/docs') {
    if (request.method === 'GET') event.respondWith(houseFirst(request, path, (work) => event.waitUntil(work)));
    else event.respondWith(write(request));
  }
}

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(Promise.all([route(event), install()])));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('fetch', answer);
worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data?.type === 'take-over') worker.skipWaiting();
});
