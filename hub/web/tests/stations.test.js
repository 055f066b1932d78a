import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, standingAt, stranger } from '../devices/standing.js';
import { asksAgain, undoable } from '../kitchen/scans.js';
import { Store } from '../lib/store.js';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const fridge = {
  id: 'fridge',
  name: '',
  mode: 'consume',
  person_id: 'anna',
  usual_mode: 'add',
  usual_place_id: 'larder',
  back_after_seconds: 600,
  until_at: '2026-11-21T12:10:00Z',
  queued: 0,
  version: 4,
};
const known = new Map([['fridge', fridge]]);
const frame = (type, entity_id, data) => ({ type, entity_id, data, ch: 'house', seq: 1, epoch: 'e', timestamp: '' });

test('a station does what was chosen until it was quiet for long, and then its usual', () => {
  const chosen = standingAt(fridge, NOON);
  assert.deepEqual([chosen.mode, chosen.place, chosen.person, chosen.until], ['consume', undefined, 'anna', fridge.until_at]);
  const later = standingAt(fridge, NOON + 600_000);
  assert.deepEqual([later.mode, later.place, later.person, later.until], ['add', 'larder', undefined, undefined]);
  const fresh = standingAt(undefined, NOON);
  assert.deepEqual([fresh.mode, fresh.usual.after, fresh.until], ['add', 600, undefined]);
});

test('what is heard of a station is taken, unless something newer is known', () => {
  const turned = heard(known, frame('station.mode', 'fridge', { ...fridge, mode: 'open', version: 5 }));
  assert.equal(turned.get('fridge').mode, 'open');
  assert.equal(heard(turned, frame('station.mode', 'fridge', fridge)), turned);
  assert.equal(heard(known, frame('station.mode', 'cellar', { ...fridge, id: 'cellar' })).size, 2);
  assert.equal(heard(known, frame('station.queued', 'fridge', { queued: 3 })).get('fridge').queued, 3);
  const scanned = heard(known, frame('scan.applied', 's1', { station: 'fridge', scanned_at: '2026-11-21T11:59:00Z' }));
  assert.equal(scanned.get('fridge').last_scan_at, '2026-11-21T11:59:00Z');
  // One that arrives late is not the last.
  assert.equal(heard(scanned, frame('scan.applied', 's0', { station: 'fridge', scanned_at: '2026-11-21T11:00:00Z' })), scanned);
  assert.equal(heard(known, frame('scan.applied', 's2', { station: 'elsewhere', scanned_at: '2026-11-21T11:59:00Z' })), known);
  assert.equal(heard(known, frame('station.online', 'fridge', { id: 'fridge', kind: 'station' })), known);
});

test('a station is not known before its first scan', () => {
  const scan = (station) => frame('scan.applied', 's1', { station, scanned_at: '2026-11-21T11:59:00Z' });
  assert.equal(stranger(known, scan('cellar')), 'cellar');
  assert.equal(stranger(known, scan('fridge')), undefined);
  assert.equal(stranger(known, frame('station.online', 'cellar', { id: 'cellar' })), undefined);
});

test('what a station does is no device', () => {
  const store = new Store();
  store.takeDevices([{ id: 'fridge', kind: 'station', name: 'Fridge', version: 1 }]);
  store.takeEvent(frame('station.mode', 'fridge', fridge));
  store.takeEvent(frame('station.mode', 'a-browser', { ...fridge, id: 'a-browser' }));
  assert.deepEqual(store.devices.value.map(({ id, name }) => [id, name]), [['fridge', 'Fridge']]);
  store.takeEvent(frame('station.updated', 'fridge', { id: 'fridge', kind: 'station', name: 'Door', version: 2 }));
  assert.equal(store.devices.value[0].name, 'Door');
});

test('a pack that is here already did nothing that could be taken back', () => {
  const outcome = { scan_id: 's', status: 'question', tone: 'warn', warnings: ['already-here'], lines: [], before: 2, after: 2 };
  assert.equal(asksAgain(outcome), true);
  assert.equal(undoable({ id: 's', code: '', at: 0, outcome }), false);
  assert.equal(asksAgain({ ...outcome, warnings: ['expired'] }), false);
  assert.equal(undoable({ id: 's', code: '', at: 0, outcome: { ...outcome, warnings: [] } }), true);
});
