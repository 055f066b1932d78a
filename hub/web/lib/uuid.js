/**
 * A random UUID, also on a plain http:// address, where browsers keep `crypto.randomUUID` back.
 *
 * @param {Pick<Crypto, 'getRandomValues'> & Partial<Pick<Crypto, 'randomUUID'>>} [source]
 */
export function uuid(source = crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const fixed = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return fixed.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
