// A code on one photograph: read, and chosen among what else is on it.

import { Reader } from './reader.js';
import { choose, message } from './sight.js';
import { codesOn } from './still.js';

/** @param {File} file */
export async function codesOf(file) {
  const reader = new Reader();
  try {
    const codes = await codesOn(file, reader);
    return choose(codes.map((read) => ({ message: message(read), x: read.x, y: read.y })));
  } finally {
    reader.close();
  }
}
