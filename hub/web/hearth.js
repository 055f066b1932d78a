// The house as this page knows it: one of each, wired together.

import { createApi, Problem, Unreachable } from './lib/api.js';
import { createLive, wallClock } from './lib/live.js';
import { going } from './lib/going.js';
import { Outbox } from './lib/outbox.js';
import { deviceShelf, memoryShelf } from './lib/shelf.js';
import { Store, TOLD } from './lib/store.js';
import { choose, language, speak, t, timeZone, warningDays } from './lib/text.js';
import { explain, explainCode } from './lib/problems.js';
import { effect, signal, untracked } from './lib/view.js';
import { askAgain, watch } from './lib/watch.js';
import { uuid } from './lib/uuid.js';
import { toast } from './elements/toast.js';

/** @typedef {import('./types/wire.d.ts').Session} Session */
/** @typedef {import('./types/wire.d.ts').Changes} Changes */
/** @typedef {import('./types/wire.d.ts').Member} Member */
/** @typedef {import('./types/wire.d.ts').Invite} Invite */
/** @typedef {import('./types/wire.d.ts').Device} Device */
/** @typedef {import('./types/wire.d.ts').Pairing} Pairing */
/** @template T @typedef {import('./types/wire.d.ts').Page<T>} Page */

const KNOWN = 'hearth-known';

/** Paths whose answer came too late for who asked. @type {Set<string>} */
const late = new Set();

export const api = createApi({
  // What is asked again because its answer came late is shown already as it was: there is time to wait for the house.
  fetch: (path, request) => window.fetch(path, late.delete(String(path)) ? { ...request, cache: 'reload' } : request),
  uuid,
  language: () => language.peek(),
  // Whoever asked may have been somebody else, before this person came: the house says who it knows now.
  onSignedOut: () => {
    if (store.state.value === 'signed-in') void checkSession();
  },
});

/** Rises when somebody signs in or out: what was asked before then is the answer to somebody else. */
let era = 0;

/** Whether the device believes that it has a network. */
export const online = signal(navigator.onLine);

/** What could not be read at all when the page was opened. @type {import('./lib/view.js').Signal<unknown>} */
export const trouble = signal(null);

/** @returns {import('./lib/outbox.js').Shelf} */
function shelf() {
  return 'indexedDB' in window ? deviceShelf() : memoryShelf();
}

/** @type {Outbox} */
export const outbox = new Outbox({
  shelf: shelf(),
  send: deliver,
  actor: () => store.myId.value ?? store.screen.value?.id,
  uuid,
  clock: wallClock,
  time: () => Date.now(),
  random: Math.random,
  online: () => online.peek(),
  alone: async (work) => void (await (navigator.locks ? navigator.locks.request('hearth-outbox', work) : work())),
  meet: async (entry, now) => (await import('./lib/meet.js')).remaining(entry, now),
  onDone: (entry, data) => settle(entry.path, data),
  onHomeless: () => void (live.state.peek() === 'live' || toast(() => t('live.no-room'), { tone: 'over', stays: true })),
  onRefused: (entry) => {
    const why = () => explainCode(entry.refused?.code ?? '', entry.refused?.detail ?? '');
    const { about } = entry;
    const action = about && { action: { word: () => about.name, run: () => going.to(about.to) } };
    toast(() => `${t('live.refused', { what: t(entry.label) })} ${why()}`, { tone: 'over', stays: true, ...action });
  },
});

/** @type {Store} */
export const store = new Store(outbox.waiting);

/** The house's work in numbers, and what recurs. @type {import('./lib/watch.js').Watched<import('./types/wire.d.ts').Work>} */
export const work = watch(() => api.read(WORK));

/** What a screen wants to hear of while it is open. @type {Set<(frame: import('./types/wire.d.ts').Frame) => void>} */
export const listeners = new Set();

/**
 * What a screen wants to hear of answers to writes. It hears before the write is forgotten, so that nothing
 * flickers in between.
 *
 * @type {Set<(entry: import('./lib/outbox.js').Entry, data: any) => void>}
 */
export const arrivals = new Set();

/** @param {import('./lib/outbox.js').Entry} entry */
async function deliver(entry) {
  const body = entry.method === 'DELETE' ? undefined : entry.body;
  let { data } = await api.ask(entry.method, entry.path, body, { key: entry.id }).catch((error) => settledAlready(error, entry));
  const done = entry.back && data?.movements[0];
  if (done) ({ data } = await api.ask('POST', `/api/movements/${done.id}/undo`, {}, { key: entry.back }));
  for (const hear of arrivals) hear(entry, data);
  // What became of a scan is kept even where its screen is closed.
  if (entry.path.startsWith('/api/scanner/')) await import('./kitchen/scanning.js').then((scanning) => scanning.arrived(entry, data), () => {});
  return data;
}

/**
 * What somebody took off the list in the meantime stays off it, what is refused need not be undone, and nobody has to
 * be told.
 *
 * @param {unknown} error
 * @param {import('./lib/outbox.js').Entry} entry
 */
function settledAlready(error, { back }) {
  if (error instanceof Problem && (error.code === 'entry-deleted' || (back && !error.passing && error.status !== 401))) return { data: undefined };
  throw error;
}

/** A write has arrived: its answer is the newest state. @param {string} path @param {any} data */
function settle(path, data) {
  if (path === '/api/profile') store.takeMe(data);
  else if (path.startsWith('/api/house')) store.takeHouse(data);
  else if (/^\/api\/members\/[^/]+$/.test(path)) store.takeMember(data);
  else if (/^\/api\/devices\/[^/]+$/.test(path)) store.takeDevice(data);
}

export const live = createLive({
  open: (path) =>
    /** @type {import('./lib/live.js').Socket} */ (
      /** @type {unknown} */ (new WebSocket(new URL(path, location.href.replace(/^http/, 'ws'))))
    ),
  clock: wallClock,
  random: Math.random,
  onEvent: (frame) => {
    store.takeEvent(frame);
    if (frame.type.startsWith('job.')) void work.load();
    for (const hear of listeners) hear(frame);
  },
  onSnapshot: () => refresh(),
  onCredentials: () => void checkSession(),
  onStopped: (code) => {
    void checkSession().then(() => {
      if (store.state.value !== 'signed-in') return;
      toast(() => t(code === 4505 ? 'live.stopped-version' : 'live.stopped'), { tone: 'over', stays: true });
    });
  },
});

/**
 * What the device kept of an earlier answer.
 *
 * @param {string} path
 */
export async function kept(path) {
  if (!('caches' in window)) return undefined;
  const answer = await caches.match(path, { cacheName: KNOWN }).catch(() => undefined);
  return answer?.json();
}

/** Paths whose last answer was an old one. @type {Set<string>} */
const stale = new Set();

/** Paths whose newer answer was told of before the old one had arrived. @type {Set<string>} */
const overtaken = new Set();

/**
 * Asks the house. The answer may be one the device kept, when the house takes its time.
 *
 * @template T
 * @param {string} path
 * @param {(data: T) => void} take
 */
async function load(path, take) {
  overtaken.delete(path);
  const mine = era;
  let answer = await /** @type {Promise<import('./lib/api.js').Answer<T>>} */ (api.read(path));
  if (answer.known && overtaken.delete(path)) answer = await api.read(path);
  if (mine !== era) return load(path, take);
  if (answer.known) stale.add(path);
  else stale.delete(path);
  take(answer.data);
  return answer.data;
}

/**
 * Shows what the device kept, until the house has answered.
 *
 * @template T
 * @param {string} path
 * @param {import('./lib/view.js').ReadonlySignal<unknown>} shown
 * @param {(data: T) => void} take
 */
async function showKept(path, shown, take) {
  const data = await kept(path);
  if (!data || shown.peek() !== null) return;
  stale.add(path);
  take(data);
}

const SESSION = '/api/session';
const CHANGES = `/api/changes?limit=30&types=${TOLD}`;
const MEMBERS = '/api/members?limit=500&revoked=true';
const INVITES = '/api/invites?limit=500';
const DEVICES = '/api/devices?limit=500';
const ASKING = '/api/pairing';
const WORK = '/api/work';

/** Read while the rest of the page is still being put together. @type {Promise<Session | undefined>} */
const sessionBefore = kept(SESSION);

/** @param {Page<Member>} page */
const takeMembers = (page) => store.takeMembers(page.items);
/** @param {Changes} answer */
const takeChanges = (answer) => store.takeChanges(answer);
/** @param {Page<Invite>} page */
const takeInvites = (page) => store.takeInvites(page.items);
/** @param {Page<Device>} page */
const takeDevices = (page) => store.takeDevices(page.items);
/** @param {Page<Pairing>} page */
const takeAsking = (page) => store.takeAsking(page.items);

async function loadHouse() {
  const who = store.who.peek();
  const household = who === 'owner' || who === 'member';
  await Promise.all([
    who === 'screen' ? undefined : load(MEMBERS, takeMembers),
    who === 'owner' ? load(INVITES, takeInvites) : undefined,
    household ? load(DEVICES, takeDevices) : undefined,
    household ? load(ASKING, takeAsking) : undefined,
    household ? work.load() : undefined,
  ]);
}

/** What the device kept of the house, at once and all together. */
async function showKeptHouse() {
  await Promise.all([
    showKept(CHANGES, store.changes, takeChanges),
    showKept(MEMBERS, store.members, takeMembers),
    showKept(INVITES, store.invites, takeInvites),
    showKept(DEVICES, store.devices, takeDevices),
  ]);
}

/** Reads everything again. */
export async function refresh() {
  try {
    await load(SESSION, (/** @type {Session} */ session) => void take(session));
    if (store.state.value !== 'signed-in') return;
    await load(CHANGES, takeChanges);
    await loadHouse();
    trouble.value = null;
  } catch (error) {
    if (!(error instanceof Unreachable)) toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {Session} session */
async function take(session) {
  const before = store.state.peek();
  store.takeSession(session);
  if (before === 'signed-in' && session.state !== 'signed-in') await signedOut();
}

async function checkSession() {
  try {
    await load(SESSION, (/** @type {Session} */ session) => void take(session));
  } catch {
    // Not reachable: nobody is signed out for that.
  }
}

/**
 * Opens the house: who is asking, in which language, and what do we know. Answers with what is left to do once
 * the first screen is there: where the device knows who is asking, that one comes first.
 */
export async function open() {
  followMe();
  const spoken = speak(choose([remembered('language'), ...navigator.languages]));
  const before = await sessionBefore;
  const known = before?.state === 'signed-in';
  if (known) {
    // Old until the house has answered; where it does not, the live channel's first word asks again.
    stale.add(SESSION);
    store.takeSession(before);
    void checkSession();
  } else {
    await firstSession();
  }
  await spoken;
  const rest = () => void (store.state.peek() === 'signed-in' && settleIn());
  if (!known) rest();
  return known ? rest : () => {};
}

async function firstSession() {
  try {
    await load(SESSION, (/** @type {Session} */ session) => store.takeSession(session));
  } catch (error) {
    trouble.value = error;
  }
}

/** Reads the house and follows it from there on. */
async function settleIn() {
  void outbox.start().catch(() => {});
  void showKeptHouse().catch(() => {});
  /** @type {import('./types/wire.d.ts').Head | undefined} */
  let head;
  try {
    head = (await load(CHANGES, takeChanges)).head;
  } catch (error) {
    trouble.value = error;
  }
  // Where the position is an old one, the channel says what has to be read again.
  live.start(stale.has(CHANGES) ? undefined : head);
  try {
    await loadHouse();
    trouble.value = null;
  } catch (error) {
    trouble.value = error;
  }
}

/** Somebody has signed in. @param {Session} session */
export async function signedIn(session) {
  era += 1;
  api.forget();
  store.takeSession(session);
  if (store.me.peek()) await speak(choose([store.me.peek()?.language]));
  void settleIn();
  // The answer to a write is never kept on the device; this one is wanted there.
  void checkSession();
}

/** Signs out here; what was kept of the house is forgotten. */
export async function signOut() {
  await api.remove('/api/session');
  await signedOut();
}

async function signedOut() {
  era += 1;
  live.stop();
  api.forget();
  work.forget();
  remember('scans', '');
  if ('caches' in window) await caches.delete(KNOWN);
  store.takeSession({ state: 'signed-out', house: store.house.peek() ?? undefined });
}

/**
 * Makes a change that survives a lost connection and says what became of it.
 *
 * @param {import('./lib/outbox.js').Write} write
 * @param {() => void} [undo]
 * @returns {Promise<any>} what the house answered, if it did
 * @throws {import('./lib/api.js').Problem} when the house refused
 */
export async function save(write, undo) {
  const outcome = await outbox.add(write);
  if (outcome.state === 'refused') throw outcome.problem;
  const text = () => t(outcome.state === 'done' ? 'saved' : 'saved-here');
  toast(text, undo ? { action: { word: () => t('action.undo'), run: undo } } : {});
  return outcome.state === 'done' ? outcome.data : undefined;
}

/** @param {string} name */
export function remembered(name) {
  try {
    return localStorage.getItem(`hearth.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`hearth.${name}`, value);
  } catch {
    // A browser that keeps nothing asks the house again next time.
  }
}

/** The two colours of the window around the page, as the page names them: light, then dark. */
const edges = [...document.querySelectorAll('meta[name="theme-color"]')].map((meta) => ({
  meta,
  own: meta.getAttribute('content') ?? '',
}));

/** @param {string} theme */
function dress(theme) {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  const forced = theme === 'system' ? undefined : edges[theme === 'dark' ? 1 : 0]?.own;
  for (const { meta, own } of edges) meta.setAttribute('content', forced ?? own);
}

/** Language, theme and time zone follow the person and the house. */
function followMe() {
  effect(() => {
    const me = store.me.value;
    if (!me) return;
    remember('language', me.language);
    remember('theme', me.theme);
    if (me.language !== language.peek()) void speak(choose([me.language]));
  });
  effect(() => {
    dress(store.me.value?.theme ?? remembered('theme') ?? 'system');
  });
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    timeZone.value = store.house.value?.time_zone;
    warningDays.value = store.house.value?.warning_days ?? 3;
  });
  effect(() => {
    if (live.state.value !== 'live') return;
    untracked(() => {
      outbox.nudge();
      if (stale.size > 0) void refresh();
    });
  });
}

/** An old answer was shown because the house took its time; now the new one is there. @param {string} path */
export function arrivedLate(path) {
  late.add(path);
  if (stale.has(path)) void refresh();
  else overtaken.add(path);
  askAgain();
}
