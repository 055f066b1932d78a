import { html } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api, signedIn, store, trouble } from '../hearth.js';
import { field, formOf, passwordField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { errorState } from '../elements/pieces.js';
import { doorCard } from './door.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Session} Session */

/** The door. An empty house, or one out of reach, says so instead. @returns {Screen} */
export function signIn() {
  const form = createForm({
    wrong: { 'wrong-credentials': 'password' },
    submit: async ({ name, password }) => {
      /** @type {Session} */
      const session = await api.post('/api/session', { name, password });
      await signedIn(session);
    },
  });
  const view = () => {
    const house = store.house.value;
    if (store.state.value === 'unknown') return unreachable();
    if (store.state.value === 'setup') {
      return doorCard({ title: t('sign-in.empty-house'), text: t('sign-in.empty-house.text'), body: null });
    }
    return doorCard({
      title: house?.name ?? t('sign-in.title'),
      text: t('sign-in.text'),
      body: html`
        ${formOf(
          form,
          html`
            ${field({ form, name: 'name', label: t('form.your-name'), autocomplete: 'username' })}
            ${passwordField({ form, name: 'password', label: t('form.password') })}
          `,
          { submit: t('sign-in.submit') },
        )}
        <p class="small quiet">${t('sign-in.forgotten')}</p>
        <a class="button" href="/app/screen">${icon('tablet')}${t('screen.use')}</a>
      `,
    });
  };
  return { title: () => t('sign-in.title'), view };
}

function unreachable() {
  return doorCard({
    title: t('door.unreachable'),
    text: t('door.unreachable.text'),
    body: errorState({ title: explain(trouble.value), retry: () => location.reload() }),
  });
}
