// What may be sent as a receipt, and the word for what may not.

/** @typedef {'picture' | 'document' | 'text'} Kind */

const MIB = 1024 * 1024;
/** What the house takes at most. */
export const LARGEST = 25 * MIB;
export const LONGEST_TEXT = 256 * 1024;
/** More pixels than the house keeps of a paper are not worth sending. */
export const PIXELS = 3200;

/** What a field for files is told to offer. */
export const PICTURES = 'image/jpeg,image/png,image/webp';
export const FILES = `${PICTURES},application/pdf,text/plain,.txt`;

/** @type {Record<string, string>} */
const ENDS = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', pdf: 'application/pdf', txt: 'text/plain', heic: 'image/heic', heif: 'image/heif' };

/** What a file says it is; by its name where the device does not know. @param {{ name: string, type: string }} file */
export function typeOf({ name, type }) {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  return plain && plain !== 'application/octet-stream' ? plain : (ENDS[(name.split('.').at(-1) ?? '').toLowerCase()] ?? '');
}

/** @param {string} type @returns {Kind | undefined} */
export function kindOf(type) {
  if (PICTURES.split(',').includes(type)) return 'picture';
  if (type === 'application/pdf') return 'document';
  return type === 'text/plain' ? 'text' : undefined;
}

/** Another sort of picture, of which this device may be able to make one that is taken. @param {string} type */
export const foreignPicture = (type) => type.startsWith('image/') && kindOf(type) === undefined;

/**
 * Why a file is not even sent, as the end of a key.
 *
 * @param {{ type: string, size: number }} file as it would be sent
 * @returns {'empty' | 'kind' | 'long' | 'large' | undefined}
 */
export function refusalOf({ type, size }) {
  const kind = kindOf(type);
  if (size === 0) return 'empty';
  if (!kind) return 'kind';
  if (kind === 'text') return size > LONGEST_TEXT ? 'long' : undefined;
  return size > LARGEST ? 'large' : undefined;
}
