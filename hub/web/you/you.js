// Your own corner: name, language, looks, password, devices, and the way out.

import { computed, html, list, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { stood } from '../lib/meet.js';
import { explain } from '../lib/problems.js';
import { LANGUAGES, relative, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, outbox, save, signOut, store } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { field, formOf, passwordField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { chip, errorState, screenHead, skeleton } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { reach } from '../household/heard.js';
import { standing } from '../system/follow.js';

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

/** Where somebody is signed in. @param {import('../lib/watch.js').Watched<Page<SignedIn>>} known @param {ReturnType<typeof reach>['act']} act */
function devices(known, act) {
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
      const page = known.data.peek();
      if (page) known.data.value = { ...page, items: page.items.filter(({ id }) => id !== device.id) };
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
            @click=${act(() => void signOutThere(device))}
          >
            ${t('you.sign-out')}
          </button>`}
    </li>`;

  const sorted = computed(() => [...(known.data.value?.items ?? [])].sort((a, b) => Number(b.current) - Number(a.current)));
  return () => {
    const trouble = known.trouble.value;
    if (!known.data.value) return trouble ? errorState({ title: explain(trouble), retry: () => void known.load() }) : skeleton(2);
    return html`<ul class="rows">
      ${list(sorted.value, (device) => device.id, row)}
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
  /** @type {import('../lib/watch.js').Watched<Page<SignedIn>>} */
  const known = watch(() => api.read('/api/profile/sessions?limit=100'));
  const heard = reach(known);
  const signedIn = devices(known, heard.act);
  const left = heard.follow();
  const view = () => {
    const me = store.me.value;
    if (!me) return nothing;
    return html`<div class="screen">
      ${screenHead({
        title: t('place.you'),
        action: html`<button class="button" type="button" @click=${heard.act(() => void leave())}>
          ${icon('log-out')}${t('you.sign-out')}
        </button>`,
      })}
      ${part(() => standing(heard.since()))}
      <div class="columns">
        ${about(me, form)}
        <div class="stack wide">
          <section class="card padded stack" aria-labelledby="password-head">
            <h2 id="password-head">${t('form.password')}</h2>
            <p class="quiet">${t('you.password.text')}</p>
            <p>
              <button class="button" type="button" @click=${heard.act(() => void changePassword())}>
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
  return { title: () => t('place.you'), view, left };
}
