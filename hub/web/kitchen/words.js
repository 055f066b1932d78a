// Amounts and days as people say them.

import { computed } from '#signals';
import { has, locale, now, t, timeZone, warningDays } from '../lib/text.js';

/** @typedef {import('../elements/pieces.js').Tone} Tone */

const DAY = 86_400_000;
/** From how many of them the larger unit is said. */
const THOUSAND = 1000;
/** @type {Record<string, string>} */
const LARGER = { g: 'kg', ml: 'l' };

/** Making one takes longer than drawing a row: each is made once for a language. */
const forms = computed(() => {
  const spoken = locale.value;
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { day: 'numeric', month: 'short', timeZone: 'UTC' };
  return {
    decimal: new Intl.NumberFormat(spoken, { maximumFractionDigits: 3 }),
    typed: new Intl.NumberFormat(spoken, { maximumFractionDigits: 3, useGrouping: false }),
    day: new Intl.DateTimeFormat(spoken, day),
    dayOfYear: new Intl.DateTimeFormat(spoken, { ...day, year: 'numeric' }),
    relative: new Intl.RelativeTimeFormat(spoken, { numeric: 'auto' }),
  };
});

/** @param {number} value */
const decimal = (value) => forms.value.decimal.format(value);

/** “3”, “250 g”, “1.5 kg”. @param {number} quantity @param {string} [unit] */
export function amount(quantity, unit = '') {
  const larger = LARGER[unit];
  if (larger && Math.abs(quantity) >= THOUSAND) return `${decimal(quantity / THOUSAND)} ${larger}`;
  if (unit === '' || unit === 'piece') return decimal(quantity);
  return `${decimal(quantity)} ${unit}`;
}

/** What the house says in a sentence, with each number kept beside its unit. @param {string} text */
export const unbroken = (text) => text.replace(/(\d) (?=(?:g|kg|ml|l)\b)/g, '$1\u00a0');

/** The name of a thing, with its maker's. @param {{ name: string, brand?: string }} product */
export const inFull = ({ name, brand }) => [name, brand].filter(Boolean).join(', ');

/** A number as one types it. @param {number} value */
export const typed = (value) => forms.value.typed.format(value);

/** What somebody typed, with comma or point; nothing where that is no number. @param {string} text */
export function readAmount(text) {
  const plain = text.trim().replace(',', '.');
  return /^\d+(\.\d{1,3})?$/.test(plain) ? Number(plain) : undefined;
}

/**
 * Put together from its parts: no language writes days like this in every browser there is.
 *
 * @param {number} at @param {string} [zone]
 */
function dayIn(at, zone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const form = { year: 'numeric', month: '2-digit', day: '2-digit', ...(zone && { timeZone: zone }) };
  const parts = new Intl.DateTimeFormat('en', form).formatToParts(at);
  return ['year', 'month', 'day'].map((type) => parts.find((part) => part.type === type)?.value).join('-');
}

const here = computed(() => dayIn(now.value, timeZone.value));

/** Today in the house, as `2026-11-20`; or the day of another moment and zone. @param {number} [at] @param {string} [zone] */
export function today(at, zone) {
  return at === undefined ? here.value : dayIn(at, zone ?? timeZone.value);
}

/** @param {string} day @param {string} from */
export function daysUntil(day, from) {
  return Math.round((Date.parse(day) - Date.parse(from)) / DAY);
}

/** How urgent a day is. @param {number} days @param {number} [soon] so many days more are soon @returns {Tone} */
export function urgency(days, soon = warningDays.value) {
  if (days < 0) return 'over';
  return days <= soon ? 'soon' : 'fresh';
}

/** Days in which a date needs no year. */
const CLOSE = 300;

/** Said as what it is nearest to: “in 3 years” would be no word for four years less a few weeks. @param {number} days */
function inWords(days) {
  const form = forms.value.relative;
  const size = Math.abs(days);
  if (size < 14) return form.format(days, 'day');
  if (size < 60) return form.format(Math.round(days / 7), 'week');
  if (size < 532) return form.format(Math.round(days / 30.4), 'month');
  return form.format(Math.round(days / 182.6) / 2, 'year');
}

/**
 * “19 Jan · in 8 weeks”, and how urgent that is.
 *
 * @param {string} day
 * @param {string} [from]
 * @param {number} [soon]
 * @returns {{ tone: Tone, text: string }}
 */
export function due(day, from = today(), soon = warningDays.value) {
  const days = daysUntil(day, from);
  // So close, the day and the month say which year is meant.
  const form = Math.abs(days) < CLOSE ? forms.value.day : forms.value.dayOfYear;
  const absolute = form.format(Date.parse(day));
  return { tone: urgency(days, soon), text: t('due.when', { date: absolute, when: inWords(days) }) };
}

/** The text under `key` and a word from elsewhere; the word itself where there is none. @param {string} key @param {string} word */
export function known(key, word) {
  return has(`${key}.${word}`) ? t(`${key}.${word}`) : word;
}

/** For comparing what is typed with what there is: without case and accents. @param {string} text */
export function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}

/** A code as it stands on the pack: without the zeros that fill a number up. @param {string} code */
export function codeForPeople(code) {
  if (code.startsWith('text:')) return code.slice('text:'.length);
  const digits = code.replace(/^shop:/, '');
  if (!/^\d{14}$/.test(digits)) return digits;
  const zeros = digits.search(/[1-9]|$/);
  return digits.slice(zeros > 5 ? 6 : Math.min(zeros, 2));
}

/** “19 Jan”, or with its year. @param {string} day @param {'day' | 'dayOfYear'} [form] */
export const dayInWords = (day, form = 'day') => forms.value[form].format(Date.parse(day));

/** Money in its own currency. @param {number} minor in its smallest unit @param {string} currency */
export function money(minor, currency) {
  const form = new Intl.NumberFormat(locale.value, { style: 'currency', currency });
  return form.format(minor / 10 ** (form.resolvedOptions().maximumFractionDigits ?? 2));
}
