// Counting a place: which one, what is there, what that comes to, and booking it.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { language, t } from '../lib/text.js';
import { uuid7 } from '../lib/uuid7.js';
import { orAsShown, watch } from '../lib/watch.js';
import { api, arrivals, outbox } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { chip, emptyState, notice, screenHead } from '../elements/pieces.js';
import { tabs } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { moment } from '../system/words.js';
import { countAsItWillBe, differences, isToBook, onTheList, STOCKTAKES, told, waitingFor } from './counting.js';
import { countingList } from './counting-list.js';
import { reviewList } from './counting-review.js';
import { readAll } from './kept.js';
import { legible } from './scans.js';
import { amount } from './words.js';
import { listenTo, Wedge } from './wedge.js';

/** @typedef {import('../types/wire.d.ts').Place} Place */
/** @typedef {import('../types/wire.d.ts').Stocktake} Stocktake */
/** @typedef {import('../types/wire.d.ts').StocktakeEntry} Entry */
/** @typedef {import('../types/wire.d.ts').StocktakeCommitted} Committed */
/** @typedef {import('../types/wire.d.ts').Outcome} Outcome */
/** @template T @typedef {import('../lib/api.js').Answer<T>} Read */
/** @template T @typedef {import('../types/wire.d.ts').Page<T>} Page */

const EVERY = 120_000;
const RECENT = 6;
/** How long the house is left in peace before what it believes is asked for again. */
const SETTLED = 1500;
/** A large place takes its time. */
const PATIENCE = 60_000;

/** @param {unknown} error */
const refused = (error) => toast(() => explain(error), { tone: 'over', stays: true });

/** @param {string} id @param {'all' | 'rest'} [how] `rest`: where some of a surplus was used since */
async function takeBack(id, how = 'all') {
  try {
    await api.post(`${STOCKTAKES}/${id}/undo${how === 'rest' ? '?partial=true' : ''}`, {}, { timeout: PATIENCE });
    toast(() => t('count.undone'));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'partly-used') refused(error);
    else if (await confirmDialog({ title: () => t('count.rest'), text: () => t('count.rest.text'), confirm: () => t('action.undo'), tone: 'primary' })) {
      await takeBack(id, 'rest');
    }
  }
}

/** Goes on with a count that was given up or taken back. @param {string} id */
async function goOn(id) {
  try {
    await api.post(`${STOCKTAKES}/${id}/reopen`, {}, { timeout: PATIENCE });
    going.to(`/app/stocktake/${id}`);
  } catch (error) {
    refused(error);
  }
}

// The places, and the counts of late.

const places = watch(async () => {
  const { data, asOf } = await /** @type {Promise<Read<Page<Place>>>} */ (api.read('/api/places'));
  return { data: data.items, asOf };
});
const counts = watch(async () => {
  const { data, asOf } = await /** @type {Promise<Read<Page<Stocktake>>>} */ (api.read(`${STOCKTAKES}?limit=50`));
  return { data: data.items, asOf };
});

/** @param {Place} place */
async function begin(place) {
  try {
    const begun = await /** @type {Promise<Stocktake>} */ (api.post(STOCKTAKES, { place_id: place.id }));
    going.to(`/app/stocktake/${begun.id}`);
  } catch (error) {
    refused(error);
  }
}

/** @param {Place} place @param {Stocktake | undefined} open @param {(work: () => unknown) => () => void} act */
function placeRow(place, open, act) {
  const since = open ? [t('count.since', { when: moment(Date.parse(open.begun_at)) }), open.begun_by_name].filter(Boolean).join(' · ') : nothing;
  const words = html`<span class="grow"><span class="row-title">${place.name}</span><span class="row-sub">${since}</span></span>`;
  if (open) {
    return html`<li>
      <a class="card-row" href="/app/stocktake/${open.id}">${words}${chip(open.lines > 0 ? t('count.lines', { count: open.lines }) : t('count.nothing'), { tone: 'info' })}${icon('chevron-right')}</a>
    </li>`;
  }
  return html`<li class="card-row still">
    ${words}<button class="button" type="button" aria-label=${t('count.begin-of', { place: place.name })} @click=${act(() => begin(place))}>${t('count.begin')}</button>
  </li>`;
}

/** What may be done about a count that is over. @param {Stocktake} take @param {(work: () => unknown) => () => void} act */
function afterwards(take, act) {
  if (take.state === 'committed') {
    return html`<button class="button" type="button" aria-label=${t('count.undo-of', { place: take.place_name })} @click=${act(() => takeBack(take.id))}>
      ${icon('rotate-ccw')}${t('action.undo')}
    </button>`;
  }
  if (take.lines === 0) return nothing;
  return html`<button class="button" type="button" aria-label=${t('count.go-on-of', { place: take.place_name })} @click=${act(() => goOn(take.id))}>
    ${icon('list-todo')}${t('count.go-on')}
  </button>`;
}

/** @param {Stocktake} take @param {(work: () => unknown) => () => void} act */
function pastRow(take, act) {
  const when = moment(Date.parse(take.ended_at ?? take.begun_at));
  return html`<li class="card-row still">
    <span class="grow">
      <span class="row-title">${take.place_name}</span>
      <span class="row-sub">${t(`count.state.${take.state}`, { when })} · ${t('count.lines', { count: take.lines })}</span>
    </span>
    ${afterwards(take, act)}
  </li>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function stocktakes() {
  const { shown, load, act } = sources(places, counts);
  const left = follow({ load, hear: (frame) => void (frame.type.startsWith('stocktake.') && counts.load()), every: () => EVERY, may: () => true });
  const all = () => {
    const known = counts.data.value ?? [];
    // One of nothing that was given up is nothing to come back to.
    const past = known.filter(({ state, lines }) => state !== 'open' && (state !== 'dropped' || lines > 0)).slice(0, RECENT);
    const open = (/** @type {Place} */ { id }) => known.find(({ place_id, state }) => place_id === id && state === 'open');
    return html`<div class="stack">
      <ul class="card rows">${list(places.data.value ?? [], ({ id }) => id, (place) => placeRow(place, open(place), act))}</ul>
      ${past.length > 0
        ? html`<section class="stack tight" aria-labelledby="past-head">
            <h2 class="group-head" id="past-head">${t('count.past')}</h2>
            <ul class="card rows">${list(past, ({ id }) => id, (take) => pastRow(take, act))}</ul>
          </section>`
        : nothing}
    </div>`;
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('count.title'), sub: t('count.sub'), back: { to: '/app/stock', word: t('place.stock') } })}
      ${part(() => shown(() => html`${part(all)}`))}
    </div>`;
  return { title: () => t('count.title'), view, left };
}

// One count.

/** @param {import('../lib/router.js').Arrival} arrival @returns {import('../lib/router.js').Screen} */
export function stocktake({ params }) {
  const id = params.peek()['id'] ?? '';
  const base = `${STOCKTAKES}/${id}`;
  const query = signal('');
  /** `waits`: it is kept here and not sent yet. @type {import('../lib/view.js').Signal<(Outcome & { waits?: boolean }) | null>} */
  const last = signal(null);
  const gone = signal(false);
  /** @type {import('../lib/watch.js').Watched<Stocktake>} */
  const take = watch(async () => orAsShown(take.data.peek(), await /** @type {Promise<Read<Stocktake>>} */ (api.read(base))));
  /** @type {import('../lib/watch.js').Watched<Entry[]>} */
  const entries = watch(async () => {
    const now = take.data.peek();
    if (now && now.state !== 'open') return { data: [] };
    const read = (/** @type {string} */ path) => /** @type {Promise<Read<Page<Entry>>>} */ (api.read(path));
    return orAsShown(entries.data.peek(), await readAll(read, `${base}/difference?limit=500`));
  });
  const all = computed(() => countAsItWillBe(entries.data.value ?? [], outbox.waiting.value, id));
  const pending = computed(() => waitingFor(outbox.waiting.value, id));
  const { shown, act } = sources(take, entries);

  /** What the house believes is asked for once nobody counts for a moment. @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  const soon = () => {
    clearTimeout(later);
    later = setTimeout(() => void entries.load(), SETTLED);
  };
  /** @param {{ stocktake: Stocktake, line?: Entry['lines'][number], removed?: string }} news */
  const hearNews = (news) => {
    const now = take.data.peek();
    if (!now || news.stocktake.version >= now.version) take.data.value = news.stocktake;
    if (news.stocktake.state === 'open') entries.data.value = told(entries.data.peek() ?? [], news);
    soon();
  };
  /** @param {import('../types/wire.d.ts').Frame} frame */
  const hear = (frame) => {
    if (frame.type.startsWith('stocktake.') && frame.entity_id === id) hearNews(/** @type {any} */ (frame.data));
    else if (frame.type.startsWith('inventory.') || frame.type.startsWith('product.')) soon();
  };
  /** @param {import('../lib/outbox.js').Entry} write @param {any} data */
  const arrived = (write, data) => {
    if (write.path === `${base}/scan`) last.value = data;
    else if (write.path === `${base}/count`) hearNews(data);
  };
  /** @param {string} path @param {Record<string, unknown>} body @param {string} [join] */
  const write = async (path, body, join) => {
    const outcome = await outbox.add({ method: 'POST', path: `${base}${path}`, body, label: 'write.count', ...(join ? { join } : {}) });
    if (outcome.state === 'refused') refused(outcome.problem);
    return outcome.state;
  };
  const scanned = async (/** @type {string} */ code) => {
    const state = await write('/scan', { scan_id: uuid7(), code, scanned_at: new Date().toISOString() });
    // What waits is said of each, not only how many they are.
    if (state === 'kept') last.value = { scan_id: '', status: 'info', tone: 'warn', lines: [legible(code)], waits: true };
  };
  /** @param {Entry} entry @param {number} counted of what has no date of its own */
  const say = ({ product_id }, counted) =>
    void write('/count', { product_id, counted, counted_at: new Date().toISOString() }, `count-${id}-${product_id}`);
  /** @param {Entry['lines'][number]} line */
  const drop = async (line) => {
    try {
      await api.remove(`${base}/lines/${line.id}?version=${line.version}`);
    } catch (error) {
      refused(error);
    }
  };

  const commit = async () => {
    const version = take.data.peek()?.version;
    try {
      const body = { version, uncounted: gone.peek() ? 'gone' : 'leave' };
      const done = await /** @type {Promise<Committed>} */ (api.post(`${base}/commit`, body, { timeout: PATIENCE }));
      const words = () => t('count.committed', { place: done.stocktake.place_name, count: done.different });
      toast(words, { action: { word: () => t('action.undo'), run: () => void takeBack(id) } });
      going.to('/app/stocktake');
    } catch (error) {
      refused(error);
      void take.load();
      void entries.load();
    }
  };
  const giveUp = async () => {
    const text = () => t('count.give-up.text');
    // Of a count of nothing nothing is lost, and there is nothing to go on with.
    const begun = pending.peek() > 0 || isToBook(all.peek(), false);
    if (begun && !(await confirmDialog({ title: () => t('count.give-up'), text, confirm: () => t('count.give-up') }))) return;
    try {
      await api.remove(base);
      going.to('/app/stocktake');
    } catch (error) {
      refused(error);
    }
  };

  /** @param {SubmitEvent} event */
  const typed = (event) => {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.currentTarget).elements.namedItem('code'));
    const code = input.value.trim();
    input.value = '';
    if (code) void scanned(code);
  };
  const lastScan = () => {
    const outcome = last.value;
    if (!outcome) return nothing;
    const tone = outcome.tone === 'bad' ? 'over' : outcome.tone === 'warn' ? 'soon' : 'fresh';
    const otherwise = outcome.problem?.detail ?? (outcome.status === 'unknown' ? t('count.unnamed') : outcome.waits ? t('saved-here') : '');
    const figure = outcome.after === undefined ? otherwise : amount(outcome.after, outcome.unit);
    return notice(html`<strong>${outcome.product?.name ?? outcome.lines?.[0]}</strong> ${figure}`, {
      tone, icon: tone === 'fresh' ? 'circle-check' : 'triangle-alert',
    });
  };
  const counting = () =>
    html`<div class="looking">
        <form class="field" @submit=${typed}>
          <label class="label" for="field-code">${t('count.code')}</label>
          <div class="buy-add">
            <input class="input" id="field-code" name="code" type="text" maxlength="400" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="done" />
            <button class="button primary" type="submit">${t('count.add')}</button>
          </div>
        </form>
        <div class="field">
          <label class="label" for="field-search">${t('stock.search')}</label>
          <input class="input" id="field-search" type="search" autocomplete="off" .value=${query.peek()}
            @input=${(/** @type {Event} */ event) => (query.value = /** @type {HTMLInputElement} */ (event.target).value)} />
        </div>
      </div>
      <div role="status">${part(lastScan)}</div>
      ${part(() => countingList(onTheList(all.value, query.value, language.value), { say, drop }))}`;
  const booking = () =>
    isToBook(all.value, gone.value)
      ? html`<button class="button primary" type="button" ?disabled=${pending.value > 0} @click=${act(commit)}>${t('count.commit')}</button>`
      : nothing;
  const differing = () => {
    const groups = differences(onTheList(all.value, '', language.value));
    // Of scans that wait here it is said above.
    return groups.length === 0 && pending.value > 0 ? nothing : reviewList(groups, gone);
  };
  const review = () => html`${part(differing)}
    <div class="actions">
      <button class="button" type="button" @click=${act(giveUp)}>${t('count.give-up')}</button>
      ${part(booking)}
    </div>`;
  const body = () => {
    const now = take.data.value;
    if (now && now.state !== 'open') {
      const action = html`<a class="button primary" href="/app/stocktake">${t('count.another')}</a>`;
      return emptyState({ icon: 'list-todo', title: t(`count.state.${now.state}`, { when: moment(Date.parse(now.ended_at ?? now.begun_at)) }), action });
    }
    const reviews = params.value['part'] === 'review';
    const waits = () => (pending.value > 0 ? notice(t('count.waiting', { count: pending.value }), { tone: 'soon', icon: 'clock' }) : nothing);
    return html`<div class="stack">
      ${tabs({
        label: t('count.title'),
        tabs: [
          { to: `/app/stocktake/${id}`, word: t('count.tab.count'), current: !reviews },
          { to: `/app/stocktake/${id}/review`, word: t('count.tab.review'), current: reviews },
        ],
      })}
      ${part(waits)} ${reviews ? review() : counting()}
    </div>`;
  };
  const name = () => t('count.of', { place: take.data.value?.place_name ?? '' });
  const done = () => {
    const known = all.value;
    if (!entries.data.value || take.data.value?.state !== 'open') return '';
    if (known.length === 0) return pending.value > 0 ? '' : t('count.nothing');
    return t('count.progress', { done: known.filter(({ counted }) => counted !== undefined).length, all: known.length });
  };
  arrivals.add(arrived);
  const quiet = listenTo(new Wedge(), (code) => void scanned(code));
  const unfollow = follow({ load: () => void take.load().then(entries.load), hear, every: () => EVERY, may: () => true });
  const left = () => {
    clearTimeout(later);
    arrivals.delete(arrived);
    quiet();
    unfollow();
  };
  const view = () =>
    html`<div class="screen">
      ${part(() => screenHead({ title: name(), sub: part(done), back: { to: '/app/stocktake', word: t('count.title') } }))}
      ${part(() => shown(() => html`${part(body)}`))}
    </div>`;
  return { title: name, view, left };
}
