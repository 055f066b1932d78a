// Who is told what, when and where: letters for people, calls for other programs.

import { html, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { notice } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { checks, head, settingLines, timeField } from './pieces.js';
import { changeOf, fieldOf, NIGHT } from './telling.js';
import { trying } from './trying.js';
import { webhooks } from './webhooks.js';

/** @typedef {import('../types/wire.d.ts').NotificationPreferences} Preferences */
/** @typedef {import('../types/wire.d.ts').NotificationChoice} Choice */
/** @typedef {import('../types/wire.d.ts').When} When */

const EVERY = 60_000;
const PATH = '/api/notifications/preferences';
const SETTINGS = 'HEARTH_SMTP_URL=smtps://hearth%40house.example:password@mail.example\nHEARTH_SMTP_FROM=Hearth <hearth@house.example>';

/** @type {When[]} */
const WHEN = ['at-once', 'digest', 'off'];

function noMail() {
  return html`${notice(t('notify.no-mail'), { tone: 'soon', icon: 'triangle-alert' })}
    <p class="quiet">${t('notify.no-mail.how')}</p>
    ${settingLines(SETTINGS)}`;
}

/** @param {Choice} choice @param {(when: When) => void} change */
function topic({ about, when }, change) {
  return segmented({
    name: `when-${about}`,
    legend: t(`topic.${about}`),
    hint: t(`topic.${about}.text`),
    value: when,
    choices: WHEN.map((value) => ({ value, word: t(`when.${value}`) })),
    change,
  });
}

/** What a person wants to hear of, to be changed and saved as a whole. */
function preferences() {
  /** @type {import('../lib/watch.js').Watched<Preferences>} */
  const there = watch(() => api.read(PATH));
  const { inReach, load, act } = sources(there);
  const letter = trying('mail');
  /** What was pressed and not saved yet. @type {import('../lib/view.js').Signal<Record<string, When>>} */
  const pressed = signal({});
  /** @type {import('../lib/view.js').Signal<boolean | null>} */
  const hush = signal(null);

  const form = createForm({
    submit: async (values) => {
      const known = there.data.peek();
      if (!known) return;
      try {
        const { data } = await api.ask('PUT', PATH, changeOf(known, values));
        there.data.value = /** @type {Preferences} */ (data);
      } catch (error) {
        if (error instanceof Problem && error.code === 'stale-version') await load();
        if (error instanceof Problem) error.errors = error.errors.map((one) => ({ ...one, pointer: fieldOf(one.pointer) }));
        throw error;
      }
      pressed.value = {};
      hush.value = null;
      toast(() => t('saved'));
    },
  });

  /** @param {Preferences} known */
  const fields = (known) => {
    const quiet = hush.value ?? Boolean(known.quiet);
    return html`
      ${field({
        form,
        name: 'mail',
        label: t('notify.mail'),
        hint: t('notify.mail.hint'),
        value: known.mail ?? '',
        autocomplete: 'email',
        inputmode: 'email',
        required: false,
        maxlength: 200,
      })}
      ${timeField({ form, name: 'digest_at', label: t('notify.digest'), hint: t('notify.digest.hint'), value: known.digest_at })}
      <div class="stack tight" @change=${(/** @type {Event} */ event) => {
        const box = /** @type {HTMLInputElement} */ (event.target);
        if (box.name === 'quiet') hush.value = box.checked;
      }}>
        ${checks({ name: 'quiet', legend: t('notify.quiet'), choices: [{ value: 'on', word: t('notify.quiet.on'), sub: t('notify.quiet.text'), taken: Boolean(known.quiet) }] })}
        ${quiet
          ? html`<div class="pair-of-fields">
              ${timeField({ form, name: 'quiet_from', label: t('notify.quiet.from'), value: known.quiet?.from ?? NIGHT.from })}
              ${timeField({ form, name: 'quiet_until', label: t('notify.quiet.until'), value: known.quiet?.until ?? NIGHT.until })}
            </div>`
          : nothing}
      </div>
      <h3>${t('notify.topics')}</h3>
      ${known.choices.map((choice) =>
        topic({ ...choice, when: pressed.value[choice.about] ?? choice.when }, (when) => {
          pressed.value = { ...pressed.value, [choice.about]: when };
        }),
      )}
    `;
  };

  /** @param {Preferences} known */
  const tryMail = (known) => {
    const still = !inReach() || letter.busy.value || !known.mail;
    return html`<p class="quiet">${t(known.mail ? 'notify.try.text' : 'notify.try.first')}</p>
      <div class="actions start">
        <button class="button" type="button" aria-disabled=${String(still)} @click=${act(() => void (known.mail && letter.send({})))}>
          ${icon('share-2')}${t('notify.try')}
        </button>
      </div>
      ${part(letter.view)}`;
  };

  const all = () => {
    const known = there.data.value;
    if (!known) return nothing;
    return html`<section class="card padded stack wide" aria-labelledby="letters-head">
        <h2 id="letters-head">${t('notify.letters')}</h2>
        ${known.mail_possible ? nothing : noMail()} ${part(() => formOf(form, fields(known), { submit: t('action.save') }))}
      </section>
      ${known.mail_possible
        ? html`<section class="card padded stack" aria-labelledby="try-head">
            <h2 id="try-head">${t('notify.try.head')}</h2>
            ${part(() => tryMail(known))}
          </section>`
        : nothing}`;
  };
  return { there, load, view: all, left: letter.left };
}

/** @returns {import('../lib/router.js').Screen} */
export function screen() {
  const may = () => Boolean(store.me.value);
  const owns = () => store.who.value === 'owner';
  const mine = preferences();
  const programs = webhooks();
  const stop = follow({
    load: () => Promise.all([mine.load(), owns() ? programs.load() : undefined]),
    hear: () => {},
    every: () => EVERY,
    may,
  });
  const columns = () => html`<div class="columns late">
    <div class="stack wide">${part(mine.view)}</div>
    ${owns() ? html`<div class="stack wide">${part(programs.view)}</div>` : nothing}
  </div>`;
  // Both are of one house: that it is away is said once.
  const both = () => sources(mine.there, ...(owns() ? [programs.there] : [])).shown(columns);
  return {
    title: () => t('notify.title'),
    view: () => html`<div class="screen">
      ${head({ title: t('notify.title'), sub: t('notify.sub') })} ${may() ? part(both) : notYours()}
    </div>`,
    left: () => {
      stop();
      mine.left();
      programs.left();
    },
  };
}
