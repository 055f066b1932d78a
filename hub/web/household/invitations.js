// Asking somebody in: a link for one person, good for a while.

import { html, list, nothing, part, signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { relative, t } from '../lib/text.js';
import { uuid } from '../lib/uuid.js';
import { api, store } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { people as heard } from './heard.js';
import { ROLES } from './person.js';
import { shareLink } from './share.js';

/** @typedef {import('../types/wire.d.ts').Invite} Invite */
/** @typedef {import('../types/wire.d.ts').InviteMade} InviteMade */
/** @typedef {import('../types/wire.d.ts').Role} Role */

/** Chooses a role, makes the link, and hands it over. */
export function invite() {
  /** @type {import('../lib/view.js').Signal<Role>} */
  const role = signal('member');
  /** @type {import('../lib/view.js').Signal<InviteMade | null>} */
  const made = signal(null);
  const trouble = signal('');
  const busy = signal(false);
  const key = uuid();

  async function make() {
    if (busy.value) return;
    busy.value = true;
    trouble.value = '';
    try {
      /** @type {InviteMade} */
      const answer = await api.post('/api/invites', { role: role.value }, { key: `${key}-${role.value}` });
      store.addInvite(answer.invite);
      made.value = answer;
    } catch (error) {
      trouble.value = explain(error);
    }
    busy.value = false;
  }

  const choosing = () =>
    html`<div class="stack">
      ${segmented({
        name: 'invite-role',
        legend: t('invite.role'),
        value: role.value,
        choices: ROLES.map((value) => ({ value, word: t(`role.${value}`) })),
        change: (value) => (role.value = value),
      })}
      <p class="hint">${t(`role.${role.value}.text`)}</p>
      <div role="alert">${trouble.value ? notice(trouble.value, { tone: 'over', icon: 'triangle-alert' }) : nothing}</div>
      <div class="actions">
        <button class="button primary" type="button" aria-disabled=${String(busy.value)} @click=${() => void make()}>
          ${icon('link')}${t('invite.make')}
        </button>
      </div>
    </div>`;

  return openDialog({
    title: () => t('people.invite'),
    body: () =>
      part(() =>
        made.value
          ? shareLink({ url: made.value.url, expires: made.value.invite.expires_at, text: t('invite.made') })
          : choosing(),
      ),
  });
}

/** @param {Invite} invitation */
async function withdraw(invitation) {
  const sure = await confirmDialog({
    title: () => t('invite.withdraw.title'),
    text: () => t('invite.withdraw.text'),
    confirm: () => t('invite.withdraw'),
  });
  if (!sure) return;
  try {
    await api.remove(`/api/invites/${invitation.id}`);
    store.dropInvite(invitation.id);
    toast(() => t('invite.withdrawn'));
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** Who made it, by name where the house knows one. @param {Invite} invitation */
function maker(invitation) {
  return store.members.value?.find(({ id }) => id === invitation.created_by)?.name;
}

/** Invitations that nobody has used yet. */
export function invitations() {
  const open = store.invites.value ?? [];
  if (open.length === 0) return nothing;
  return html`<section class="stack" aria-labelledby="invites-head">
    <h2 id="invites-head">${t('invite.open')}</h2>
    <ul class="card rows">
      ${list(
        open,
        (invitation) => invitation.id,
        (invitation) => {
          const by = maker(invitation);
          return html`<li class="card-row still">
            <span class="timeline-mark">${icon('ticket')}</span>
            <span class="grow">
              <span class="row-title">${t(`invite.for.${invitation.role}`)}</span>
              ${part(
                () =>
                  html`<span class="row-sub"
                    >${by ? t('invite.by', { name: by, when: relative(invitation.created_at) }) : relative(invitation.created_at)}
                    · ${t('share.expires', { when: relative(invitation.expires_at) })}</span
                  >`,
              )}
            </span>
            <button class="button" type="button" @click=${heard.act(() => void withdraw(invitation))}>${t('invite.withdraw')}</button>
          </li>`;
        },
      )}
    </ul>
  </section>`;
}
