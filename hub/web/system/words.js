// What machines write down, as people say it.

import { date, dateTime, duration, has, locale, now, relative, t, time } from '../lib/text.js';

/** @typedef {{ every: number } | { hour: number, minute: number }} Rhythm */

const DAY = 86_400_000;

/** How the house writes a rhythm: `every 3600 s`, or `daily 03:30`. @param {string} text @returns {Rhythm | null} */
export function readRhythm(text) {
  const every = /^every (\d+) s$/.exec(text);
  if (every) return { every: Number(every[1]) };
  const daily = /^daily (\d\d):(\d\d)$/.exec(text);
  return daily ? { hour: Number(daily[1]), minute: Number(daily[2]) } : null;
}

/** Lengths that have a word of their own. @type {Map<number, string>} */
const ROUND = new Map([
  [60, 'minute'],
  [3600, 'hour'],
  [86_400, 'day'],
]);

/** @param {string} text */
export function rhythm(text) {
  const read = readRhythm(text);
  if (!read) return text;
  if ('every' in read) {
    const round = ROUND.get(read.every);
    if (round) return t(`rhythm.${round}`);
    return t('rhythm.every', { time: read.every < 60 ? seconds(read.every) : duration(read.every) });
  }
  const form = new Intl.DateTimeFormat(locale.value, { timeStyle: 'short', timeZone: 'UTC' });
  return t('rhythm.daily', { time: form.format(Date.UTC(2000, 0, 1, read.hour, read.minute)) });
}

/** @param {number} amount */
function seconds(amount) {
  return new Intl.NumberFormat(locale.value, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(amount);
}

/** A moment of the house's day: “today, 03:30”, or with its date where it is further away. @param {string | number} at */
export function moment(at) {
  const day = date(at);
  const away = [0, -1, 1].find((days) => date(now.value + days * DAY) === day);
  if (away === undefined) return dateTime(at);
  const word = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }).format(away, 'day');
  return t('time.day-at', { day: word, time: time(at) });
}

/** How soon, for what is about to be. @param {string} at */
export function until(at) {
  return Date.parse(at) - now.value < 60_000 ? t('time.soon') : relative(at);
}

/** @type {[Intl.NumberFormatOptions['unit'], number][]} */
const SIZES = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
  ['byte', 1],
];

/** How large a file is: “4.2 MB”. @param {number} size */
export function bytes(size) {
  const [unit, one] = SIZES.find(([, one]) => size >= one) ?? /** @type {[string, number]} */ (['byte', 1]);
  const form = new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 });
  return form.format(size / one);
}

/** What a kind of work does; its own name where nobody has told us. @param {string} kind */
export function kindWord(kind) {
  return has(`work.kind.${kind}`) ? t(`work.kind.${kind}`) : kind;
}

/** A file's name as a shell takes it. @param {string} path */
export function quoted(path) {
  return /^[\w./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
