// What people of the house must not eat: they say it themselves, and an owner for others.

import { html, list, nothing, part } from '../lib/view.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, listeners, store } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { chip, screenHead, tile } from '../elements/pieces.js';
import { allergenFields, allergensTyped, sayAllergens } from '../kitchen/allergen-fields.js';
import { wordsOf } from '../kitchen/draft.js';
import { known } from '../kitchen/words.js';
import { older } from '../lib/watch.js';
import { follow, sources } from '../system/follow.js';
import { Editing, takeInto } from './editing.js';
import { back } from './settings.js';

/** @typedef {import('../types/wire.d.ts').MemberAllergens} MemberAllergens */
/** @typedef {{ id: string, allergens: string[], version: number }} Eater */

const EVERY = 120_000;
/** As the house has them: so many words, and so long. */
const [MOST, LONGEST] = [40, 40];

/** @param {string} id */
const path = (id) => `/api/members/${id}/allergens`;

/** @param {MemberAllergens} said @returns {Eater} */
const eater = ({ member_id, allergens, version }) => ({ id: member_id, allergens, version });

const living = () => (store.members.value ?? []).filter(({ revoked_at }) => !revoked_at);

/** @type {import('../lib/watch.js').Watched<Eater[]>} */
const said = watch(async () => {
  const answers = await Promise.all(living().map(({ id }) => /** @type {Promise<import('../lib/api.js').Answer<MemberAllergens>>} */ (api.read(path(id)))));
  return { data: answers.map(({ data }) => eater(data)), asOf: answers.reduce((/** @type {number | undefined} */ at, { asOf }) => older(at, asOf), undefined) };
});

export const loadAllergens = () => said.load();

/** In one order, so that the same is the same. @param {string} text */
const sorted = (text) => [...new Set(wordsOf(text.toLowerCase()))].sort().join(', ');

/** @param {string} text */
const inWords = (text) => (text === '' ? t('eating.nothing') : wordsOf(text).map((word) => known('allergen', word)).join(', '));

/** @type {Editing<Eater>} */
const editing = new Editing({
  words: 'eating',
  path: '/api/members',
  label: () => t('eating.title'),
  fieldsOf: (one) => ({ allergens: sorted((one?.allergens ?? []).join(', ')) }),
  idOf: ({ id }) => id,
  bodyOf: ({ allergens = '' }) => {
    const words = wordsOf(sorted(allergens));
    const wrong = words.length > MOST || words.some((word) => [...word].length > LONGEST);
    return { body: { allergens: words }, wrong: new Map(wrong ? [['other_allergens', t('eating.wrong')]] : []) };
  },
  inputs: ({ form, value }) => allergenFields({ form, legend: t('eating.title'), value: value('allergens') }),
  inWords: (_, value) => inWords(value),
  take: (one) => takeInto(said, one),
  things: () => said.data.value ?? [],
  has: (id) => living().some((member) => member.id === id),
  load: said.load,
  here: '/app/settings/allergens',
  pathOf: path,
  read: eater,
  typed: (input) => {
    const allergens = allergensTyped(input);
    return allergens === undefined ? undefined : { allergens: sorted(allergens) };
  },
  say: (place, _, value) => {
    sayAllergens(place, value);
    return true;
  },
});

listeners.add(({ type, data }) => {
  if (type === 'allergens.updated' && said.data.peek()) takeInto(said, eater(data));
});

/** @param {Eater} one */
function chips({ allergens }) {
  if (allergens.length === 0) return html`<p class="quiet">${t('eating.nothing-said')}</p>`;
  return html`<p class="chips">${allergens.map((word) => chip(known('allergen', word)))}</p>`;
}

/** What has not arrived yet. @param {Eater} one */
const waiting = (one) => (editing.waits(one) ? html`<p class="row-sub">${t('saved-here')}</p>` : nothing);

/** Whether this is for the person at this page to say. @param {string} id */
const mayChange = (id) => store.me.value?.role === 'owner' || store.myId.value === id;

/** @param {Eater} one @param {string} name */
function change(one, name) {
  if (!mayChange(one.id)) return nothing;
  return html`<button class="button" type="button" aria-label=${t('eating.change', { name })} @click=${() => editing.begin(one)}>${icon('pencil')}${t('arrange.change')}</button>`;
}

/** What one person must not eat, on their own page. @param {{ id: string, name: string }} member */
export function eating({ id, name }) {
  const known = said.data.value?.find((each) => each.id === id);
  if (!known) return nothing;
  const one = editing.asItWillBe(known);
  const draft = editing.of(id);
  return html`<section class="stack" aria-labelledby="eating-head" data-thing=${id}>
    <div class="row"><h3 class="grow" id="eating-head">${t('eating.title')}</h3>${draft ? nothing : change(one, name)}</div>
    ${draft ? editing.view(draft) : chips(one)} ${waiting(one)}
  </section>`;
}

/** @param {Eater} known */
function row(known) {
  const one = editing.asItWillBe(known);
  const name = living().find(({ id }) => id === one.id)?.name ?? '';
  const draft = editing.of(one.id);
  return html`<li class="card-row still thing" data-thing=${one.id}>
    ${tile(name, one.id)}
    <span class="grow row-title">${name}</span>
    ${draft ? nothing : change(one, name)}
    <div class="whole">${draft ? editing.view(draft) : chips(one)}${waiting(one)}</div>
  </li>`;
}

/** @returns {import('../lib/router.js').Screen} */
export function allergens() {
  const { shown } = sources(said);
  // Who came since is asked about as well.
  const load = () => (store.members.value ? said.load() : undefined);
  const hear = (/** @type {import('../types/wire.d.ts').Frame} */ { type }) => void (type.startsWith('member.') && said.load());
  const left = follow({ load, hear, every: () => EVERY, may: () => true });
  const rows = () => {
    const here = new Set(living().map(({ id }) => id));
    return html`<ul class="card rows">${list((said.data.value ?? []).filter(({ id }) => here.has(id)), ({ id }) => id, row)}</ul>`;
  };
  const view = () =>
    html`<div class="screen narrow">
      ${screenHead({ title: t('eating.title'), back: back() })}
      <p class="quiet">${t('eating.sub')}</p>
      ${part(() => shown(() => html`${part(rows)}`))}
    </div>`;
  return { title: () => t('eating.title'), view, left };
}
