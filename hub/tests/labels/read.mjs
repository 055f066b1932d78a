// Reads every code on each picture (binary PGM) of a folder, in the order of their names, with the reader
// that the camera uses. Prints one line of JSON a picture: what each code says behind its identifier.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { prepareZXingModule, readBarcodes } from '../../web/vendor/zxing-wasm/dist/es/reader/index.js';

const wasm = new URL('../../web/vendor/zxing-wasm/dist/reader/zxing_reader.wasm', import.meta.url);
await prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer }, fireImmediately: true });

const folder = process.argv[2];
for (const name of readdirSync(folder).filter((name) => name.endsWith('.pgm')).sort()) {
  const codes = await readBarcodes(picture(readFileSync(join(folder, name))), {
    formats: ['DataMatrix', 'QRCode', 'Code128', 'EAN-13'],
    maxNumberOfSymbols: 255,
    tryHarder: true,
    textMode: 'Plain',
  });
  const read = codes.filter((code) => code.isValid).map((code) => ({
    kind: code.symbologyIdentifier,
    text: code.text,
    x: code.position.topLeft.x,
    y: code.position.topLeft.y,
  }));
  console.log(JSON.stringify(read));
}

/** A picture as a page's canvas would hand it over. */
function picture(bytes) {
  const head = /^P5\s(?:#[^\n]*\n)?(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 200).toString('latin1'));
  const [width, height] = [Number(head[1]), Number(head[2])];
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at += 1) {
    data.fill(bytes[head[0].length + at], 4 * at, 4 * at + 3);
  }
  return { data, width, height, colorSpace: 'srgb' };
}
