// A picture that was taken with the device's own camera app, or lies on it: works where no film may be had.

/** No picture, or one that this browser does not know. */
export class NoPicture extends Error {
  /** @override */
  name = 'NoPicture';
}

/** Larger files are not photographs of a code. */
const HEAVIEST = 60_000_000;
/** The longer side as it is read: first enough for a small code, then as the film would show it. */
export const SIDES = [2000, 1000];

/** @param {{ width: number, height: number }} size @param {number} longest */
export function fitted({ width, height }, longest) {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @param {HTMLCanvasElement} canvas */
export function brush(canvas) {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new NoPicture('no canvas');
  return context;
}

/** @param {File} file */
async function decoded(file) {
  if (file.size > HEAVIEST) throw new NoPicture('too large');
  try {
    return await createImageBitmap(file);
  } catch {
    throw new NoPicture('not a picture');
  }
}

/**
 * Every code on a photograph, read at more than one size.
 *
 * @param {File} file
 * @param {import('./reader.js').Reader} reader
 */
export async function codesOn(file, reader) {
  const picture = await decoded(file);
  const canvas = document.createElement('canvas');
  try {
    for (const side of SIDES) {
      const { width, height } = fitted(picture, side);
      Object.assign(canvas, { width, height });
      const context = brush(canvas);
      context.drawImage(picture, 0, 0, width, height);
      const codes = await reader.read(context.getImageData(0, 0, width, height), { thorough: true });
      if (codes.length > 0) return codes;
    }
    return [];
  } finally {
    picture.close();
  }
}
