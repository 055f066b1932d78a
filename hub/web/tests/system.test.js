import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learn, now, speak, timeZone } from '../lib/text.js';
import { ageOf, readPages, standOf } from '../system/pages.js';
import { bytes, kindWord, moment, quoted, readRhythm, rhythm, until } from '../system/words.js';

test('rhythms are said in words, and one that is not known as it is written', async () => {
  assert.deepEqual(readRhythm('every 90 s'), { every: 90 });
  assert.deepEqual(readRhythm('daily 03:30'), { hour: 3, minute: 30 });
  assert.equal(readRhythm('at full moon'), null);
  await speak('en');
await learn('house');
  const said = ['every 60 s', 'every 3600 s', 'every 86400 s', 'every 5 s', 'every 5400 s', 'at full moon'].map(rhythm);
  assert.deepEqual(said, ['Every minute', 'Every hour', 'Every day', 'Every 5 seconds', 'Every 1 hour 30 minutes', 'at full moon']);
  assert.match(rhythm('daily 03:30'), /^Every day at 0?3:30/);
  await speak('de');
  assert.equal(rhythm('daily 03:30'), 'Jeden Tag um 03:30');
  assert.equal(rhythm('every 7200 s'), 'Alle 2 Stunden');
});

test('moments near now are said by the day of the house', async () => {
  await speak('de');
  timeZone.value = 'Europe/Berlin';
  now.value = Date.parse('2026-11-20T22:30:00Z');
  assert.equal(moment('2026-11-20T02:30:00Z'), 'heute, 03:30');
  assert.equal(moment('2026-11-20T23:30:00Z'), 'morgen, 00:30');
  assert.equal(moment('2026-11-19T02:30:00Z'), 'gestern, 03:30');
  assert.equal(moment('2026-11-17T02:30:00Z'), '17.11.2026, 03:30');
  assert.equal(until('2026-11-20T22:30:40Z'), 'gleich');
  assert.equal(until('2026-11-20T22:35:00Z'), 'in 5 Minuten');
  timeZone.value = undefined;
});

test('sizes in the unit that fits', async () => {
  await speak('en');
  assert.deepEqual([0, 999, 1500, 4_215_000, 3.6e9].map(bytes), ['0 byte', '999 byte', '1.5 kB', '4.2 MB', '3.6 GB']);
  await speak('de');
  assert.equal(bytes(4_215_000), '4,2 MB');
});

test('a kind of work nobody has told us of goes by its own name', async () => {
  await speak('en');
  assert.equal(kindWord('house.backup'), 'Backup');
  assert.equal(kindWord('letters.send'), 'letters.send');
});

test('a path is given as a shell takes it', () => {
  assert.equal(quoted('/var/lib/hearth/a-1.tar'), '/var/lib/hearth/a-1.tar');
  assert.equal(quoted("/home/ida's/a b.tar"), "'/home/ida'\\''s/a b.tar'");
});

test('as many pages as were asked for, in order, and whether there is more', async () => {
  const asked = [];
  const read = async (path) => {
    asked.push(path);
    const page = asked.length;
    return { data: { items: [page], next: page < 3 ? `a b${page}` : undefined }, asOf: page === 2 ? 9 : undefined };
  };
  assert.deepEqual(await readPages(read, '/api/x?y=1', 2), { data: { items: [1, 2], next: 'a b2' }, asOf: 9 });
  assert.deepEqual(asked, ['/api/x?y=1', '/api/x?y=1&cursor=a%20b1']);
  asked.length = 0;
  assert.deepEqual((await readPages(read, '/api/x?y=1', 9)).data, { items: [1, 2, 3], next: undefined });
});

test('where a backup stands among the work', () => {
  const job = (state, more = {}) => ({ kind: 'house.backup', state, ...more });
  const among = (open, failed = []) => standOf({ open: { items: open }, failed: { items: failed } }, 'house.backup');
  assert.equal(among([]).making, false);
  assert.equal(among([{ kind: 'house.tidy', state: 'running' }]).making, false);
  assert.equal(among([job('waiting')]).making, true);
  assert.equal(among([job('running', { reason: { code: 'disk-full' } })]).making, true, 'it is being tried again');
  const putOff = among([job('waiting', { reason: { code: 'disk-full' } })]);
  assert.deepEqual([putOff.making, putOff.putOff?.reason.code], [false, 'disk-full']);
  assert.equal(among([], [job('failed')]).failed?.state, 'failed');
});

test('a backup is old after three days', () => {
  const at = Date.parse('2026-11-20T12:00:00Z');
  const of = (/** @type {string[]} */ ...times) => ageOf({ items: times.map((made_at) => ({ made_at })), awaited: false }, at);
  assert.equal(of(), 'none');
  assert.equal(ageOf({ items: [], awaited: true }, at), 'awaited', 'a new house is not told off');
  assert.equal(of('2026-11-17T12:00:01Z', '2026-01-01T00:00:00Z'), 'fresh');
  assert.equal(of('2026-11-17T11:59:59Z'), 'old');
});
