// What home shows of the kitchen: what wants attention, what was done just now, and how to begin.

import { computed, effect, html, list, nothing, part, signal, untracked } from '../lib/view.js';
import { gently } from '../lib/gently.js';
import { going } from '../lib/going.js';
import { date, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, remember, remembered, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { chip, emptyState, tile } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { linesOf, momentsOf } from './moments.js';
import { orSayWhy, questionCard } from './questions.js';
import { amount, dayInWords, due, known, unbroken } from './words.js';

/** @typedef {import('../types/wire.d.ts').Attention} Attention */
/** @typedef {import('../types/wire.d.ts').DueItem} DueItem */
/** @typedef {import('../types/wire.d.ts').Movement} Movement */
/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('./moments.js').Moment} Moment */
/** @typedef {import('./moments.js').Line} Line */

const EVERY = 120_000;
/** Furnishing takes a small machine a while. */
const PATIENCE = 120_000;
const ASKED = 2;
const DATED = 6;
const LATELY = 60;
/** So many lines are told at most, and so many pages are read for them: one act may be about everything there is. */
const [TOLD, PAGES] = [12, 10];
const [WASTED, NAMED] = [3, 4];

/** @template T @param {string} path */
const first = (path) => watch(async () => {
  const { data, asOf } = await /** @type {Promise<import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<T>>>} */ (api.read(path));
  return { data: data.items, asOf };
});

/** @type {import('../lib/watch.js').Watched<Attention>} */
const attention = watch(() => api.read('/api/attention'));
/** @type {import('../lib/watch.js').Watched<Receipt[]>} */
const unread = first('/api/receipts?state=failed&limit=10');
/** @type {import('../lib/watch.js').Watched<Receipt[]>} */
const unchecked = first('/api/receipts?state=completed&limit=10');
/** The ledger as far as it takes to tell what was done lately. @typedef {{ rows: Movement[], all: boolean }} Ledger */

/** @type {import('../lib/watch.js').Watched<Ledger>} */
const movements = watch(async () => {
  /** @type {Movement[]} */
  const rows = [];
  let [more, path] = [true, `/api/movements?limit=${LATELY}`];
  for (let page = 0; more && page < PAGES; page += 1) {
    /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<Movement>>} */
    const { data, asOf } = await api.read(path);
    rows.push(...data.items);
    more = data.next !== undefined;
    if (asOf !== undefined) return { data: { rows, all: !more }, asOf };
    if (linesOf(momentsOf(rows), !more).length >= TOLD) break;
    path = `/api/movements?limit=500&cursor=${encodeURIComponent(data.next ?? '')}`;
  }
  return { data: { rows, all: !more } };
});
/** @type {import('../lib/watch.js').Watched<import('../types/wire.d.ts').ProductBody[]>} */
const products = first('/api/products?limit=1');

const load = () => Promise.all([attention, unread, unchecked, movements, products, ...(led.peek() ? [written] : [])].map((source) => source.load()));

const look = gently(() => Promise.all([attention.load(), movements.load()]));
const papers = gently(() => Promise.all([unread.load(), unchecked.load()]));
const begin = gently(products.load);

/** @param {import('../types/wire.d.ts').Frame} frame */
function hear({ type }) {
  if (/^(inventory|question|product|scan|stock|day|shopping)\./.test(type)) look();
  if (type === 'product.archived' || (type.startsWith('product.') && untouched.peek())) begin();
  if (type.startsWith('receipt.')) papers();
  if (type === 'shopping.created' && led.peek() && !written.data.peek()?.length) void written.load();
}

/** A house in which nothing was ever scanned, written down or sent, or all of it was taken back. */
const untouched = computed(
  () =>
    products.data.value?.length === 0 &&
    movements.data.value?.rows.every(({ kind, undone_by: by }) => kind === 'undo' || by !== undefined) &&
    [unread, unchecked].every(({ data }) => !data.value?.length),
);

/** Who saw the house empty is led on, until all is done or they have had enough. */
const FIRST_STEPS = 'first-steps';
const led = signal(remembered(FIRST_STEPS) === 'yes');

/** @param {boolean} on */
function lead(on) {
  if (led.peek() === on) return;
  led.value = on;
  remember(FIRST_STEPS, on ? 'yes' : 'no');
}

/** Whether somebody wrote something down yet. @type {import('../lib/watch.js').Watched<unknown[]>} */
const written = first('/api/shopping?limit=1');

const furnishing = signal(false);

/** Puts invented things in, to be cleared away again under the settings. */
async function furnish() {
  if (furnishing.value) return;
  furnishing.value = true;
  try {
    await api.post('/api/house/demo', {}, { timeout: PATIENCE });
    toast(() => t('home.furnished'), { action: { word: () => t('home.furnished.see'), run: () => going.to('/app/settings/demo') } });
    await load();
  } finally {
    furnishing.value = false;
  }
}

/** @param {{ to?: string, icon: string, tone?: string, title: string, sub?: string | import('../lib/view.js').Template, act?: import('../lib/view.js').Template }} parts */
function row({ to, icon: mark, tone = '', title, sub, act }) {
  const inside = html`<span class="timeline-mark ${tone}">${icon(mark)}</span>
    <span class="grow">
      <span class="row-title">${title}</span>
      ${sub ? html`<span class="row-sub">${sub}</span>` : nothing}
    </span>
    ${act ?? (to ? icon('chevron-right') : nothing)}`;
  return html`<li>${to ? html`<a class="card-row" href=${to}>${inside}</a>` : html`<div class="card-row ${act ? 'acting' : ''}">${inside}</div>`}</li>`;
}

/** What could not be read comes before what waits to be looked at. @param {Receipt} receipt */
function receiptRow({ id, state, shop, day, created_at: at }) {
  const values = { day: day ? dayInWords(day, 'dayOfYear') : date(at), shop };
  return state === 'failed'
    ? row({ to: `/app/receipts/${id}`, icon: 'triangle-alert', tone: 'over', title: t('home.receipt', values), sub: t('home.receipt.failed') })
    : row({ to: `/app/receipts/${id}`, icon: 'receipt-text', title: t(shop ? 'home.receipt.check-of' : 'home.receipt.check', values) });
}

/** Stations that are away; only the household sees its devices. */
function stationsAway() {
  const away = (store.devices.value ?? []).filter(({ kind, online }) => kind === 'station' && !online);
  return away.map(({ id, name, last_seen_at: seen }) =>
    row({
      to: `/app/devices/${id}`,
      icon: 'wifi-off',
      tone: 'over',
      title: t('home.station', { name }),
      sub: seen ? part(() => t('home.seen', { when: relative(seen) })) : t('device.unseen'),
    }),
  );
}

/** @param {Attention} it */
function errands(it) {
  const names = it.missing.slice(0, NAMED).map(({ product_name }) => product_name).join(', ') + (it.below_minimum > NAMED ? ' …' : '');
  const { inbox, open_questions: questions } = it;
  const rows = [
    // Questions that are answered here lead nowhere; who goes there finds them too.
    (inbox > 0 || questions > ASKED) && row({ to: '/app/inbox', icon: 'inbox', title: t('home.inbox', { count: inbox + questions }) }),
    it.below_minimum > 0 && row({ to: '/app/shopping', icon: 'shopping-cart', title: t('home.missing', { count: it.below_minimum }), sub: names }),
    ...[...(unread.data.value ?? []), ...(unchecked.data.value ?? [])].map(receiptRow),
    ...stationsAway(),
  ].filter((one) => one !== false);
  return rows.length > 0 ? html`<ul class="card rows">${rows}</ul>` : nothing;
}

/** @param {DueItem} item */
function dueRow(item) {
  return html`<li>
    <a class="card-row" href="/app/product/${item.product_id}">
      ${tile(item.product_name, item.product_id)}
      <span class="grow">
        <span class="row-title">${item.product_name}</span>
        <span class="row-sub">${amount(item.quantity, item.unit)} · ${item.place}</span>
      </span>
      ${part(() => {
        const { tone, text } = due(item.due_on);
        const words = html`<span class="unseen">${t(`due.${item.kind}`)} </span>${text}`;
        return html`<span class=${item.estimated ? 'estimated' : ''}>${chip(words, { tone, icon: tone === 'over' ? 'triangle-alert' : 'calendar-clock' })}</span>`;
      })}
    </a>
  </li>`;
}

/** What is over, what must not be eaten later, and then the rest. @param {Attention} it */
function dates({ use_by: strict, best_before: mild }) {
  const all = [...strict.over, ...mild.over, ...[...strict.soon, ...mild.soon].sort((a, b) => a.days_left - b.days_left)];
  const count = strict.expired + mild.expired + strict.due_soon + mild.due_soon;
  if (count === 0) return nothing;
  return html`<section class="stack tight" aria-labelledby="due-head">
    <h3 class="group-head" id="due-head">${t('home.due', { count })}</h3>
    <ul class="card rows">
      ${list(all.slice(0, DATED), ({ lot_id }) => lot_id, dueRow)}
      ${count > DATED
        ? html`<li><a class="card-row" href="/app/stock#day"><span class="grow row-title">${t('home.due.all')}</span>${icon('chevron-right')}</a></li>`
        : nothing}
    </ul>
  </section>`;
}

/** @param {Attention} it */
function tooSlow({ too_slow: all }) {
  if (all.length === 0) return nothing;
  return html`<section class="stack tight" aria-labelledby="wasted-head">
    <h3 class="group-head" id="wasted-head">${t('home.wasted')}</h3>
    <ul class="card rows">
      ${all.slice(0, WASTED).map(({ product_id, product_name, text }) =>
        row({ to: `/app/product/${product_id}`, icon: 'clock', title: product_name, sub: unbroken(text) }),
      )}
      ${all.length > WASTED ? row({ to: '/app/stock#day', icon: 'ellipsis', title: t('scan.more', { count: all.length - WASTED }) }) : nothing}
    </ul>
  </section>`;
}

/** @param {Attention} it */
function asked({ questions, open_questions: count }) {
  if (count === 0) return nothing;
  return html`<ul class="stack">
    ${list(questions.slice(0, ASKED), ({ id }) => id, (question) => questionCard(question, attention.load))}
  </ul>`;
}

function wanted() {
  const it = attention.data.value;
  if (!it) return nothing;
  const parts = [asked(it), errands(it), dates(it), tooSlow(it)].filter((one) => one !== nothing);
  if (parts.length > 0) return html`<div class="stack">${parts}</div>`;
  return emptyState({ icon: 'circle-check', title: t('home.well'), text: t('home.well.text') });
}

/** Something to try with, for whoever would rather look around first. */
function invented() {
  const act = html`<button class="button" type="button" aria-disabled=${String(furnishing.value)} @click=${() => orSayWhy(furnish())}>
    ${t(furnishing.value ? 'home.first.demo.now' : 'home.first.demo.act')}
  </button>`;
  return row({ icon: 'package-open', title: t('home.first.demo'), sub: t('home.first.demo.text'), act });
}

/** What there is to begin with, for whoever is here, and what of it is done. */
function beginnings() {
  const owner = store.who.value === 'owner';
  const household = owner || store.who.value === 'member';
  const company = (store.members.value?.filter(({ revoked_at }) => !revoked_at).length ?? 0) > 1;
  return [
    { name: 'scan', to: '/app/scan', mark: 'scan-barcode', may: true, done: !untouched.value },
    { name: 'shopping', to: '/app/shopping', mark: 'shopping-cart', may: true, done: (written.data.value?.length ?? 0) > 0 },
    { name: 'station', to: '/app/devices', mark: 'monitor-smartphone', may: household, done: store.devices.value?.some(({ kind }) => kind === 'station') ?? false },
    { name: 'people', to: '/app/people', mark: 'user-plus', may: owner, done: company },
  ].filter(({ may }) => may);
}

function steps() {
  return html`<ul class="card rows">
    ${beginnings().map(({ name, to, mark, done }) =>
      row({ to, icon: done ? 'check' : mark, title: t(`home.first.${name}`), sub: t(done ? 'home.first.done' : `home.first.${name}.text`) }),
    )}
    ${untouched.value && store.who.value === 'owner' ? part(invented) : nothing}
  </ul>`;
}

/** The rest of the way, for who has begun. */
function onwards() {
  if (!led.value || untouched.value !== false || beginnings().every(({ done }) => done)) return nothing;
  return html`<section class="stack tight" aria-labelledby="first-head">
    <h3 class="group-head" id="first-head">${t('home.first')}</h3>
    ${steps()}
    <div class="actions start"><button class="button" type="button" @click=${() => lead(false)}>${t('home.first.enough')}</button></div>
  </section>`;
}

/** @param {Moment} moment */
function whoOf({ actor, person }) {
  const id = person ?? actor.replace(/^member:/, '');
  return store.members.value?.find((member) => member.id === id)?.name ?? '';
}

/** @type {Record<string, string>} */
const ICONS = {
  receive: 'plus',
  consume: 'utensils',
  spoil: 'trash-2',
  remove: 'trash-2',
  open: 'package-open',
  transfer: 'package',
  count: 'list-todo',
  undo: 'rotate-ccw',
};

/** Where one looks at what was done to many things at once. @type {Record<string, string>} */
const LEADS = { receipt: '/app/receipts', count: '/app/stocktake' };

/** @param {Line} line */
function toldTogether(line) {
  const what = line.reason === 'receipt' && line.kind === 'receive' ? 'receipt' : line.kind;
  const said = t(`moment.many.${what in MANY ? what : 'other'}`, { count: line.things });
  const names = line.names.join(', ') + (line.things > line.names.length ? ' …' : '');
  return html`<span class="timeline-mark">${icon(MANY[what] ?? 'info')}</span>
    <span class="grow ${line.undone ? 'undone' : ''}">
      <a class="plain-link row-title" href=${LEADS[what] ?? '/app/stock'}>${said}</a>
      <span class="row-sub">
        <span class="story-text">${[names, whoOf(line)].filter(Boolean).join(' · ')} · </span>${part(() => html`<time datetime=${line.at}>${relative(line.at)}</time>`)}
      </span>
    </span>`;
}

/** @param {Line} moment */
function told(moment) {
  if (moment.things > 1) return toldTogether(moment);
  const values = { amount: amount(moment.amount, moment.unit), place: moment.place };
  // What was opened stays there: how much of it says nothing.
  const kind = moment.kind === 'open' && moment.amount === 0 ? 'open-whole' : moment.kind;
  const said = known('moment', kind) === kind ? t('moment.other', values) : t(`moment.${kind}`, values);
  return html`<span class="timeline-mark">${icon(ICONS[moment.kind] ?? 'info')}</span>
    <span class="grow ${moment.undone ? 'undone' : ''}">
      <a class="plain-link row-title" href="/app/product/${moment.product}">${moment.name}</a>
      <span class="row-sub">
        <span class="story-text">${[said, whoOf(moment)].filter(Boolean).join(' · ')} · </span>${part(() => html`<time datetime=${moment.at}>${relative(moment.at)}</time>`)}
      </span>
    </span>
    <span class="story-total"><span class="unseen">${t('story.then')} </span>${amount(moment.total, moment.unit)}</span>`;
}

/** What is said of many things at once, and its mark. @type {Record<string, string>} */
const MANY = { ...ICONS, receipt: 'receipt-text' };

/** The kitchen, as home shows it while it is open. */
export function kitchenAtHome() {
  const { shown } = sources(attention, movements, products);
  // A receipt that was photographed out of reach is sent without anybody going there.
  if (remembered('receipts')) void import('../receipts/sending.js').then(({ tray }) => tray.start());
  const stop = follow({ load, hear, every: () => EVERY, may: () => true });
  const stopLeading = effect(() => {
    if (!untouched.value || store.screen.value) return;
    lead(true);
    untracked(() => void written.load());
  });
  const left = () => {
    stop();
    stopLeading();
  };
  return {
    left,
    /** Whether it shows the first steps; who else lives here is one of them. */
    beginning: computed(() => !products.data.value || untouched.value),
    /** What was done lately, to be told among what else changed. */
    lately: computed(() => {
      const { rows = [], all = true } = (!untouched.value && movements.data.value) || {};
      return linesOf(momentsOf(rows), all).map((line) => ({ key: line.id, at: line.at, view: () => told(line) }));
    }),
    view: () => html`<section class="stack" aria-labelledby="kitchen-head">
      <h2 id="kitchen-head">${t(untouched.value ? 'home.first' : 'home.attention')}</h2>
      ${part(() => shown(() => (untouched.value ? steps() : html`${part(wanted)} ${part(onwards)}`)))}
    </section>`,
  };
}

