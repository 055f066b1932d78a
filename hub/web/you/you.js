// Your own corner: name, language, looks, password, devices, and the way out.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { stood } from '../lib/meet.js';
import { explain } from '../lib/problems.js';
import { LANGUAGES, relative, t } from '../lib/text.js';
import { api, outbox, save, signOut, store } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { field, formOf, passwordField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip, errorState, screenHead, skeleton } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Me} Me */
/** @typedef {import('../types/wire.d.ts').SignedIn} SignedIn */
/** @template T @typedef {import('../types/wire.d.ts').Page<T>} Page */

/** @param {Partial<Me>} change @param {string} label */
async function change(change, label) {
  const me = store.me.peek();
  if (!me) return;
  try {
    await save({ method: 'PATCH', path: '/api/profile', body: { version: me.version, ...change }, before: stood(me, change), label, join: 'profile' });
  } catch (error) {
    if (error instanceof Problem && error.code === 'stale-version' && error.current) {
      store.takeMe(/** @type {Me} */ (error.current));
    }
    throw error;
  }
}

/** A choice is made at once; what goes wrong is said beside it. @param {Partial<Me>} wish @param {string} label */
function choose(wish, label) {
  change(wish, label).catch((error) => toast(() => explain(error), { tone: 'over' }));
}

/** @param {Me} me @param {ReturnType<typeof createForm>} form */
function about(me, form) {
  return html`<section class="card padded stack wide" aria-labelledby="about-head">
    <h2 id="about-head">${t('you.about')}</h2>
    ${formOf(form, field({ form, name: 'name', label: t('form.your-name'), value: me.name, autocomplete: 'username' }), {
      submit: t('action.save'),
      kind: '',
    })}
    ${segmented({
      name: 'language',
      legend: t('form.language'),
      value: me.language,
      choices: LANGUAGES.map(([value, word]) => ({ value, word })),
      change: (language) => choose({ language }, 'write.language'),
    })}
    ${segmented({
      name: 'theme',
      legend: t('you.theme'),
      value: me.theme,
      choices: [
        { value: 'system', word: t('you.theme.system'), icon: 'sun-moon' },
        { value: 'light', word: t('you.theme.light'), icon: 'sun' },
        { value: 'dark', word: t('you.theme.dark'), icon: 'moon' },
      ],
      change: (theme) => choose({ theme }, 'write.theme'),
    })}
  </section>`;
}

function changePassword() {
  return openDialog({
    title: () => t('you.password.change'),
    body: (close) => {
      const form = createForm({
        wrong: { 'wrong-password': 'current' },
        submit: async (values) => {
          await api.post('/api/profile/password', { current: values['current'], new: values['new'] });
          close();
          toast(() => t('you.password.changed'));
        },
      });
      return part(() =>
        formOf(
          form,
          html`
            ${passwordField({ form, name: 'current', label: t('you.password.current') })}
            ${passwordField({ form, name: 'new', label: t('form.new-password'), hint: t('form.password.hint'), fresh: true })}
          `,
          { submit: t('you.password.change') },
        ),
      );
    },
  });
}

function devices() {
  /** @type {import('../lib/view.js').Signal<SignedIn[] | null>} */
  const known = signal(null);
  /** @type {import('../lib/view.js').Signal<unknown>} */
  const trouble = signal(null);

  async function load() {
    trouble.value = null;
    try {
      /** @type {Page<SignedIn>} */
      const page = await api.get('/api/profile/sessions?limit=100');
      known.value = page.items.sort((a, b) => Number(b.current) - Number(a.current));
    } catch (error) {
      trouble.value = error;
    }
  }

  /** @param {SignedIn} device */
  async function signOutThere(device) {
    const sure = await confirmDialog({
      title: () => t('you.device.out.title', { device: device.device }),
      text: () => t('you.device.out.text'),
      confirm: () => t('you.sign-out'),
    });
    if (!sure) return;
    try {
      await api.remove(`/api/profile/sessions/${device.id}`);
      known.value = known.value?.filter(({ id }) => id !== device.id) ?? null;
      toast(() => t('you.device.gone'));
    } catch (error) {
      toast(() => explain(error), { tone: 'over' });
    }
  }

  /** @param {SignedIn} device */
  const row = (device) =>
    html`<li class="card-row still">
      <span class="timeline-mark">${icon('monitor-smartphone')}</span>
      <span class="grow">
        <span class="row-title">${device.device}</span>
        ${part(() => html`<span class="row-sub">${t('home.seen', { when: relative(device.last_seen_at) })}</span>`)}
      </span>
      ${device.current
        ? chip(t('you.device.this'), { tone: 'fresh', icon: 'check' })
        : html`<button
            class="button"
            type="button"
            aria-label=${t('you.device.out', { device: device.device })}
            @click=${() => void signOutThere(device)}
          >
            ${t('you.sign-out')}
          </button>`}
    </li>`;

  void load();
  return () => {
    if (trouble.value) return errorState({ title: explain(trouble.value), retry: () => void load() });
    if (!known.value) return skeleton(2);
    return html`<ul class="rows">
      ${list(known.value, (device) => device.id, row)}
    </ul>`;
  };
}

async function leave() {
  const waiting = outbox.waiting.peek().length;
  if (waiting > 0) {
    const sure = await confirmDialog({
      title: () => t('you.sign-out.waiting', { count: waiting }),
      text: () => t('you.sign-out.waiting.text'),
      confirm: () => t('you.sign-out'),
    });
    if (!sure) return;
  }
  try {
    await signOut();
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @returns {Screen} */
export function you() {
  const form = createForm({
    wrong: { 'name-taken': 'name' },
    submit: ({ name }) => change({ name: name ?? '' }, 'write.name'),
  });
  const signedIn = devices();
  const view = () => {
    const me = store.me.value;
    if (!me) return nothing;
    return html`<div class="screen">
      ${screenHead({
        title: t('place.you'),
        action: html`<button class="button" type="button" @click=${() => void leave()}>
          ${icon('log-out')}${t('you.sign-out')}
        </button>`,
      })}
      <div class="columns">
        ${about(me, form)}
        <div class="stack wide">
          <section class="card padded stack" aria-labelledby="password-head">
            <h2 id="password-head">${t('form.password')}</h2>
            <p class="quiet">${t('you.password.text')}</p>
            <p>
              <button class="button" type="button" @click=${() => void changePassword()}>
                ${icon('key-round')}${t('you.password.change')}
              </button>
            </p>
          </section>
          <section class="card stack" aria-labelledby="devices-head">
            <div class="padded-head"><h2 id="devices-head">${t('you.devices')}</h2></div>
            ${part(signedIn)}
          </section>
        </div>
      </div>
    </div>`;
  };
  return { title: () => t('place.you'), view };
}
