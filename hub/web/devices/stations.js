// What this page knows of the stations of the house besides their being there: what their scans mean, and what waits.

import { signal } from '../lib/view.js';
import { explain } from '../lib/problems.js';
import { now, t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, store } from '../hearth.js';
import { chip } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { placeNames } from '../kitchen/furnishing.js';
import { heard, standingAt, stranger } from './standing.js';

/** @typedef {import('../types/wire.d.ts').ScanningStation} Station */
/** @typedef {import('./standing.js').Standing} Standing */

/** @type {import('../lib/view.js').Signal<ReadonlyMap<string, Station>>} */
const known = signal(new Map());

/** @type {import('../lib/watch.js').Watched<Station[]>} */
export const stations = watch(async () => {
  /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').ScanningStations>} */
  const { data, asOf } = await api.read('/api/scanner/stations');
  known.value = new Map(data.items.map((station) => [station.id, station]));
  return { data: data.items, asOf };
});

/** @param {import('../types/wire.d.ts').Frame} frame */
export function hearStation(frame) {
  const unknown = stranger(known.peek(), frame);
  // What scans on a telephone or in a script is no device of the house.
  if (unknown && store.devices.peek()?.some(({ id }) => id === unknown)) void stations.load();
  known.value = heard(known.peek(), frame);
}

/** @param {string} id */
export const stationOf = (id) => known.value.get(id);

/** @param {string} id */
export const standingOf = (id) => standingAt(known.value.get(id), now.value);

/** Changes what the scans of one station mean, or of all. @param {Record<string, unknown>} change @param {() => string} said */
export async function turn(change, said) {
  try {
    /** @type {import('../types/wire.d.ts').ScanningStations} */
    const { items } = await api.post('/api/scanner/mode', change);
    for (const station of items) hearStation(/** @type {any} */ ({ type: 'station.mode', entity_id: station.id, data: station }));
    toast(said);
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** “Put in · Larder”. @param {Pick<Standing, 'mode' | 'place'>} standing */
export function meant({ mode, place }) {
  return [t(`scan.mode.${mode}`), place && placeNames.value.get(place)].filter(Boolean).join(' · ');
}

/** What waits there, where something does. @param {string} id */
export function waiting(id) {
  const queued = stationOf(id)?.queued ?? 0;
  return queued > 0 ? chip(t('station.queued', { count: queued }), { tone: 'soon', icon: 'clock' }) : undefined;
}
