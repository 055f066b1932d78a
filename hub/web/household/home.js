import { html, list, nothing, part, signal } from '../lib/view.js';
import { hour, learn, now, relative, t, timeZone, locale } from '../lib/text.js';
import { explain } from '../lib/problems.js';
import { wear } from '../lib/wear.js';
import { refresh, signOut, store, trouble, work } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { chip, emptyState, errorState, screenHead, skeleton, tile } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { markOf, sentence, worthTelling } from './changes.js';

/** @typedef {import('../lib/router.js').Screen} Screen */
/** @typedef {import('../types/wire.d.ts').Member} Member */

const SHOWN = 12;

/** @param {number} at */
export function partOfDay(at) {
  if (at < 5) return 'night';
  if (at < 11) return 'morning';
  if (at < 17) return 'day';
  if (at < 22) return 'evening';
  return 'night';
}

function today() {
  /** @type {Intl.DateTimeFormatOptions} */
  const form = { weekday: 'long', day: 'numeric', month: 'long' };
  const zone = timeZone.value ? { timeZone: timeZone.value } : {};
  return new Intl.DateTimeFormat(locale.value, { ...form, ...zone }).format(now.value);
}

/** @param {Member} member */
function person(member) {
  const you = member.id === store.myId.value;
  const seen = member.last_seen_at;
  return html`<li>
    <a class="card-row" href="/app/people/${member.id}">
      ${tile(member.name, member.id)}
      <span class="grow">
        <span class="row-title">${member.name}</span>
        <span class="row-sub">${seen && !you ? part(() => t('home.seen', { when: relative(seen) })) : t(`role.${member.role}`)}</span>
      </span>
      ${you ? chip(t('people.you')) : nothing}
    </a>
  </li>`;
}

/** @param {Kitchen | null} kitchen */
function household(kitchen) {
  const members = store.members.value?.filter((member) => !member.revoked_at);
  if (!members) return trouble.value ? nothing : skeleton(3);
  const alone = members.length === 1 && store.me.value?.role === 'owner' && kitchen?.beginning.value === false;
  return html`<ul class="card rows">
      ${list(members, (member) => member.id, person)}
    </ul>
    ${alone
      ? emptyState({
          icon: 'user-plus',
          title: t('home.alone'),
          text: t('home.alone.text'),
          action: html`<a class="button primary" href="/app/people">${t('people.invite')}</a>`,
        })
      : nothing}`;
}

/** What this screen is, for who stands before it, and the way back to a browser like any other. */
function thisScreen() {
  const screen = store.screen.value;
  if (!screen) return nothing;
  return html`<section class="card padded stack" aria-labelledby="screen-head">
    <h2 id="screen-head">${screen.name}</h2>
    <p class="quiet">${screen.place || t('screen.here')}</p>
    <p><button class="button" type="button" @click=${() => void stopBeingScreen()}>${icon('log-out')}${t('screen.stop')}</button></p>
  </section>`;
}

async function stopBeingScreen() {
  const sure = await confirmDialog({
    title: () => t('screen.stop.title'),
    text: () => t('screen.stop.text'),
    confirm: () => t('screen.stop'),
  });
  if (!sure) return;
  try {
    await signOut();
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** What the house could not do and waits for a person. */
function failures() {
  const count = work.data.value?.jobs.failed ?? 0;
  if (count === 0 || !(store.who.value === 'owner' || store.who.value === 'member')) return nothing;
  return html`<a class="notice over" href="/app/system/work">
    ${icon('triangle-alert')}<span class="grow">${t('work.failed', { count })}</span>${icon('chevron-right')}
  </a>`;
}

/** @typedef {ReturnType<typeof import('../kitchen/home.js')['kitchenAtHome']>} Kitchen */
/** @typedef {{ key: string, at: string, view: () => import('../lib/view.js').Template }} Told */

/** @param {import('../types/wire.d.ts').Frame} frame @returns {Told} */
function told(frame) {
  const view = () => html`<span class="timeline-mark">${icon(markOf(frame))}</span>
    <span class="grow">
      ${sentence(frame)}
      ${part(() => html`<time class="row-sub" datetime=${frame.timestamp}>${relative(frame.timestamp)}</time>`)}
    </span>`;
  return { key: `${frame.epoch}-${frame.seq}`, at: frame.timestamp, view };
}

/** @param {Kitchen | null} kitchen */
function recently(kitchen) {
  if (!store.changes.value) return trouble.value ? errorState({ title: explain(trouble.value), retry: () => void refresh() }) : skeleton(4);
  const all = [...worthTelling(store.changes.value).map(told), ...(kitchen?.lately.value ?? [])];
  const changes = all.sort((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN);
  if (changes.length === 0) {
    return emptyState({ icon: 'clock', title: t('home.quiet'), text: t('home.quiet.text') });
  }
  return html`<ol class="card timeline">
    ${list(
      changes,
      ({ key }) => key,
      ({ view }) => html`<li>${view()}</li>`,
    )}
  </ol>`;
}

/** The kitchen comes after the first paint, with its words and its looks, so that a first visit stays light. */
function fetchKitchen() {
  /** @type {import('../lib/view.js').Signal<Kitchen | null>} */
  const kitchen = signal(null);
  const lost = signal(false);
  let open = true;
  const fetch = async () => {
    lost.value = false;
    try {
      const [{ kitchenAtHome }] = await Promise.all([import('../kitchen/home.js'), learn('kitchen'), wear('kitchen')]);
      if (open) kitchen.value = kitchenAtHome();
    } catch {
      lost.value = true;
    }
  };
  void fetch();
  const view = () => {
    if (lost.value) return errorState({ title: t('problem.unreachable'), retry: () => void fetch() });
    return kitchen.value?.view() ?? skeleton(4);
  };
  const left = () => {
    open = false;
    kitchen.peek()?.left();
  };
  return { kitchen, view, left };
}

/** @param {import('../lib/view.js').Signal<Kitchen | null>} kitchen */
function people(kitchen) {
  if (store.screen.value) return html`${part(thisScreen)}`;
  return html`<section class="stack" aria-labelledby="people-head">
    <h2 id="people-head">${t('home.people')}</h2>
    ${part(() => household(kitchen.value))}
  </section>`;
}

/** @returns {Screen} */
export function home() {
  const { kitchen, view: cooking, left } = fetchKitchen();
  const greeting = () => {
    if (store.screen.value) return store.house.value?.name ?? t('place.home');
    return t(`home.${partOfDay(hour())}`, { name: store.me.value?.name.split(/\s+/)[0] ?? '' });
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: greeting(), sub: part(today) })} ${part(failures)}
      <div class="columns">
        <div class="stack wide">${part(cooking)}</div>
        <div class="stack wide">
          <section class="stack" aria-labelledby="recent-head">
            <h2 id="recent-head">${t('home.recently')}</h2>
            ${part(() => recently(kitchen.value))}
          </section>
          ${people(kitchen)}
        </div>
      </div>
    </div>`;
  return { title: () => t('place.home'), view, left };
}
