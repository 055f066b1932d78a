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
 * @property {Who[]} [closedTo]
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
  { id: 'people', path: '/app/people', icon: 'users', key: 'p', closedTo: ['screen'] },
  { id: 'devices', path: '/app/devices', icon: 'monitor-smartphone', key: 'd', closedTo: ['staff', 'screen'] },
  { id: 'settings', path: '/app/settings', icon: 'settings', key: 'e', closedTo: ['screen'] },
  { id: 'you', path: '/app/you', icon: 'circle-user', key: 'y', closedTo: ['screen'] },
  { id: 'system', path: '/app/system', icon: 'activity', key: 's', closedTo: ['staff', 'screen'] },
];

const PLACES = 5;

/** The places somebody may go to. @param {Who | undefined} who */
export function placesFor(who) {
  return destinations.filter(({ closedTo }) => !who || !closedTo?.includes(who));
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
