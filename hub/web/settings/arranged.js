// Things of the house that have a name and an order: places and categories.

import { computed, html, list, nothing, part, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { explain } from '../lib/problems.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { emptyState, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { hearFurnishing } from '../kitchen/furnishing.js';
import { everything, hearLot } from '../kitchen/lots.js';
import { follow, sources } from '../system/follow.js';
import { latest, takeInto } from './editing.js';
import { inOrder, moving } from './order.js';
import { back } from './settings.js';

/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {{ id: string, name: string, position: number, version: number }} Named */

/**
 * @template {Named} T
 * @typedef {object} Parts
 * @property {string} words what the texts of this screen begin with
 * @property {string} path where there are all of them
 * @property {string} mark an icon
 * @property {import('../lib/watch.js').Watched<T[]>} things
 * @property {import('./editing.js').Editing<T>} editing
 * @property {(thing: T, at: number) => string} sub what is said below a name
 * @property {(thing: T) => unknown} remove
 * @property {string} first what puts one before all others, in the words of the screen
 */

const EVERY = 120_000;

/**
 * @template {Named} T
 * @param {Parts<T>} parts
 * @returns {import('../lib/router.js').Screen}
 */
export function arranged({ words, path, mark, things, editing, sub, remove, first }) {
  /** Where things will stand while that is being said. */
  const moves = signal(/** @type {ReadonlyMap<string, number>} */ (new Map()));
  const told = signal('');
  const { act, shown } = sources(things);
  const order = computed(() => inOrder(latest(things.data.value).map((thing) => ({ ...editing.asItWillBe(thing), position: moves.value.get(thing.id) ?? thing.position }))));

  /** @param {T} moved @param {number} to */
  async function move(moved, to) {
    if (moves.peek().size > 0) return;
    const known = inOrder(latest(things.data.peek()));
    const from = known.findIndex(({ id }) => id === moved.id);
    const needed = moving(known, from, to);
    moves.value = new Map(needed.map(({ thing, position }) => [thing.id, position]));
    told.value = t('arrange.moved', { name: moved.name, place: to + 1, count: known.length });
    try {
      for (const { thing, position } of needed) takeInto(things, /** @type {T} */ (await api.patch(`${path}/${thing.id}`, { version: thing.version, position })));
    } catch (error) {
      if (error instanceof Problem && error.current) takeInto(things, /** @type {T} */ (error.current));
      toast(() => explain(error), { tone: 'over' });
      void things.load();
    }
    moves.value = new Map();
  }

  /** Moves it and keeps the focus on what moved it, as long as that can be pressed. @param {T} thing @param {number} to @param {Event} event */
  function step(thing, to, event) {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    act(() => void move(thing, to))();
    requestAnimationFrame(() => {
      const other = button.disabled ? button.parentElement?.querySelector('button:not(:disabled)') : button;
      if (other instanceof HTMLElement) other.focus();
    });
  }

  /** @param {T} thing @param {number} at */
  function choices(thing, at) {
    const change = { word: t('arrange.change'), icon: 'pencil', run: () => editing.begin(thing) };
    const foremost = { word: t(`${words}.${first}`), icon: 'arrow-up', run: act(() => void move(thing, 0)) };
    const away = { word: t('arrange.remove'), icon: 'trash-2', tone: /** @type {const} */ ('danger'), run: act(() => remove(thing)) };
    return at > 0 ? [change, foremost, away] : [change, away];
  }

  /** @param {T} thing @param {number} at */
  function row(thing, at) {
    const draft = editing.of(thing.id);
    if (draft) return html`<li data-thing=${thing.id}>${editing.view(draft)}</li>`;
    return html`<li class="card-row still thing" data-thing=${thing.id}>
      <span class="grow"><span class="row-title">${thing.name}</span><span class="row-sub">${part(() => (editing.waits(thing) ? t('saved-here') : sub(thing, at)))}</span></span>
      <span class="thing-acts">
        <button class="button bare" type="button" aria-label=${t('arrange.up', { name: thing.name })} ?disabled=${at === 0} @click=${(/** @type {Event} */ event) => step(thing, at - 1, event)}>${icon('arrow-up')}</button>
        <button class="button bare" type="button" aria-label=${t('arrange.down', { name: thing.name })} ?disabled=${at === order.value.length - 1} @click=${(/** @type {Event} */ event) => step(thing, at + 1, event)}>${icon('arrow-down')}</button>
        ${menuButton({ label: t('arrange.more', { name: thing.name }), choices: () => choices(thing, at) })}
      </span>
    </li>`;
  }

  function all() {
    const fresh = editing.of();
    const cards = [...(fresh ? [fresh] : []), ...editing.lost()];
    return html`${cards.map((draft) => html`<section class="card padded">${editing.view(draft)}</section>`)}
    ${order.value.length > 0
      ? html`<ul class="card rows">${list(order.value, ({ id }) => id, row)}</ul>`
      : fresh
        ? nothing
        : emptyState({ icon: mark, title: t(`${words}.empty`), text: t(`${words}.empty.text`) })}`;
  }

  const hear = (/** @type {import('../types/wire.d.ts').Frame} */ frame) => {
    hearLot(frame);
    hearFurnishing(frame);
  };
  const load = () => Promise.all([things.load(), everything.load()]);
  const left = follow({ load, hear, every: () => EVERY, may: () => true });
  const view = () =>
    html`<div class="screen narrow">
      ${screenHead({
        title: t(`${words}.title`),
        back: back(),
        action: html`<button class="button primary" type="button" id="add-thing" @click=${() => editing.begin()}>${icon('plus')}${t('arrange.new')}</button>`,
      })}
      <p class="quiet">${t(`${words}.sub`)}</p>
      <p class="unseen" role="status">${part(() => told.value)}</p>
      ${part(() => shown(() => html`${part(all)}`))}
    </div>`;
  return { title: () => t(`${words}.title`), view, left };
}
