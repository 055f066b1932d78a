// The places of the house, in the order of the bar and the rail.
//
// `raised` stands out in the middle of the bar. The bar shows five at most; with more, its last
// place opens the rest, and the rail shows all of them.

/**
 * @typedef {object} Destination
 * @property {string} id
 * @property {string} path
 * @property {string} icon
 * @property {string} key after `g`
 * @property {boolean} [raised]
 */

/** @typedef {import('../types/wire.d.ts').Role | 'screen'} Who */

/** @type {Destination[]} */
const destinations = [
  { id: 'home', path: '/app/', icon: 'house', key: 'h' },
  { id: 'stock', path: '/app/stock', icon: 'package', key: 'k' },
  { id: 'scan', path: '/app/scan', icon: 'scan-barcode', key: 'c', raised: true },
  { id: 'shopping', path: '/app/shopping', icon: 'shopping-cart', key: 'l' },
  { id: 'inbox', path: '/app/inbox', icon: 'inbox', key: 'i' },
  { id: 'receipts', path: '/app/receipts', icon: 'receipt-text', key: 'r' },
  { id: 'people', path: '/app/people', icon: 'users', key: 'p' },
  { id: 'devices', path: '/app/devices', icon: 'monitor-smartphone', key: 'd' },
  { id: 'settings', path: '/app/settings', icon: 'settings', key: 'e' },
  { id: 'you', path: '/app/you', icon: 'circle-user', key: 'y' },
  { id: 'system', path: '/app/system', icon: 'activity', key: 's' },
];

const PLACES = 5;

/**
 * For whom there is nothing, by the name of a route; of one that is not here, as of the place it belongs to.
 *
 * @type {Record<string, Who[]>}
 */
const CLOSED = {
  people: ['screen'],
  devices: ['staff', 'screen'],
  'devices-labels': ['screen'],
  settings: ['screen'],
  'settings-catalogue': ['staff', 'screen'],
  'settings-allergens': ['staff', 'screen'],
  'settings-connections': ['staff', 'screen'],
  'settings-export': ['staff', 'screen'],
  'settings-demo': ['member', 'staff', 'screen'],
  you: ['screen'],
  system: ['staff', 'screen'],
  'system-backups': ['member', 'staff', 'screen'],
};

/** Whether there is something for somebody at a route. @param {string} name @param {Who | undefined} who */
export function mayGo(name, who) {
  const closed = CLOSED[name] ?? CLOSED[name.replace(/-.*/, '')];
  return !who || !closed?.includes(who);
}

/** The places somebody may go to. @param {Who | undefined} who */
export function placesFor(who) {
  return destinations.filter(({ id }) => mayGo(id, who));
}

/**
 * What stands in the bar and what behind “More”.
 *
 * @param {readonly Destination[]} all
 * @returns {{ bar: Destination[], beyond: Destination[] }}
 */
export function divide(all) {
  if (all.length <= PLACES) return { bar: [...all], beyond: [] };
  const raised = all.filter((place) => place.raised);
  const others = all.filter((place) => !place.raised);
  const bar = others.slice(0, PLACES - 1 - raised.length);
  bar.splice(2, 0, ...raised);
  return { bar, beyond: others.slice(PLACES - 1 - raised.length) };
}
