// The house's own work: what failed and waits for a person, what waits and runs, and what recurs.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { watch } from '../lib/watch.js';
import { Problem } from '../lib/api.js';
import { explain, explainCode } from '../lib/problems.js';
import { dateTime, now, number, relative, t } from '../lib/text.js';
import { api, store, work as house } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { chip, emptyState, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from './follow.js';
import { readJobs } from './pages.js';
import { kindWord, moment, rhythm, until } from './words.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../types/wire.d.ts').Job} Job */
/** @typedef {import('../types/wire.d.ts').Chore} Chore */
/** @typedef {import('./pages.js').Part<Job>} Jobs */

const EVERY = 15_000;
/** While something is being done; nothing tells of its end. */
const OFTEN = 3_000;

/** @param {Job} job */
function reason(job) {
  return job.reason ? explainCode(job.reason.code, job.reason.detail) : '';
}

/** What a person would tell those who wrote this. @param {Job} job */
function particulars(job) {
  const said = job.reason?.detail ?? '';
  return html`<details class="folded">
    <summary>${t('work.details')}</summary>
    ${said && said !== reason(job) ? html`<p class="small quiet">${said}</p>` : nothing}
    <p class="small quiet"><code>${[job.kind, job.reason?.code, job.request].filter(Boolean).join(' · ')}</code></p>
  </details>`;
}

/**
 * @param {Job} job
 * @param {{ retry: (job: Job) => () => void, drop: (job: Job) => () => void, still: boolean }} parts
 */
function failedRow(job, { retry, drop, still }) {
  const what = kindWord(job.kind);
  const off = String(still);
  return html`<li class="card-row still failed">
    <span class="timeline-mark over">${icon('triangle-alert')}</span>
    <span class="grow">
      <span class="row-title">${what}</span>
      <span class="reason">${reason(job)}</span>
      ${part(
        () =>
          html`<span class="row-sub"
            >${t('work.tries', { count: job.attempts })} ·
            <time datetime=${job.since_at} title=${dateTime(job.since_at)}>${relative(job.since_at)}</time></span
          >`,
      )}
      ${particulars(job)}
    </span>
    <span class="actions">
      <button class="button" type="button" aria-disabled=${off} aria-label=${t('work.retry.one', { what })} @click=${retry(job)}>
        ${icon('rotate-ccw')}${t('action.try-again')}
      </button>
      <button class="button danger-quiet" type="button" aria-disabled=${off} aria-label=${t('work.drop.one', { what })} @click=${drop(job)}>
        ${t('work.drop')}
      </button>
    </span>
  </li>`;
}

/** When a waiting job is begun, or since when it runs. @param {Job} job */
function times(job) {
  if (job.state === 'running') return t('work.since', { when: relative(job.since_at) });
  const due = job.due_at;
  if (!due || Date.parse(due) <= now.value) return t('work.next-in-line');
  return t(job.reason ? 'work.again' : 'work.due', { when: until(due) });
}

/** @param {Job} job */
function openRow(job) {
  const running = job.state === 'running';
  return html`<li class="card-row still">
    <span class="grow">
      <span class="row-title">${kindWord(job.kind)}</span>
      ${part(() => html`<span class="row-sub">${times(job)}</span>`)}
      ${job.reason ? html`<span class="row-sub">${t('work.last-try', { reason: reason(job) })}</span>` : nothing}
    </span>
    ${running
      ? chip(t('work.running'), { tone: 'info', icon: 'activity' })
      : chip(t('work.waiting'), { icon: 'clock' })}
  </li>`;
}

/** @param {Chore} chore */
function choreRow(chore) {
  const next = () => (Date.parse(chore.next_at) <= now.value ? t('work.soon') : moment(chore.next_at));
  return html`<li class="chore">
    <p><span class="row-title">${kindWord(chore.kind)}</span><span class="row-sub">${rhythm(chore.rhythm)}</span></p>
    <dl class="facts small">
      <div><dt>${t('work.last')}</dt><dd>${part(() => (chore.last_at ? moment(chore.last_at) : t('work.not-yet')))}</dd></div>
      <div><dt>${t('work.next')}</dt><dd>${part(next)}</dd></div>
    </dl>
  </li>`;
}

/** @param {Jobs} jobs @param {() => void} more */
function moreButton(jobs, more) {
  if (!jobs.next) return nothing;
  return html`<p><button class="button" type="button" @click=${more}>${t('action.show-more')}</button></p>`;
}

/** @returns {Screen} */
export function work() {
  const may = () => store.who.value === 'owner' || store.who.value === 'member';
  const pages = { failed: 1, open: 1 };
  const jobs = watch(() => readJobs(api.read, pages));
  const { inReach, load, shown, act } = sources(house, jobs);
  /** What a request is on its way for. @type {import('../lib/view.js').Signal<readonly string[]>} */
  const busy = signal([]);

  /** @param {Job} job @param {() => Promise<unknown>} ask @param {string} done */
  async function settle(job, ask, done) {
    if (busy.value.includes(job.id)) return;
    busy.value = [...busy.value, job.id];
    try {
      await ask();
      toast(() => t(done));
    } catch (error) {
      const gone = error instanceof Problem && error.code === 'unknown-job';
      toast(() => explain(error), gone ? {} : { tone: 'over' });
    }
    await load();
    busy.value = busy.value.filter((id) => id !== job.id);
    // What was pressed is gone; whoever goes by keys stays where they were.
    if (document.activeElement === document.body) document.getElementById('failed-head')?.focus({ preventScroll: true });
  }

  /** @param {Job} job */
  const retry = (job) => act(() => settle(job, () => api.post(`/api/jobs/${job.id}/retry`), 'work.retried'));
  /** @param {Job} job */
  const drop = (job) =>
    act(async () => {
      const sure = await confirmDialog({
        title: () => t('work.drop.title'),
        text: () => t('work.drop.text', { what: kindWord(job.kind) }),
        confirm: () => t('work.drop'),
      });
      if (sure) await settle(job, () => api.remove(`/api/jobs/${job.id}`), 'work.dropped');
    });
  /** @param {'failed' | 'open'} which */
  const more = (which) => () => {
    pages[which] += 1;
    void jobs.load();
  };

  /** @param {Jobs} failed */
  const failures = (failed) => {
    if (failed.items.length === 0) {
      return emptyState({ icon: 'circle-check', title: t('work.none-failed'), text: t('work.none-failed.text') });
    }
    const row = (/** @type {Job} */ job) => failedRow(job, { retry, drop, still: !inReach() || busy.value.includes(job.id) });
    return html`<ul class="card rows">
        ${list(failed.items, (job) => job.id, row)}
      </ul>
      ${moreButton(failed, more('failed'))}`;
  };

  /** @param {Jobs} open */
  const queue = (open) => {
    if (open.items.length === 0) return html`<p class="quiet">${t('work.none-open')}</p>`;
    return html`<ul class="card rows compact">
        ${list(open.items, (job) => job.id, openRow)}
      </ul>
      ${moreButton(open, more('open'))}`;
  };

  const all = () => {
    const counts = house.data.value?.jobs;
    const known = jobs.data.value;
    if (!known) return nothing;
    const open = (counts?.waiting ?? 0) + (counts?.running ?? 0);
    const zone = house.data.value?.time_zone ?? '';
    return html`<div class="columns late">
      <div class="stack wide">
        <section class="stack" aria-labelledby="failed-head">
          <h2 id="failed-head" tabindex="-1">${t('work.failed.head')} ${counts?.failed ? chip(number(counts.failed), { tone: 'over' }) : nothing}</h2>
          ${part(() => failures(known.failed))}
        </section>
        <section class="stack" aria-labelledby="open-head">
          <h2 id="open-head">${t('work.open')} ${open > 0 ? chip(number(open)) : nothing}</h2>
          ${part(() => queue(known.open))}
        </section>
      </div>
      <section class="stack" aria-labelledby="chores-head">
        <h2 id="chores-head">${t('work.chores')}</h2>
        ${chores(house.data.value?.chores ?? [])}
        <p class="small quiet">${t('work.zone', { zone: zone.replaceAll('_', ' ') })}</p>
      </section>
    </div>`;
  };

  const stop = follow({
    load,
    hear: (frame) => {
      if (frame.type.startsWith('job.')) void jobs.load();
    },
    may,
    every: () => (!inReach() || jobs.data.peek()?.open.items.length ? OFTEN : EVERY),
  });
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('work.title'), sub: t('work.sub'), back: { to: '/app/system', word: t('place.system') } })}
      ${may() ? part(() => shown(all)) : notYours()}
    </div>`;
  return { title: () => t('work.title'), view, left: stop };
}

/** @param {Chore[]} chores */
function chores(chores) {
  if (chores.length === 0) return html`<p class="quiet">${t('work.no-chores')}</p>`;
  return html`<ul class="card rows">
    ${list(chores, (chore) => chore.name, choreRow)}
  </ul>`;
}
