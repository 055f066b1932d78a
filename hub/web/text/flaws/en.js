// What may be wrong with a field, by the word that an answer has for it.
/** @type {import('../../lib/text.js').Catalogue} */
export default {
  'flaw.bad-address': 'This is not an address.',
  'flaw.bad-characters': 'Something in this cannot be used here.',
  'flaw.gone': 'This is no longer here.',
  'flaw.impossible-date': 'There is no such date on a pack.',
  'flaw.impossible-time': 'A time is written like 18:30.',
  'flaw.not-a-number': 'This is not a number.',
  'flaw.out-of-range': 'This is too little or too much.',
  'flaw.required': 'This is needed.',
  'flaw.too-fine': 'At most three decimals.',
  'flaw.too-long': 'This is too long.',
  'flaw.too-short': 'This is too short.',
};
