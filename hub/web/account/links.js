// The four doors that open with a link: set-up, invitation, new password, one-tap sign-in.
//
// The secret is the part of the address after `#`, which no browser sends anywhere. It leaves the
// address as soon as it has been used.

import { html, nothing, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { going } from '../lib/going.js';
import { explain } from '../lib/problems.js';
import { LANGUAGES, language, speak, t } from '../lib/text.js';
import { api, signedIn } from '../hearth.js';
import { field, formOf, passwordField } from '../elements/field.js';
import { errorState, skeleton } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { doorCard } from './door.js';

/** @typedef {import('../lib/router.js').Arrival} Arrival */
/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../types/wire.d.ts').Link} Link */
/** @typedef {import('../types/wire.d.ts').Session} Session */

/**
 * @param {Arrival} arrival
 * @param {Link['purpose']} purpose
 * @param {(link: Link, form: ReturnType<typeof createForm>) => Template} body
 * @param {() => Record<string, string>} [extra]
 * @returns {Screen}
 */
function linkDoor({ token }, purpose, body, extra = () => ({})) {
  const words = purpose === 'sign-in' ? 'enter' : purpose;
  /** @type {import('../lib/view.js').Signal<Link | null>} */
  const link = signal(null);
  /** @type {import('../lib/view.js').Signal<unknown>} */
  const trouble = signal(null);

  async function inspect() {
    trouble.value = null;
    try {
      /** @type {Link} */
      const found = await api.post('/api/links/inspect', { token });
      if (found.purpose === purpose) link.value = found;
      else trouble.value = new Problem(404, { code: 'link-unknown' });
    } catch (error) {
      trouble.value = error;
    }
  }

  const form = createForm({
    wrong: { 'name-taken': 'name' },
    submit: async (values) => {
      /** @type {Session} */
      const session = await api.post('/api/links/accept', { token, ...extra(), ...values });
      await signedIn(session);
      going.to('/app/', { replace: true });
    },
  });
  void inspect();

  const view = () => {
    const found = link.value;
    if (found) {
      return doorCard({
        title: t(`${words}.title`, { house: found.house_name ?? '', name: found.name ?? '' }),
        text: t(`${words}.text`),
        body: body(found, form),
      });
    }
    if (!trouble.value) return doorCard({ title: t('link.looking'), body: skeleton(2) });
    return stuck(trouble.value, inspect);
  };
  return { title: () => t(`${words}.short`), view };
}

/** @param {unknown} trouble @param {() => void} retry */
function stuck(trouble, retry) {
  if (!(trouble instanceof Problem && trouble.code === 'link-unknown')) {
    return doorCard({ title: t('problem.title'), body: errorState({ title: explain(trouble), retry }) });
  }
  return doorCard({
    title: t('link.unknown'),
    text: t('link.unknown.text'),
    body: html`<a class="button primary" href="/app/">${t('link.to-sign-in')}</a>`,
  });
}

/** @param {Arrival} arrival */
export function setUp(arrival) {
  const extra = () => ({
    language: language.value,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  return linkDoor(
    arrival,
    'setup',
    (_, form) =>
      html`${segmented({
        name: 'spoken',
        legend: t('form.language'),
        value: language.value,
        choices: LANGUAGES.map(([value, word]) => ({ value, word })),
        change: (value) => void speak(value),
      })}
      ${formOf(
        form,
        html`
          ${field({ form, name: 'house_name', label: t('setup.house'), hint: t('setup.house.hint') })}
          ${field({ form, name: 'name', label: t('form.your-name'), autocomplete: 'username' })}
          ${passwordField({ form, name: 'password', label: t('form.password'), hint: t('form.password.hint'), fresh: true })}
        `,
        { submit: t('setup.submit') },
      )}`,
    extra,
  );
}

/** @param {Arrival} arrival */
export function join(arrival) {
  return linkDoor(
    arrival,
    'invite',
    (_, form) =>
      formOf(
        form,
        html`
          ${field({ form, name: 'name', label: t('form.your-name'), hint: t('invite.name.hint'), autocomplete: 'username' })}
          ${passwordField({ form, name: 'password', label: t('form.password'), hint: t('form.password.hint'), fresh: true })}
        `,
        { submit: t('invite.submit') },
      ),
    () => ({ language: language.value }),
  );
}

/** @param {Arrival} arrival */
export function reset(arrival) {
  return linkDoor(arrival, 'reset', (link, form) =>
    formOf(
      form,
      html`
        ${link.name
          ? html`<input class="unseen" type="text" tabindex="-1" aria-hidden="true" autocomplete="username" .value=${link.name} readonly />`
          : nothing}
        ${passwordField({ form, name: 'password', label: t('form.new-password'), hint: t('form.password.hint'), fresh: true })}
      `,
      { submit: t('reset.submit') },
    ),
  );
}

/** @param {Arrival} arrival */
export function enter(arrival) {
  return linkDoor(arrival, 'sign-in', (_, form) => formOf(form, nothing, { submit: t('enter.submit') }));
}
