import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { createApi, Problem, Unreachable } from '../lib/api.js';
import { uuid } from '../lib/uuid.js';

/** A house that gives the answers it is told to, and remembers what it was asked. */
function house(...answers) {
  const asked = [];
  let signedOut = 0;
  const api = createApi({
    fetch: async (path, request) => {
      asked.push({ path, ...request });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(request) : answer;
    },
    uuid: () => `key-${asked.length + 1}`,
    timeout: 50,
    language: () => 'de',
    onSignedOut: () => (signedOut += 1),
  });
  return { api, asked, signedOut: () => signedOut };
}

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const problem = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } });

// The oldest Node that Debian has keeps it for itself.
globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);

test('reads and writes', async () => {
  const { api, asked } = house(json(200, { a: 1 }), json(201, { b: 2 }), json(200, { c: 3 }), new Response(null, { status: 204 }));
  assert.deepEqual(await api.get('/api/a'), { a: 1 });
  assert.deepEqual(await api.post('/api/b', { x: 'ü' }), { b: 2 });
  assert.deepEqual(await api.patch('/api/c', { version: 1 }), { c: 3 });
  assert.equal(await api.remove('/api/d'), undefined);
  assert.deepEqual(asked.map(({ method }) => method), ['GET', 'POST', 'PATCH', 'DELETE']);
  assert.equal(asked[1].body, '{"x":"ü"}');
  assert.equal(asked[1].headers.get('content-type'), 'application/json');
  assert.ok(asked.every(({ credentials }) => credentials === 'same-origin'));
  assert.ok(asked.every(({ headers }) => headers.get('accept-language') === 'de'));
});

test('every POST has a key of its own, or the one it is given', async () => {
  const { api, asked } = house(json(201, {}), json(201, {}), json(201, {}));
  await api.post('/api/x');
  await api.post('/api/x');
  await api.post('/api/x', {}, { key: 'mine' });
  assert.deepEqual(asked.map(({ headers }) => headers.get('idempotency-key')), ['key-1', 'key-2', 'mine']);
});

test('a problem says what, where and when again', async () => {
  const body = {
    title: 'Stale',
    detail: 'Somebody was faster.',
    code: 'stale-version',
    request_id: 'r1',
    errors: [{ pointer: '/name', detail: 'Too long' }],
    current: { version: 3 },
  };
  const { api } = house(problem(409, body, { 'retry-after': '3' }));
  const error = await api.patch('/api/c', {}).catch((error) => error);
  assert.ok(error instanceof Problem);
  assert.equal(error.status, 409);
  assert.equal(error.code, 'stale-version');
  assert.equal(error.message, 'Somebody was faster.');
  assert.equal(error.errors[0].pointer, '/name');
  assert.deepEqual(error.current, { version: 3 });
  assert.equal(error.retryAfter, 3);
  assert.equal(error.passing, false);
});

test('an answer that is no problem document is a problem all the same', async () => {
  const { api } = house(new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }));
  const error = await api.get('/api/a').catch((error) => error);
  assert.equal(error.status, 502);
  assert.equal(error.code, '');
  assert.equal(error.passing, true);
});

test('no network, no end and no sense are all “no answer”', async () => {
  const { api } = house(
    new TypeError('failed to fetch'),
    (request) => new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason))),
    new Response('{"half', { status: 200, headers: { 'content-type': 'application/json' } }),
  );
  // Node lets the process end while only the time limit is pending; something has to be in the way.
  const awake = setInterval(() => {}, 1000);
  for (let turn = 0; turn < 3; turn += 1) {
    assert.ok((await api.get('/api/a').catch((error) => error)) instanceof Unreachable);
  }
  clearInterval(awake);
});

test('401 means signed out, except for a password that was wrong', async () => {
  const { api, signedOut } = house(problem(401, { code: 'wrong-credentials' }), problem(401, { code: 'signed-out' }));
  await api.post('/api/session').catch(() => {});
  assert.equal(signedOut(), 0);
  await api.get('/api/house').catch(() => {});
  assert.equal(signedOut(), 1);
});

test('what was on its way while everything was forgotten is asked for as a whole', async () => {
  let arrive = () => {};
  const late = () => new Promise((resolve) => (arrive = () => resolve(json(200, { a: 1 }, { etag: '"1"' }))));
  const { api, asked } = house(late, json(200, { a: 1 }));
  const first = api.get('/api/a');
  await Promise.resolve();
  api.forget();
  arrive();
  await first;
  await api.get('/api/a');
  assert.equal(asked[1].headers.get('if-none-match'), null);
});

test('what has not changed is not sent again', async () => {
  const { api, asked } = house(
    json(200, { a: 1 }, { etag: '"1"' }),
    new Response(null, { status: 304, headers: { etag: '"1"' } }),
    json(200, { a: 2 }, { etag: '"2"' }),
  );
  await api.get('/api/a');
  assert.deepEqual(await api.get('/api/a'), { a: 1 });
  assert.equal(asked[1].headers.get('if-none-match'), '"1"');
  api.forget();
  await api.get('/api/a');
  assert.equal(asked[2].headers.get('if-none-match'), null);
});

test('an answer from the device says that it is one, and is not taken for the newest', async () => {
  const { api, asked } = house(json(200, { a: 1 }, { etag: '"1"', 'x-hearth-known': 'yesterday' }), json(200, { a: 2 }));
  const answer = await api.read('/api/a');
  assert.equal(answer.known, true);
  assert.ok((answer.asOf ?? 0) > 0, 'a time that cannot be read is no time at all');
  await api.get('/api/a');
  assert.equal(asked[1].headers.get('if-none-match'), null);
});

test('a key can be made where the browser keeps its own maker back', () => {
  const plain = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };
  const made = new Set(Array.from({ length: 100 }, () => uuid(plain)));
  assert.equal(made.size, 100);
  for (const one of made) assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(uuid({ ...plain, randomUUID: () => 'own' }), 'own');
});
