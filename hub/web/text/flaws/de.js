// What may be wrong with a field, by the word that an answer has for it.
/** @type {import('../../lib/text.js').Catalogue} */
export default {
  'flaw.bad-address': 'Das ist keine Adresse.',
  'flaw.bad-characters': 'Darin steht etwas, das hier nicht geht.',
  'flaw.gone': 'Das gibt es nicht mehr.',
  'flaw.impossible-date': 'So ein Datum steht auf keiner Packung.',
  'flaw.impossible-time': 'Eine Uhrzeit schreibt sich wie 18:30.',
  'flaw.not-a-number': 'Das ist keine Zahl.',
  'flaw.out-of-range': 'Das ist zu wenig oder zu viel.',
  'flaw.required': 'Das wird gebraucht.',
  'flaw.too-fine': 'Höchstens drei Stellen nach dem Komma.',
  'flaw.too-long': 'Das ist zu lang.',
  'flaw.too-short': 'Das ist zu kurz.',
};
