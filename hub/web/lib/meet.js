// Two people change the same at once: what both said, and what one of them did not touch.
//
// A field is text, as in a form. Three states meet: as it was when one began, as it was typed, and as it is now.
// What only the other changed is taken over; what both changed is shown with both sides, and nothing is lost.

/** @typedef {Record<string, string>} Fields */
/** @typedef {(name: string, a?: string, b?: string) => boolean} Same whether two fields say the same, however they are written */

/** @type {Same} */
const alike = (_, a = '', b = '') => a.trim() === b.trim();

/** What was typed otherwise than it stood. @param {Fields} begun @param {Fields} now @param {Same} [same] @returns {string[]} */
export function touched(begun, now, same = alike) {
  return Object.keys(begun).filter((name) => !same(name, begun[name], now[name]));
}

/**
 * Somebody else was faster.
 *
 * @param {Fields} begun as it was when one began
 * @param {Fields} mine as it was typed
 * @param {Fields} now as it is now
 * @param {Same} [same]
 * @returns {{ fields: Fields, theirs: Fields }} what the form holds now, and what the other said where both spoke
 */
export function meet(begun, mine, now, same = alike) {
  const ours = touched(begun, mine, same);
  /** @type {Fields} */
  const fields = {};
  /** @type {Fields} */
  const theirs = {};
  for (const [name, is] of Object.entries(now)) {
    const typedHere = mine[name] ?? '';
    const spoken = ours.includes(name);
    fields[name] = spoken ? typedHere : is;
    if (spoken && !same(name, begun[name], is) && !same(name, typedHere, is)) theirs[name] = is;
  }
  return { fields, theirs };
}
