// Which kind of device this is, as far as it tells: good enough to open the right page of a manual.

/** @typedef {'apple' | 'android' | 'windows' | 'mac' | 'linux'} Device */

/** The devices that the page about trust knows, in its order. @type {Device[]} */
export const DEVICES = ['apple', 'android', 'windows', 'mac', 'linux'];

/** @param {string} agent @param {number} touchPoints @returns {Device} */
export function deviceOf(agent, touchPoints) {
  if (/iPhone|iPad|iPod/.test(agent)) return 'apple';
  // An iPad says that it is a Mac; no Mac has fingers on its screen.
  if (/Macintosh/.test(agent)) return touchPoints > 1 ? 'apple' : 'mac';
  if (/Android/.test(agent)) return 'android';
  if (/Windows/.test(agent)) return 'windows';
  return 'linux';
}
