/**
 * A UUID of version 7: it begins with the time, so that things made on this device sort as they were made.
 *
 * @param {number} [at] milliseconds since 1970
 * @param {Pick<Crypto, 'getRandomValues'>} [source]
 */
export function uuid7(at = Date.now(), source = crypto) {
  const bytes = source.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (random, index) => {
    let byte = random;
    if (index < 6) byte = Math.floor(at / 256 ** (5 - index)) % 256;
    else if (index === 6) byte = (random & 0x0f) | 0x70;
    else if (index === 8) byte = (random & 0x3f) | 0x80;
    return byte.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
