// An invented larder to try things with: put in, and cleared away again in one act.

import { html, nothing, part, signal } from '../lib/view.js';
import { gently } from '../lib/gently.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { icon } from '../elements/icon.js';
import { notYours } from '../elements/not-yours.js';
import { notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { follow, sources } from '../system/follow.js';
import { uuid } from '../lib/uuid.js';
import { head, orSay } from './pieces.js';

/** @typedef {import('../types/wire.d.ts').DemoLarder} Larder */
/** @typedef {import('../types/wire.d.ts').DemoCleared} Cleared */

const EVERY = 60_000;
const PATH = '/api/house/demo';
/** It takes a small machine a while. */
const PATIENCE = 120_000;

/** @returns {import('../lib/router.js').Screen} */
export function screen() {
  const may = () => store.who.value === 'owner';
  /** @type {import('../lib/watch.js').Watched<Larder>} */
  const there = watch(() => api.read(PATH));
  const { inReach, load, shown, act } = sources(there);
  const busy = signal(false);
  let key = uuid();

  /** @param {() => Promise<unknown>} work */
  async function once(work) {
    if (busy.value) return;
    busy.value = true;
    await orSay(work);
    await load();
    busy.value = false;
  }

  const furnish = () =>
    once(async () => {
      await api.post(PATH, {}, { key, timeout: PATIENCE });
      key = uuid();
      toast(() => t('demo.furnished'));
    });

  async function clear() {
    const known = there.data.peek();
    if (!known || known.state !== 'here') return;
    const sure = await confirmDialog({
      title: () => t('demo.clear.title'),
      text: () => goes(known),
      confirm: () => t('demo.clear'),
    });
    if (!sure) return;
    await once(async () => {
      const { data } = await api.ask('DELETE', PATH, undefined, { timeout: PATIENCE });
      const { products, acts } = /** @type {Cleared} */ (data);
      toast(() => t('demo.cleared', { count: products, acts }));
    });
  }

  /** What is cleared away, and what is not. @param {Larder} larder */
  const goes = ({ products, entries }) => html`<ul class="plain-list">
    <li>${t('demo.goes.products', { count: products })}</li>
    <li>${t('demo.goes.acts')}</li>
    ${entries > 0 ? html`<li>${t('demo.goes.entries', { count: entries })}</li>` : nothing}
    <li>${t('demo.goes.places')}</li>
    <li>${t('demo.goes.kept')}</li>
  </ul>`;

  /** @param {Larder} larder */
  const body = (larder) => {
    const still = String(busy.value || !inReach());
    if (larder.state === 'here') {
      return html`${notice(t('demo.here', { count: larder.products }))}
        <h2>${t('demo.goes')}</h2>
        ${goes(larder)}
        <div class="actions start">
          <a class="button" href="/app/stock">${icon('package')}${t('demo.look')}</a>
          <button class="button danger-quiet" type="button" aria-disabled=${still} @click=${act(() => void clear())}>${icon('trash-2')}${t('demo.clear')}</button>
        </div>`;
    }
    if (larder.state === 'not-empty') return notice(t('demo.not-empty'));
    return html`<p>${t('demo.possible')}</p>
      <p class="quiet">${t('demo.possible.back')}</p>
      <div class="actions start">
        <button class="button primary" type="button" aria-disabled=${still} @click=${act(() => void furnish())}>${icon('package-open')}${t(busy.value ? 'demo.furnishing' : 'demo.furnish')}</button>
      </div>`;
  };

  const all = () => {
    const larder = there.data.value;
    return larder ? html`<section class="card padded stack narrow">${part(() => body(larder))}</section>` : nothing;
  };

  const look = gently(load);
  const stop = follow({
    load,
    hear: ({ type }) => {
      if (type === 'product.created' || type === 'product.archived') look();
    },
    every: () => EVERY,
    may,
  });
  return {
    title: () => t('demo.title'),
    view: () => html`<div class="screen">
      ${head({ title: t('demo.title'), sub: t('demo.sub') })} ${may() ? part(() => shown(all)) : notYours()}
    </div>`,
    left: stop,
  };
}
