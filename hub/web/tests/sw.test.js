// The service worker in a worker made of maps.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';

const source = readFileSync(new URL('../sw.js', import.meta.url), 'utf8');

class Shelf {
  kept = new Map();
  key = (request) => new URL(request.url ?? request, 'http://hearth.local').href;
  match = async (request) => this.kept.get(this.key(request))?.clone();
  put = async (request, response) => void this.kept.set(this.key(request), response);
  delete = async (request) => this.kept.delete(this.key(request));
  keys = async () => [...this.kept.keys()].map((url) => ({ url }));
}

/** One browser: its caches outlive the workers that are started in it. */
function browser() {
  const shelves = new Map();
  const caches = {
    open: async (name) => shelves.get(name) ?? shelves.set(name, new Shelf()).get(name),
    delete: async (name) => shelves.delete(name),
  };
  const house = { answers: new Map(), asked: [] };
  const told = [];
  const timers = [];

  function worker(precache) {
    const listeners = new Map();
    const Ask = class extends Request {
      constructor(path, init) {
        super(new URL(path, 'http://hearth.local'), init);
      }
    };
    const context = createContext({
      caches, Request: Ask, Response, Headers, URL, Map, Set, Promise, Error,
      location: { origin: 'http://hearth.local' },
      setTimeout: (then) => timers.push(then),
      fetch: async (request) => {
        const url = new URL(request.url ?? request, 'http://hearth.local');
        house.asked.push(`${request.method ?? 'GET'} ${url.pathname}`);
        const answer = house.answers.get(url.pathname);
        if (!answer) throw new TypeError('no network');
        return answer();
      },
    });
    context.self = {
      addEventListener: (name, listener) => listeners.set(name, listener),
      clients: { claim: async () => {}, matchAll: async () => [{ postMessage: (message) => told.push(message) }] },
      skipWaiting: () => told.push('took over'),
    };
    runInContext(source.replace("'{{precache}}'", JSON.stringify(precache)), context);
    const run = async (name, more = {}) => {
      let work;
      listeners.get(name)({ waitUntil: (promise) => (work = promise), ...more });
      await work;
    };
    const ask = async (path, { method = 'GET', mode = 'cors', cache = 'default' } = {}) => {
      let answer;
      const waits = [];
      const request = { url: `http://hearth.local${path}`, method, mode, cache };
      listeners.get('fetch')({ request, respondWith: (promise) => (answer = promise), waitUntil: (work) => waits.push(work) });
      const response = await answer;
      return { response, late: () => Promise.all(waits) };
    };
    return { install: (more) => run('install', more), activate: () => run('activate'), ask, say: (data) => listeners.get('message')({ data }) };
  }
  return { worker, house, told, timers, shelves };
}

const json = (body, status = 200) => () =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', date: 'today' } });

test('a receipt on its way passes by, so that the page can tell how much of it has gone', async () => {
  const { worker, house } = browser();
  house.answers.set('/api/receipts', json({ items: [] }));
  const at = worker([]);
  assert.equal((await at.ask('/api/receipts', { method: 'POST' })).response, undefined);
  assert.deepEqual(house.asked, []);
  assert.equal((await at.ask('/api/receipts')).response.status, 200);
});

test('what a device asks about itself passes by, and what somebody says of it does not', async () => {
  const { worker, house } = browser();
  house.answers.set('/api/pairing/1', json({ state: 'open' }));
  house.answers.set('/api/pairing/1/confirm', json({}));
  const at = worker([]);
  assert.equal((await at.ask('/api/pairing/1')).response, undefined);
  assert.equal((await at.ask('/api/pairing/1/confirm', { method: 'POST' })).response.status, 200);
});

test('a new build fetches only what has changed and drops what is gone', async () => {
  const { worker, house, shelves } = browser();
  for (const path of ['/app', '/v/1/a.js', '/v/1/b.js', '/v/2/a.js', '/v/2/b.js']) {
    house.answers.set(path, () => new Response(path));
  }
  await worker([['/app', 'p1'], ['/v/1/a.js', 'a'], ['/v/1/b.js', 'b1']]).install();
  house.asked.length = 0;
  const next = worker([['/app', 'p2'], ['/v/2/a.js', 'a'], ['/v/2/b.js', 'b2']]);
  await next.install();
  assert.deepEqual(house.asked.sort(), ['GET /app', 'GET /v/2/b.js']);
  await next.activate();
  const kept = [...shelves.get('hearth-shell').kept.keys()].map((url) => url.replace('http://hearth.local', ''));
  assert.deepEqual(kept.sort(), ['/app?p2', '/precache', '/v/2/a.js', '/v/2/b.js']);
  house.answers.clear();
  assert.equal(await (await next.ask('/v/2/a.js')).response.text(), '/v/1/a.js');
});

test('what is large comes when it is asked for, is kept then, and outlives a new build', async () => {
  const { worker, house } = browser();
  for (const path of ['/app', '/v/1/eye.wasm', '/v/2/eye.wasm']) house.answers.set(path, () => new Response(path));
  const now = worker([['/app', 'p1'], ['/v/1/eye.wasm', 'eye', 'later']]);
  await now.install();
  assert.deepEqual(house.asked, ['GET /app']);
  assert.equal(await (await now.ask('/v/1/eye.wasm')).response.text(), '/v/1/eye.wasm');
  const next = worker([['/app', 'p2'], ['/v/2/eye.wasm', 'eye', 'later']]);
  await next.install();
  await next.activate();
  house.answers.clear();
  assert.equal(await (await next.ask('/v/2/eye.wasm')).response.text(), '/v/1/eye.wasm');
});

test('a build that was never taken over is passed by, and nothing is fetched twice for it', async () => {
  const { worker, house } = browser();
  for (const build of [1, 2, 3]) house.answers.set(`/v/${build}/a.js`, () => new Response(`/v/${build}/a.js`));
  await worker([['/v/1/a.js', 'a']]).install();
  await worker([['/v/2/a.js', 'other']]).install();
  house.asked.length = 0;
  await worker([['/v/3/a.js', 'other']]).install();
  assert.deepEqual(house.asked, []);
  // What was broken off is taken up where it was.
  const again = worker([['/v/3/a.js', 'other'], ['/v/3/b.js', 'b']]);
  await assert.rejects(again.install());
  house.answers.set('/v/3/b.js', () => new Response('b'));
  await again.install();
  assert.deepEqual(house.asked, ['GET /v/3/b.js', 'GET /v/3/b.js']);
});

test('a browser that can takes files from the shelf by itself, but for those that come later', async () => {
  const { worker, house } = browser();
  house.answers.set('/app', () => new Response('page'));
  house.answers.set('/v/1/a.js', () => new Response('a'));
  const now = worker([['/app', 'p'], ['/v/1/a.js', 'a'], ['/v/1/eye.wasm', 'eye', 'later']]);
  const rules = [];
  await now.install({ addRoutes: async (given) => void rules.push(...given) });
  assert.equal(
    JSON.stringify(rules),
    JSON.stringify([
      { condition: { urlPattern: '/v/1/eye.wasm' }, source: 'fetch-event' },
      { condition: { urlPattern: '/v/1/*' }, source: { cacheName: 'hearth-shell' } },
    ]),
  );
  // One that knows it differently is no worse off.
  await now.install({ addRoutes: () => Promise.reject(new TypeError('what is a cacheName?')) });
  assert.equal(await (await now.ask('/v/1/a.js')).response.text(), 'a');
});

test('a file that is missing stops the new build, not the app', async () => {
  const { worker, house } = browser();
  house.answers.set('/app', () => new Response('', { status: 404 }));
  await assert.rejects(worker([['/app', 'p']]).install());
});

test('screens come from the shelf, other pages from the house', async () => {
  const { worker, house } = browser();
  house.answers.set('/app', () => new Response('page'));
  house.answers.set('/t/abc', () => new Response('guest'));
  const now = worker([['/app', 'p']]);
  await now.install();
  house.answers.delete('/app');
  for (const path of ['/', '/app', '/app/people/1']) {
    assert.equal(await (await now.ask(path, { mode: 'navigate' })).response.text(), 'page', path);
  }
  assert.equal((await now.ask('/t/abc', { mode: 'navigate' })).response, undefined);
});

test('what is carried in or out as a whole, and what is printed, go past the shelf', async () => {
  const { worker, house, shelves } = browser();
  house.answers.set('/api/backups', json({ items: [] }));
  const now = worker([]);
  assert.equal((await now.ask('/api/backups/hearth-20261120T023000Z.tar')).response, undefined);
  for (const path of ['/api/export.json', '/api/export/products.csv?bom=true', '/api/catalogue/import?name=x']) assert.equal((await now.ask(path)).response, undefined);
  assert.equal((await now.ask('/api/labels/commands.svg?sheet=a4')).response, undefined);
  assert.equal((await now.ask('/api/backups')).response.status, 200);
  assert.deepEqual([...shelves.get('hearth-known').kept.keys()], ['http://hearth.local/api/backups']);
});

test('the house first; what is known when it does not answer, and the late answer is told', async () => {
  const { worker, house, told, timers } = browser();
  const now = worker([]);
  house.answers.set('/api/members', json({ items: [1] }));
  const first = await now.ask('/api/members?limit=5');
  assert.equal(first.response.headers.has('x-hearth-known'), false);

  house.answers.clear();
  const gone = now.ask('/api/members?limit=5');
  await new Promise(setImmediate);
  timers.splice(0).forEach((then) => then());
  assert.equal((await gone).response.headers.get('x-hearth-known'), 'today');

  let answer;
  house.answers.set('/api/members', () => new Promise((resolve) => (answer = () => resolve(json({ items: [2] })()))));
  const slow = now.ask('/api/members?limit=5');
  await new Promise(setImmediate);
  timers.splice(0).forEach((then) => then());
  const { response, late } = await slow;
  assert.deepEqual(await response.json(), { items: [1] });
  answer();
  await late();
  assert.equal(JSON.stringify(told), JSON.stringify([{ type: 'refreshed', path: '/api/members?limit=5' }]));
});

test('who asks once more after a late answer waits for the house, and gets what is known where it is gone', async () => {
  const { worker, house, timers } = browser();
  const now = worker([]);
  house.answers.set('/api/work', json({ open: 1 }));
  await now.ask('/api/work');
  let answer;
  house.answers.set('/api/work', () => new Promise((resolve) => (answer = () => resolve(json({ open: 2 })()))));
  timers.length = 0;
  const again = now.ask('/api/work', { cache: 'reload' });
  await new Promise(setImmediate);
  timers.splice(0).forEach((then) => then());
  await new Promise(setImmediate);
  answer();
  const { response } = await again;
  assert.equal(response.headers.has('x-hearth-known'), false);
  assert.deepEqual(await response.json(), { open: 2 });

  house.answers.clear();
  const gone = await now.ask('/api/work', { cache: 'reload' });
  assert.equal(gone.response.headers.get('x-hearth-known'), 'today');
});

test('nothing is kept of writes, refusals and strangers, and signing out forgets the rest', async () => {
  const { worker, house, shelves } = browser();
  const now = worker([]);
  house.answers.set('/api/house', json({ name: 'x' }));
  house.answers.set('/api/system', json({ code: 'forbidden' }, 403));
  house.answers.set('/api/session', json({ state: 'signed-in' }));
  house.answers.set('/api/invites', json({}, 201));
  for (const path of ['/api/house', '/api/system', '/api/session']) await now.ask(path);
  await now.ask('/api/invites', { method: 'POST' });
  assert.equal(shelves.get('hearth-known').kept.size, 2);
  house.answers.set('/api/session', () => new Response(null, { status: 204 }));
  await now.ask('/api/session', { method: 'DELETE' });
  assert.equal(shelves.has('hearth-known'), false);
  house.answers.set('/api/session', json({ state: 'signed-out' }));
  await now.ask('/api/session');
  assert.equal(shelves.get('hearth-known')?.kept.size ?? 0, 0);
});

test('an answer that was on its way while somebody signed out is not kept', async () => {
  const { worker, house, shelves } = browser();
  const now = worker([]);
  let answer;
  house.answers.set('/api/members', () => new Promise((resolve) => (answer = () => resolve(json({})()))));
  house.answers.set('/api/session', () => new Response(null, { status: 204 }));
  const slow = now.ask('/api/members');
  await new Promise(setImmediate);
  await now.ask('/api/session', { method: 'DELETE' });
  answer();
  await slow;
  assert.equal(shelves.get('hearth-known')?.kept.size ?? 0, 0);
});

test('it takes over when asked to, and not before', () => {
  const { worker, told } = browser();
  const now = worker([]);
  now.say({ type: 'something' });
  assert.deepEqual(told, []);
  now.say({ type: 'take-over' });
  assert.deepEqual(told, ['took over']);
});
