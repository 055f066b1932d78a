// Where things stand in a drawing.

export const WIDE = 320;
export const HIGH = 120;
/** Room for the words around the drawing. */
export const TOP = 14;
export const FOOT = 18;

/** The next number above that one counts in easily. @param {number} value */
export function niceAbove(value) {
  if (!(value > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * size >= value - 1e-9) ?? 10;
  return step * size;
}

/**
 * Columns that stand on each other: the lower one is what counts, the upper what was lost.
 *
 * @param {readonly { lower: number, upper: number }[]} columns
 */
export function columnsOf(columns) {
  const most = niceAbove(Math.max(0, ...columns.map(({ lower, upper }) => lower + upper)));
  const room = HIGH - TOP - FOOT;
  const each = WIDE / Math.max(1, columns.length);
  const width = Math.min(24, each * 0.7);
  const high = (/** @type {number} */ value) => (value / most) * room;
  const drawn = columns.map(({ lower, upper }, at) => {
    const x = at * each + (each - width) / 2;
    const base = TOP + room;
    return { x, width, lower: { y: base - high(lower), height: high(lower) }, upper: { y: base - high(lower + upper), height: high(upper) } };
  });
  return { most, drawn };
}

/**
 * Points in time, from left to right; the scale begins at nothing, so that half is half.
 *
 * @param {readonly { at: number, value: number }[]} points
 */
export function pointsOf(points) {
  const most = niceAbove(Math.max(0, ...points.map(({ value }) => value)));
  const room = HIGH - TOP - FOOT;
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const edge = 8;
  const across = (/** @type {number} */ at) => (last === first ? WIDE / 2 : edge + ((at - first) / (last - first)) * (WIDE - 2 * edge));
  return { most, drawn: points.map(({ at, value }) => ({ x: across(at), y: TOP + room * (1 - value / most) })) };
}
