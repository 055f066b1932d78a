// Copies of the house: how old the newest is, all there are, one more, and the way back.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { watch } from '../lib/watch.js';
import { explain, explainCode } from '../lib/problems.js';
import { now, number, relative, t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { api, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { chip, emptyState, notice, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from './follow.js';
import { ageOf, readJobs, standOf } from './pages.js';
import { bytes, moment, quoted, until } from './words.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../types/wire.d.ts').Backups} Backups */
/** @typedef {import('../types/wire.d.ts').Backup} Backup */

const EVERY = 30_000;
const OFTEN = 3_000;
const KIND = 'house.backup';

/** What is typed on the machine itself, unless it says otherwise; the same in every language. */
const COMMAND = 'hearth-hub';
const RESTORE = 'restore';
const SAVE_ALL = 'backup hearth.tar';
const DUMP = 'pg_dump';

/** @param {string} word @param {Template} value */
function fact(word, value) {
  return html`<div><dt>${word}</dt><dd>${value}</dd></div>`;
}

/** How long ago, with a clock that may be ahead of this device's. @param {string} at */
function ago(at) {
  return relative(Math.min(Date.parse(at), now.value));
}

/** The newest, large: the one number that matters here. @param {Backups} known */
function newest(known) {
  const [last] = known.items;
  const age = ageOf(known, now.value);
  const marks = {
    fresh: chip(t('backups.fresh'), { tone: 'fresh', icon: 'circle-check' }),
    old: chip(t('backups.old'), { tone: 'over', icon: 'triangle-alert' }),
    none: chip(t('backups.none'), { tone: 'over', icon: 'triangle-alert' }),
    awaited: chip(t('backups.awaited'), { icon: 'clock' }),
  };
  return html`<div class="stack tight newest">
    <p class="quiet">${t('backups.newest')}</p>
    <p class="figure-number">${last ? html`<time datetime=${last.made_at}>${ago(last.made_at)}</time>` : t('backups.never')}</p>
    <p>${marks[age]}</p>
  </div>`;
}

/** @param {Backups} known */
function facts(known) {
  const next = known.next_at;
  const due = () => (next && Date.parse(next) <= now.value ? t('work.soon') : next && moment(next));
  return html`<dl class="facts">
    ${fact(t('backups.next'), next ? part(due) : t('backups.next.never'))}
    ${fact(t('backups.kept'), t('backups.kept.count', { count: known.keep }))}
    ${fact(t('backups.folder'), html`<code>${known.folder}</code>`)}
  </dl>`;
}

/** @param {{ ok: boolean }} reach @returns {(backup: Backup) => Template} */
const row = (reach) => (backup) => {
  const label = () => t('backups.download.one', { when: moment(backup.made_at) });
  return html`<li class="card-row still">
    <span class="timeline-mark">${icon('archive')}</span>
    <span class="grow">
      ${part(() => html`<time class="row-title" datetime=${backup.made_at}>${moment(backup.made_at)}</time>`)}
      <span class="row-sub">${bytes(backup.bytes)}</span>
    </span>
    ${reach.ok
      ? part(
          () =>
            html`<a class="button" href="/api/backups/${backup.name}" download=${backup.name} aria-label=${label()}
              >${icon('download')}${t('backups.download')}</a
            >`,
        )
      : nothing}
  </li>`;
};

/** @param {Backups} known */
function wayBack(known) {
  // What was kept on this device may be from before the house said how it is called.
  const command = known.command || COMMAND;
  const file = known.items[0] ? `${known.folder}/${known.items[0].name}` : 'hearth.tar';
  return html`<section class="card padded stack" aria-labelledby="restore-head">
    <h2 id="restore-head">${t('backups.restore')}</h2>
    <ol class="steps">
      <li>${t('backups.restore.stop')}</li>
      <li>${t('backups.restore.run')} <code class="command">${command} ${RESTORE} ${quoted(file)}</code></li>
      <li>${t('backups.restore.start')}</li>
    </ol>
    <p class="quiet">${t('backups.restore.kept')}</p>
    <p class="quiet">${t('backups.elsewhere')} <code class="command">${command} ${SAVE_ALL}</code></p>
  </section>`;
}

/** For a house whose data is kept elsewhere. @param {Backups} known */
function elsewhere(known) {
  return html`<section class="card padded stack">
    <h2>${t('backups.postgres')}</h2>
    <p>${t('backups.postgres.text', { tool: DUMP })}</p>
    <p class="quiet">${t('backups.postgres.folder')}</p>
    ${known.items.length > 0 ? html`<p class="quiet">${t('backups.postgres.before')} <code>${known.folder}</code></p>` : nothing}
  </section>`;
}

/** @returns {Screen} */
export function backups() {
  const may = () => store.me.value?.role === 'owner';
  /** @type {import('../lib/watch.js').Watched<Backups>} */
  const there = watch(() => api.read('/api/backups'));
  const jobs = watch(() => readJobs(api.read, { failed: 1, open: 1 }));
  const { inReach, load, shown, act } = sources(there, jobs);
  const asking = signal(false);
  /** The same until it has arrived, so that asking twice makes one. */
  let key = uuid();

  const stand = () => standOf(jobs.data.value ?? { failed: { items: [] }, open: { items: [] } }, KIND);

  async function make() {
    if (asking.value || stand().making) return;
    asking.value = true;
    try {
      await api.post('/api/backups', {}, { key });
      key = uuid();
    } catch (error) {
      toast(() => explain(error), { tone: 'over' });
    }
    await load();
    asking.value = false;
  }

  /** What becomes of the backup that is being made, or was to be. */
  const progress = () => {
    const { making, putOff, failed } = stand();
    if (making) return notice(t('backups.making'), { icon: 'activity' });
    if (putOff?.reason) {
      const why = explainCode(putOff.reason.code, putOff.reason.detail);
      const when = until(putOff.due_at ?? putOff.since_at);
      return notice(t('backups.put-off', { why, when }), { tone: 'soon', icon: 'triangle-alert' });
    }
    const newest = there.data.value?.items[0];
    if (!failed?.reason || (newest && newest.made_at > failed.since_at)) return nothing;
    const why = explainCode(failed.reason.code, failed.reason.detail);
    return notice(
      html`<p>${t('backups.failed', { why })}</p>
        <p><a href="/app/system/work">${t('backups.failed.see')}</a></p>`,
      { tone: 'over', icon: 'triangle-alert' },
    );
  };

  const button = () => {
    const busy = asking.value || stand().making;
    return html`<button class="button primary" type="button" aria-disabled=${String(busy || !inReach())} @click=${act(() => void make())}>
      ${icon('archive')}${t(busy ? 'backups.making.short' : 'backups.make')}
    </button>`;
  };

  /** @param {Backups} known */
  const items = (known) => {
    if (known.items.length === 0) return emptyState({ icon: 'archive', title: t('backups.empty'), text: t('backups.empty.text') });
    return html`<p class="quiet">${t('backups.secret')}</p>
      ${part(
        () =>
          html`<ul class="card rows">
            ${list(known.items, (backup) => backup.name, row({ ok: inReach() }))}
          </ul>`,
      )}`;
  };

  /** @param {Backups} known */
  const here = (known) =>
    html`<div class="columns late">
      <section class="card padded stack wide" aria-label=${t('backups.newest')}>
        ${part(() => newest(known))}
        <div role="status">${part(progress)}</div>
        <div class="actions start">${part(button)}</div>
        ${facts(known)}
      </section>
      <section class="stack beside" aria-labelledby="items-head">
        <h2 id="items-head">${t('backups.items')} ${known.items.length > 0 ? chip(number(known.items.length)) : nothing}</h2>
        ${items(known)}
      </section>
      ${wayBack(known)}
    </div>`;

  const all = () => {
    const known = there.data.value;
    if (!known) return nothing;
    return known.here ? here(known) : elsewhere(known);
  };

  const stop = follow({
    load,
    hear: (frame) => {
      if (frame.type === 'backup.made') {
        toast(() => t('backups.made'));
        void load();
      } else if (frame.type.startsWith('job.')) void jobs.load();
    },
    may,
    every: () => (!inReach() || stand().making ? OFTEN : EVERY),
  });
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('backups.title'), sub: t('backups.sub'), back: { to: '/app/system', word: t('place.system') } })}
      ${may() ? part(() => shown(all)) : notYours()}
    </div>`;
  return { title: () => t('backups.title'), view, left: stop };
}
