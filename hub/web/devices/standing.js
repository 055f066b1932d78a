// What the scans of a station mean at a moment: what was chosen there, until it is quiet for long.

/** @typedef {import('../types/wire.d.ts').ScanningStation} Station */
/** @typedef {import('../types/wire.d.ts').Frame} Frame */
/** @typedef {{ mode: string, place?: string | undefined, person?: string | undefined, until?: string | undefined, usual: { mode: string, place?: string | undefined, after: number } }} Standing */

/** A new station puts in, and is quiet for ten minutes. @type {Standing} */
const FRESH = { mode: 'add', usual: { mode: 'add', after: 600 } };

/** @param {Station | undefined} station that scanned or was set before @param {number} now @returns {Standing} */
export function standingAt(station, now) {
  if (!station) return FRESH;
  const usual = { mode: station.usual_mode, place: station.usual_place_id, after: station.back_after_seconds };
  const { until_at: until } = station;
  if (until && Date.parse(until) <= now) return { mode: usual.mode, place: usual.place, usual };
  return { mode: station.mode, place: station.place_id, person: station.person_id, until, usual };
}

/**
 * What is known of stations, after something was heard.
 *
 * @param {ReadonlyMap<string, Station>} known
 * @param {Frame} frame
 * @returns {ReadonlyMap<string, Station>} the same when there is nothing new
 */
export function heard(known, { type, entity_id: id, data }) {
  if (type === 'station.mode' && data?.id) return put(known, data);
  const station = known.get(type.startsWith('scan.') ? data?.station : id);
  if (!station) return known;
  if (type === 'station.queued') return put(known, { ...station, queued: data.queued });
  const at = type.startsWith('scan.') ? data?.scanned_at : undefined;
  const isLater = at !== undefined && (station.last_scan_at === undefined || station.last_scan_at < at);
  return isLater ? put(known, { ...station, last_scan_at: at }) : known;
}

/** Which station scanned of which nothing is known yet, as after its first scan. @param {ReadonlyMap<string, Station>} known @param {Frame} frame @returns {string | undefined} */
export function stranger(known, { type, data }) {
  const station = type.startsWith('scan.') ? data?.station : undefined;
  return station && !known.has(station) ? station : undefined;
}

/** @param {ReadonlyMap<string, Station>} known @param {Station} station */
function put(known, station) {
  const before = known.get(station.id);
  if (before && before.version > station.version) return known;
  return new Map(known).set(station.id, station);
}

/** For the choice of how long it must be quiet, in seconds. */
export const QUIET = [60, 300, 600, 1800, 3600, 14_400];
