// Other programs that are called when something happens: added, tried, paused, changed, removed.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { chip, emptyState } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { sources } from '../system/follow.js';
import { checks, handed, orSay } from './pieces.js';
import { trying } from './trying.js';

/** @typedef {import('../types/wire.d.ts').Webhook} Webhook */
/** @typedef {import('../types/wire.d.ts').WebhookMade} WebhookMade */
/** @template T @typedef {import('../types/wire.d.ts').Page<T>} Page */

const PATH = '/api/notifications/webhooks';
/** Everything a program may hear of, in the order in which people think of it. */
const TOPICS = ['due-soon', 'expired', 'below-minimum', 'question', 'receipt-failed', 'station-offline', 'job-failed', 'backup-failed'];

/** What a program hears of. @param {Webhook} it */
function kindWords({ kinds }) {
  const heard = TOPICS.filter((kind) => kinds.includes(kind));
  if (heard.length === TOPICS.length) return t('webhook.kinds.all');
  return heard.length > 0 ? heard.map((kind) => t(`topic.${kind}`)).join(' · ') : t('webhook.kinds.none');
}

/** @param {HTMLFormElement | null} form */
function ticked(form) {
  return form ? new FormData(form).getAll('kinds').map(String) : [];
}

/**
 * A program, described in a dialog. `done` is told what was said.
 *
 * @param {{ title: () => string, known?: Webhook, submit: string, done: (said: { name: string, url: string, kinds: string[] }) => Promise<void> }} parts
 */
function describe({ title, known, submit, done }) {
  return openDialog({
    title,
    body: (close) => {
      const form = createForm({
        submit: async ({ name = '', url = '' }) => {
          await done({ name, url, kinds: ticked(document.querySelector('dialog[open] form')) });
          close();
        },
      });
      const choices = TOPICS.map((value) => ({ value, word: t(`topic.${value}`), taken: known ? known.kinds.includes(value) : true }));
      return part(() =>
        formOf(
          form,
          html`
            ${field({ form, name: 'name', label: t('webhook.name'), hint: t('webhook.name.hint'), value: known?.name ?? '', maxlength: 60 })}
            ${field({ form, name: 'url', label: t('webhook.url'), hint: t('webhook.url.hint'), value: known?.url ?? '', inputmode: 'url', maxlength: 1000 })}
            ${checks({ name: 'kinds', legend: t('webhook.kinds'), choices })}
          `,
          { submit },
        ),
      );
    },
  });
}

/** @param {WebhookMade} made */
function showSecret({ webhook, secret }) {
  return openDialog({
    title: () => t('webhook.secret.title', { name: webhook.name }),
    body: (close) => html`<div class="stack">
      ${handed({ id: 'webhook-secret', label: t('webhook.secret'), value: secret, hint: t('webhook.secret.text') })}
      <div class="actions"><button class="button primary" type="button" @click=${() => close()}>${t('webhook.secret.kept')}</button></div>
    </div>`,
  });
}

export function webhooks() {
  /** @type {import('../lib/watch.js').Watched<Page<Webhook>>} */
  const there = watch(() => api.read(PATH));
  const { inReach, load, act } = sources(there);
  const call = trying('call');
  /** Which one was called to try. @type {import('../lib/view.js').Signal<string>} */
  const tried = signal('');

  const add = () =>
    describe({
      title: () => t('webhook.add'),
      submit: t('webhook.add'),
      done: async (said) => {
        /** @type {WebhookMade} */
        const made = await api.post(PATH, said);
        await load();
        void showSecret(made);
      },
    });

  /** @param {Webhook} it @param {Partial<Webhook>} change */
  const change = (it, change) => orSay(async () => {
    await api.patch(`${PATH}/${it.id}`, { version: it.version, ...change });
    toast(() => t('saved'));
  }).finally(load);

  /** @param {Webhook} it */
  const edit = (it) =>
    describe({
      title: () => t('webhook.change'),
      known: it,
      submit: t('action.save'),
      done: async (said) => {
        await api.patch(`${PATH}/${it.id}`, { version: it.version, ...said });
        toast(() => t('saved'));
        await load();
      },
    });

  /** @param {Webhook} it */
  async function remove(it) {
    const sure = await confirmDialog({
      title: () => t('webhook.remove.title', { name: it.name }),
      text: () => t('webhook.remove.text'),
      confirm: () => t('webhook.remove'),
    });
    if (sure && (await orSay(() => api.remove(`${PATH}/${it.id}`)))) toast(() => t('webhook.removed'));
    await load();
  }

  /** @param {Webhook} it */
  function attempt(it) {
    if (call.busy.peek()) return;
    tried.value = it.id;
    void call.send({ webhook: it.id });
  }

  /** @param {Webhook} it */
  const row = (it) => html`<li class="card-row still webhook">
      <span class="timeline-mark">${icon('link')}</span>
      <span class="grow">
        <span class="row-title">${it.name} ${it.paused ? chip(t('webhook.paused')) : nothing}</span>
        <span class="row-sub long">${it.url}</span>
        <span class="row-sub">${kindWords(it)}</span>
      </span>
      <span class="actions">
        <button
          class="button"
          type="button"
          aria-label=${t('webhook.try.one', { name: it.name })}
          aria-disabled=${String(!inReach() || call.busy.value || it.paused)}
          @click=${act(() => void (it.paused || attempt(it)))}
        >
          ${t('webhook.try')}
        </button>
        ${menuButton({
          label: t('webhook.more', { name: it.name }),
          choices: [
            { word: t('webhook.change'), icon: 'pencil', run: act(() => void edit(it)) },
            { word: t(it.paused ? 'webhook.resume' : 'webhook.pause'), icon: it.paused ? 'repeat' : 'minus', run: act(() => void change(it, { paused: !it.paused })) },
            { word: t('webhook.remove'), icon: 'trash-2', tone: 'danger', run: act(() => void remove(it)) },
          ],
        })}
      </span>
      ${tried.value === it.id ? html`<div class="webhook-outcome">${part(call.view)}</div>` : nothing}
    </li>`;

  const all = () => {
    const known = there.data.value;
    if (!known) return nothing;
    return html`${known.items.length > 0
        ? html`<ul class="card rows">
            ${list(known.items, ({ id }) => id, row)}
          </ul>`
        : emptyState({ icon: 'link', title: t('webhook.none'), text: t('webhook.none.text') })}
      <div class="actions start">
        <button class="button" type="button" aria-disabled=${String(!inReach())} @click=${act(() => void add())}>${icon('plus')}${t('webhook.add')}</button>
      </div>`;
  };
  return {
    there,
    load,
    view: () => html`<section class="stack" aria-labelledby="webhooks-head">
      <h2 id="webhooks-head">${t('webhook.head')}</h2>
      <p class="quiet">${t('webhook.text')} <a href="/api/docs">${t('webhook.docs')}</a></p>
      ${all()}
    </section>`,
    left: call.left,
  };
}
