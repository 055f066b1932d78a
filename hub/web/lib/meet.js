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

/** How what is said of a thing stood before. @param {object} thing @param {Record<string, unknown>} said @returns {Record<string, unknown>} */
export function stood(thing, said) {
  const { version: _, ...fields } = said;
  return Object.fromEntries(Object.keys(fields).map((name) => [name, /** @type {Record<string, unknown>} */ (thing)[name] ?? null]));
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two values of an answer say the same. @param {unknown} a @param {unknown} b @returns {boolean} */
function equal(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => equal(one, b[at]));
  if (!isObject(a) || !isObject(b)) return (a ?? null) === (b ?? null);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => equal(a[name], b[name]));
}

/**
 * What becomes of a value that was changed from `was` to `mine` and is something else by now; nothing where both
 * spoke about the same.
 *
 * @param {unknown} was
 * @param {unknown} mine
 * @param {unknown} is
 * @returns {{ value: unknown } | undefined}
 */
function joined(was, mine, is) {
  if (equal(mine, is) || equal(was, is)) return { value: mine };
  if (equal(was, mine)) return { value: is };
  if (!isObject(was) || !isObject(mine) || !isObject(is)) return undefined;
  /** @type {Record<string, unknown>} */
  const value = {};
  for (const name of new Set([...Object.keys(mine), ...Object.keys(is)])) {
    const part = joined(was[name], mine[name], is[name]);
    if (!part) return undefined;
    if (part.value !== undefined) value[name] = part.value;
  }
  return { value };
}

/**
 * What is left of a change that waited on the device while others changed the same thing, and how that stands now.
 * Nothing where both spoke about the same.
 *
 * @param {{ body: Record<string, unknown>, before?: Record<string, unknown> }} change
 * @param {Record<string, unknown>} now
 * @returns {{ body: Record<string, unknown>, before: Record<string, unknown> } | undefined}
 */
export function remaining({ body, before = {} }, now) {
  /** @type {Record<string, unknown>} */
  const left = { version: now['version'] };
  /** @type {Record<string, unknown>} */
  const stands = {};
  for (const [name, mine] of Object.entries(body)) {
    if (name === 'version') continue;
    const both = joined(before[name], mine, now[name]);
    if (!both) return undefined;
    if (equal(both.value, now[name])) continue;
    left[name] = both.value;
    stands[name] = now[name] ?? null;
  }
  return { body: left, before: stands };
}

/**
 * A change that met another about the same, as a form shows it: what it holds now, and what the other said.
 *
 * @template T
 * @param {{ body: Record<string, unknown>, before?: Record<string, unknown> }} change
 * @param {T} now
 * @param {(thing: T) => Fields} fieldsOf
 * @param {Same} [same]
 */
export function parted({ body, before }, now, fieldsOf, same = alike) {
  const { version: _, ...said } = body;
  return meet(fieldsOf({ ...now, ...before }), fieldsOf({ ...now, ...said }), fieldsOf(now), same);
}
