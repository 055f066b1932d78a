import { t } from '../lib/text.js';
import { chip } from '../elements/pieces.js';

/** @typedef {import('../types/wire.d.ts').ReceiptState} State */

/** @type {Record<State, { tone: import('../elements/pieces.js').Tone, icon: string }>} */
const MARKS = {
  processing: { tone: 'info', icon: 'clock' },
  completed: { tone: 'soon', icon: 'eye' },
  failed: { tone: 'over', icon: 'triangle-alert' },
  confirmed: { tone: 'fresh', icon: 'circle-check' },
};

/** Where a receipt stands. @param {State} state */
export const stateChip = (state) => chip(t(`receipt.state.${state}`), MARKS[state]);
