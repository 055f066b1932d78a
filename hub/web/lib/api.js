// Asking the house over HTTP.
//
// Whatever goes wrong comes back as one of two errors: `Problem`, an answer that says no and why,
// or `Unreachable`, no answer at all. A POST carries an Idempotency-Key, so asking again after a
// lost answer does the thing once.

/** @typedef {import('../types/wire.d.ts').ProblemBody} ProblemBody */

/** An answer that says no. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {Partial<ProblemBody>} body
   * @param {number} [retryAfter] seconds
   */
  constructor(status, body, retryAfter) {
    super(body.detail || body.title || `status ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? '';
    this.title = body.title ?? '';
    this.detail = body.detail ?? '';
    this.errors = body.errors ?? [];
    this.current = body.current;
    this.requestId = body.request_id ?? '';
    this.retryAfter = retryAfter ?? body.retry_after;
  }

  /** Whether the same request may be answered differently later. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer: no network, no house, or not in time. */
export class Unreachable extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('no answer', { cause });
    this.name = 'Unreachable';
  }
}

/**
 * An answer with what is known about it. `known` says it was kept from earlier, `asOf` since when
 * (milliseconds since 1970).
 *
 * @template T
 * @typedef {{ data: T, etag: string, known: boolean, asOf?: number | undefined }} Answer
 */

/**
 * @typedef {object} Parts
 * @property {typeof globalThis.fetch} fetch
 * @property {() => string} uuid
 * @property {number} [timeout] milliseconds
 * @property {() => string} [language] in which the house says what is wrong
 * @property {() => void} [onSignedOut] the house no longer knows who is asking
 */

/** @typedef {{ key?: string, timeout?: number, secret?: string }} Options `secret`: what to show instead of a sign-in */

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {Response} response */
function retryAfter(response) {
  const value = response.headers.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) ? seconds : Math.max(0, (Date.parse(value) - Date.now()) / 1000) || undefined;
}

/** @param {Response} response */
async function readJson(response) {
  const kind = response.headers.get('content-type') ?? '';
  if (response.status === 204 || !/[/+]json\b/.test(kind)) return undefined;
  return response.json();
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} path
 * @param {RequestInit} request
 * @param {number} limit milliseconds
 */
async function send(fetch, path, request, limit) {
  try {
    const signal = AbortSignal.timeout(limit);
    const response = await fetch(path, { ...request, credentials: 'same-origin', redirect: 'error', signal });
    return { response, data: await readJson(response) };
  } catch (cause) {
    throw new Unreachable(cause);
  }
}

/** @param {Parts} parts */
export function createApi({ fetch, uuid, timeout = 15_000, language = () => 'en', onSignedOut = () => {} }) {
  /** @type {Map<string, { etag: string, data: unknown }>} */
  const tagged = new Map();
  let forgotten = 0;

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body] a file is sent as it is, anything else as JSON
   * @param {Options} [options]
   * @returns {Promise<Answer<T>>}
   */
  async function ask(method, path, body, options = {}) {
    const headers = new Headers({ accept: 'application/json', 'accept-language': language() });
    const file = body instanceof Blob;
    if (body !== undefined) headers.set('content-type', file ? body.type : 'application/json');
    if (method === 'POST') headers.set('idempotency-key', options.key ?? uuid());
    if (options.secret) headers.set('authorization', `Bearer ${options.secret}`);
    const earlier = method === 'GET' ? tagged.get(path) : undefined;
    if (earlier) headers.set('if-none-match', earlier.etag);

    const before = forgotten;
    const request = { method, headers, body: body === undefined ? null : file ? body : JSON.stringify(body) };
    const { response, data } = await send(fetch, path, request, options.timeout ?? timeout);
    const etag = response.headers.get('etag') ?? '';
    if (response.status === 304 && earlier) return { data: /** @type {T} */ (earlier.data), etag, known: false };
    if (!response.ok) {
      const problem = new Problem(response.status, /** @type {ProblemBody} */ (data ?? {}), retryAfter(response));
      if (problem.status === 401 && problem.code !== 'wrong-credentials') onSignedOut();
      throw problem;
    }
    const kept = response.headers.get('x-hearth-known');
    const known = kept !== null;
    // Who forgot meanwhile wants the next answer whole.
    if (method === 'GET' && etag && !known && before === forgotten) tagged.set(path, { etag, data });
    const asOf = known ? Date.parse(kept) || Date.now() : undefined;
    return { data: /** @type {T} */ (data), etag, known, asOf };
  }

  return {
    /** The whole answer. @template T @param {string} path @returns {Promise<Answer<T>>} */
    read: (path) => ask('GET', path),
    /** @template T @param {string} path @returns {Promise<T>} */
    get: async (path) => (await /** @type {Promise<Answer<T>>} */ (ask('GET', path))).data,
    /** @template T @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<T>} */
    post: async (path, body = {}, options) =>
      (await /** @type {Promise<Answer<T>>} */ (ask('POST', path, body, options))).data,
    /** @template T @param {string} path @param {unknown} body @returns {Promise<T>} */
    patch: async (path, body) => (await /** @type {Promise<Answer<T>>} */ (ask('PATCH', path, body))).data,
    /** @param {string} path @returns {Promise<void>} */
    remove: async (path) => void (await ask('DELETE', path)),
    /** Any method; what the outbox sends with. */
    ask,
    /** Forgets the answers it remembers, for instance when someone signs out. */
    forget: () => {
      forgotten += 1;
      tagged.clear();
    },
  };
}
