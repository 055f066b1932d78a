import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divide, mayGo, placesFor } from '../frame/destinations.js';

const place = (id, more = {}) => ({ id, path: `/app/${id}`, icon: id, key: id[0], ...more });
const ids = (places) => places.map(({ id }) => id).join(' ');

test('up to five places stand in the bar as they are', () => {
  const { bar, beyond } = divide(['a', 'b', 'c', 'd', 'e'].map((id) => place(id)));
  assert.equal(ids(bar), 'a b c d e');
  assert.equal(ids(beyond), '');
});

test('with more, the raised one takes the middle and the rest goes behind the last place', () => {
  const all = ['home', 'stock', 'shopping', 'people', 'you', 'system'].map((id) => place(id));
  all.splice(2, 0, place('scan', { raised: true }));
  const { bar, beyond } = divide(all);
  assert.equal(ids(bar), 'home stock scan shopping');
  assert.equal(ids(beyond), 'people you system');
});

test('nobody is led to a door that is closed to them', () => {
  assert.ok(ids(placesFor('owner')).includes('system'));
  assert.ok(!ids(placesFor('staff')).includes('system'));
  const keys = placesFor('owner').map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});

test('whoever types an address that is not theirs is told so, and not asked to try again', () => {
  const closed = (who, names) => names.filter((name) => !mayGo(name, who)).join(' ');
  const some = ['home', 'stock-product', 'devices', 'devices-labels', 'settings', 'settings-places', 'settings-export', 'system-work', 'system-backups', 'you'];
  assert.equal(closed('owner', some), '');
  assert.equal(closed('member', some), 'system-backups');
  assert.equal(closed('staff', some), 'devices settings-export system-work system-backups');
  assert.equal(closed('screen', some), some.slice(2).join(' '));
  // Whoever is not signed in finds the door.
  assert.equal(closed(undefined, [...some, 'door-join']), '');
  assert.equal(closed('screen', ['door-screen', 'missing']), '');
});
