// Labels that shops print themselves: what is typed of them, and how what was learnt is shown.

/** @typedef {'weight' | 'price' | 'count'} Says what the last digits of a number say */
/** @typedef {{ code: string, value: string }} Label as it was typed */
/** @typedef {Pick<import('../types/wire.d.ts').ShopPattern, 'prefix' | 'says' | 'digits' | 'decimals' | 'checked'>} Pattern */

/** @type {Says[]} */
export const SAYS = ['weight', 'price', 'count'];

/** How many decimals are printed: of kilograms, of money, of pieces. @type {Record<string, number>} */
const DECIMALS = { weight: 3, price: 2, count: 0 };

/** The number of a label: without what a scanner puts in front of it, and without spaces. @param {string} code */
export const numberOf = (code) => code.replace(/^\][A-Za-z]\w/, '').replace(/\s/g, '');

/** In thousandths of a kilogram, in cents, or in pieces; nothing of what cannot be printed so. @param {string} text @param {string} says */
export function valueOf(text, says) {
  const decimals = DECIMALS[says] ?? 0;
  const found = /^(\d{1,7})(?:[.,](\d+))?$/.exec(text.trim());
  const [, whole = '', rest = ''] = found ?? [];
  if (!found || rest.length > decimals) return undefined;
  return Number(whole + rest.padEnd(decimals, '0'));
}

/** Whether the last digit of a number fits the others. @param {string} digits */
export function checks(digits) {
  const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 1 ? 3 : 1), 0);
  return sum % 10 === 0;
}

/** As 13 digits. @param {string} code */
const inFull = (code) => numberOf(code).padStart(13, '0');

/** The first two digits, by which shops tell their labels apart. @param {string} code */
const prefixOf = (code) => inFull(code).slice(0, 2);

/**
 * What is wrong with labels, by the field: what can be known without asking.
 *
 * @param {readonly Label[]} labels
 * @param {string} says
 * @returns {Map<string, string>} a word each
 */
export function wrongOf(labels, says) {
  /** @type {Map<string, string>} */
  const wrong = new Map();
  for (const [at, { code, value }] of labels.entries()) {
    const [number, amount] = [numberOf(code), valueOf(value, says)];
    if (!/^\d{12,13}$/.test(number)) wrong.set(`code-${at}`, 'digits');
    else if (!checks(number)) wrong.set(`code-${at}`, 'check');
    else if (!/^(02|2\d)$/.test(prefixOf(number))) wrong.set(`code-${at}`, 'not-of-a-shop');
    else if (labels.slice(0, at).some((earlier) => numberOf(earlier.code) === number)) wrong.set(`code-${at}`, 'same');
    else if (prefixOf(number) !== prefixOf(labels[0]?.code ?? '')) wrong.set(`code-${at}`, 'other-prefix');
    if (amount === undefined || amount === 0) wrong.set(`value-${at}`, says);
  }
  return wrong;
}

/** Labels as they are sent. @param {readonly Label[]} labels @param {string} says */
export function wire(labels, says) {
  return labels.map(({ code, value }) => {
    const amount = valueOf(value, says) ?? 0;
    return { code: numberOf(code), [says]: says === 'weight' ? amount / 1000 : amount };
  });
}

/** How the value stands in a number: “00.000”. @param {{ digits: number, decimals: number }} layout @param {string} point the sign between */
export function mask({ digits, decimals }, point) {
  const whole = Math.max(1, digits - decimals);
  return '0'.repeat(whole) + (decimals > 0 ? point + '0'.repeat(decimals) : '');
}

/**
 * The pieces of a number in their order, with how many digits each has.
 *
 * @param {Pattern} pattern
 * @returns {{ part: 'prefix' | 'article' | 'check' | 'value' | 'last', digits: number }[]}
 */
export function piecesOf({ prefix, digits, checked }) {
  const check = checked ? 1 : 0;
  const article = Math.max(0, 13 - prefix.length - check - digits - 1);
  /** @type {ReturnType<typeof piecesOf>} */
  const pieces = [
    { part: 'prefix', digits: prefix.length },
    { part: 'article', digits: article },
    { part: 'check', digits: check },
    { part: 'value', digits },
    { part: 'last', digits: 1 },
  ];
  return pieces.filter((piece) => piece.digits > 0);
}
