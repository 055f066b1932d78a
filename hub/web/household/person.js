// One person: what is known of them, and what an owner may change.

import { html, nothing, part, signal } from '../lib/view.js';
import { going } from '../lib/going.js';
import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { date, dateTime, learn, relative, t } from '../lib/text.js';
import { wear } from '../lib/wear.js';
import { api, save, store } from '../hearth.js';
import { confirmDialog, openDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { chip, notice, tile } from '../elements/pieces.js';
import { segmented } from '../elements/segmented.js';
import { toast } from '../elements/toast.js';
import { people as heard } from './heard.js';
import { shareLink } from './share.js';

/** @typedef {import('../types/wire.d.ts').Member} Member */
/** @typedef {import('../types/wire.d.ts').Role} Role */
/** @typedef {import('../types/wire.d.ts').LinkMade} LinkMade */

/** @type {Role[]} */
export const ROLES = ['owner', 'member', 'staff'];

/** @param {unknown} error */
function complain(error) {
  const member = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
  if (member) store.takeMember(/** @type {Member} */ (member));
  toast(() => explain(error), { tone: 'over' });
}

/** @param {Member} member @param {Role} role @param {boolean} [again] whether this takes a change back */
async function changeRole(member, role, again = false) {
  const undo = () => {
    const now = store.members.peek()?.find(({ id }) => id === member.id);
    if (now) void changeRole(now, member.role, true);
  };
  try {
    await save(
      {
        method: 'PATCH',
        path: `/api/members/${member.id}`,
        body: { version: member.version, role },
        before: { role: member.role },
        label: 'write.role',
        join: `member-${member.id}`,
      },
      again ? undefined : undo,
    );
  } catch (error) {
    complain(error);
  }
}

/** @param {Member} member */
async function resetLink(member) {
  try {
    /** @type {LinkMade} */
    const made = await api.post(`/api/members/${member.id}/reset`);
    await openDialog({
      title: () => t('person.reset.title', { name: member.name }),
      body: () => shareLink({ url: made.url, expires: made.expires_at, text: t('person.reset.text', { name: member.name }) }),
    });
  } catch (error) {
    complain(error);
  }
}

/** @param {Member} member */
async function revoke(member) {
  const sure = await confirmDialog({
    title: () => t('person.revoke.title', { name: member.name }),
    text: () => t('person.revoke.text', { name: member.name }),
    confirm: () => t('person.revoke.confirm'),
  });
  if (!sure) return;
  try {
    await api.remove(`/api/members/${member.id}`);
    store.takeMember({ ...member, revoked_at: new Date().toISOString() });
    toast(() => t('person.revoked', { name: member.name }));
    going.to('/app/people', { replace: true });
  } catch (error) {
    complain(error);
  }
}

/** @param {Member} member */
function facts(member) {
  return html`<dl class="facts">
    <div><dt>${t('person.since')}</dt><dd>${date(member.joined_at)}</dd></div>
    <div>
      <dt>${t('person.seen')}</dt>
      <dd>
        ${member.last_seen_at
          ? part(() => html`<time datetime=${member.last_seen_at ?? ''} title=${dateTime(member.last_seen_at ?? '')}>${relative(member.last_seen_at ?? '')}</time>`)
          : t('person.seen.never')}
      </dd>
    </div>
    <div><dt>${t('form.language')}</dt><dd>${t(`language.${member.language}`)}</dd></div>
  </dl>`;
}

/** @param {Member} member @param {boolean} last */
function powers(member, last) {
  return html`${segmented({
      name: 'role',
      legend: t('person.role'),
      value: member.role,
      disabled: last,
      choices: ROLES.map((role) => ({ value: role, word: t(`role.${role}`) })),
      change: (role) => void changeRole(member, role),
    })}
    <p class="hint">${t(`role.${member.role}.text`)}</p>
    ${last ? notice(t('person.last-owner')) : nothing}
    <div class="actions start">
      <button class="button" type="button" @click=${heard.act(() => void resetLink(member))}>
        ${icon('key-round')}${t('person.reset')}
      </button>
      ${last
        ? nothing
        : html`<button class="button danger-quiet" type="button" @click=${heard.act(() => void revoke(member))}>
            ${icon('user-minus')}${t('person.revoke')}
          </button>`}
    </div>`;
}

/** What belongs to the kitchen comes when the first person is looked at. @type {import('../lib/view.js').Signal<typeof import('../settings/allergens.js') | null>} */
const food = signal(/** @type {typeof import('../settings/allergens.js') | null} */ (null));

/** Reads what people must not eat, for those whom it concerns. */
export async function loadFood() {
  if (store.me.peek()?.role === 'staff') return;
  if (!food.peek()) {
    const all = [learn('kitchen'), learn('settings'), wear('kitchen'), wear('settings')];
    const [come] = await Promise.all([import('../settings/allergens.js'), ...all]).catch(() => []);
    food.value = come ?? null;
  }
  await food.peek()?.loadAllergens();
}

/** @param {Member} member */
export function person(member) {
  const { me, members } = store;
  const you = member.id === store.myId.value;
  const owners = members.value?.filter(({ role, revoked_at }) => role === 'owner' && !revoked_at).length ?? 0;
  const last = member.role === 'owner' && owners <= 1;
  return html`<div class="card padded stack wide">
    <div class="row">
      ${tile(member.name, member.id)}
      <div class="grow">
        <h2 tabindex="-1">${member.name}</h2>
        <p class="quiet">${t(`role.${member.role}`)}</p>
      </div>
      ${you ? chip(t('people.you')) : nothing}
    </div>
    ${facts(member)} ${part(() => food.value?.eating(member) ?? nothing)}
    ${me.value?.role === 'owner' ? powers(member, last) : html`<p class="hint">${t(`role.${member.role}.text`)}</p>`}
    ${you ? html`<p><a href="/app/you">${t('person.you')}</a></p>` : nothing}
  </div>`;
}
