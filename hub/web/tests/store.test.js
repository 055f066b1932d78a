import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '#signals';
import { worthTelling } from '../household/changes.js';
import { Store } from '../lib/store.js';

const member = (id, version, more = {}) => ({
  id,
  name: `${id}${version}`,
  role: 'member',
  language: 'en',
  theme: 'system',
  joined_at: `2026-01-0${id.length}T00:00:00.000Z`,
  version,
  ...more,
});
const frame = (seq, type, entity, data, epoch = 'a') => ({ type, timestamp: '', entity_id: entity, data, ch: 'house', seq, epoch });

function signedIn(waiting) {
  const store = new Store(waiting);
  const me = { id: 'a', name: 'a1', role: 'owner', language: 'en', theme: 'dark', version: 1 };
  const house = { id: 'h', name: 'Lindenhof', language: 'en', time_zone: 'UTC', version: 1, created_at: '' };
  store.takeSession({ state: 'signed-in', me, house });
  store.takeMembers([member('a', 1), member('bb', 1)]);
  store.takeInvites([]);
  store.takeChanges({ items: [frame(3, 'house.updated', 'h', house)], head: { ch: 'house', seq: 3, epoch: 'a' } });
  return store;
}

test('the newer version wins, in whatever order they come', () => {
  const store = signedIn();
  store.takeEvent(frame(5, 'member.updated', 'bb', member('bb', 3)));
  store.takeEvent(frame(4, 'member.updated', 'bb', member('bb', 2)));
  store.takeMembers([member('a', 1), member('bb', 2)]);
  assert.deepEqual(store.members.value.map(({ name }) => name), ['a1', 'bb3']);
});

test('somebody who joined while the list was on its way stays', () => {
  const store = signedIn();
  store.takeEvent(frame(4, 'member.joined', 'ccc', member('ccc', 1)));
  store.takeMembers([member('a', 1), member('bb', 1)]);
  assert.deepEqual(store.members.value.map(({ id }) => id), ['a', 'bb', 'ccc']);
});

test('what happens to you as one of the people happens to you', () => {
  const store = signedIn();
  store.takeEvent(frame(4, 'member.updated', 'a', member('a', 2, { theme: 'light', language: 'de' })));
  assert.deepEqual(store.me.value, { id: 'a', name: 'a2', role: 'member', language: 'de', theme: 'light', version: 2 });
});

test('invitations come and go', () => {
  const store = signedIn();
  store.takeEvent(frame(4, 'invite.created', 'i', { id: 'i', created_at: '1' }));
  store.takeEvent(frame(5, 'invite.created', 'j', { id: 'j', created_at: '2' }));
  assert.deepEqual(store.invites.value.map(({ id }) => id), ['j', 'i']);
  store.takeEvent(frame(6, 'invite.accepted', 'i', { id: 'i' }));
  store.dropInvite('j');
  assert.deepEqual(store.invites.value, []);
});

test('changes stand newest first, each once, also when the list comes late', () => {
  const store = signedIn();
  store.takeEvent(frame(4, 'house.updated', 'h', { version: 2 }));
  store.takeEvent(frame(4, 'house.updated', 'h', { version: 2 }));
  assert.deepEqual(store.changes.value.map(({ seq }) => seq), [4, 3]);
  store.takeChanges({ items: [frame(3, 'x', 'h', {})], head: { ch: 'house', seq: 3, epoch: 'a' } });
  assert.deepEqual(store.changes.value.map(({ seq }) => seq), [4, 3]);
  store.takeChanges({ items: [frame(1, 'x', 'h', {}, 'b')], head: { ch: 'house', seq: 1, epoch: 'b' } });
  assert.deepEqual(store.changes.value.map(({ seq }) => seq), [1]);
});

test('signing out forgets the house, except what is written at its door', () => {
  const store = signedIn();
  store.takeSession({ state: 'signed-out' });
  assert.equal(store.me.value, null);
  assert.equal(store.members.value, null);
  assert.equal(store.changes.value, null);
  assert.equal(store.house.value.name, 'Lindenhof');
});

test('what waits to be sent is seen at once', () => {
  const waiting = signal([]);
  const store = signedIn(waiting);
  waiting.value = [
    { method: 'PATCH', path: '/api/profile', body: { version: 1, theme: 'light' } },
    { method: 'PATCH', path: '/api/members/bb', body: { version: 1, role: 'staff' } },
  ];
  assert.equal(store.me.value.theme, 'light');
  assert.equal(store.members.value[1].role, 'staff');
  waiting.value = [];
  assert.equal(store.me.value.theme, 'dark');
});

test('of many changes to one thing in a row, one is told', () => {
  const told = worthTelling([
    frame(6, 'member.updated', 'a', {}),
    frame(5, 'member.updated', 'a', {}),
    frame(4, 'scan.applied', 'x', {}),
    frame(3, 'member.updated', 'b', {}),
    frame(2, 'member.updated', 'a', {}),
  ]);
  assert.deepEqual(told.map(({ seq }) => seq), [6, 3, 2]);
});
