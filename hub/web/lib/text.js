// Words, numbers and times in the language of the person.
//
// A catalogue is a module of plain text under a key; `{name}` stands for a value, and an entry
// with forms (`one`, `other`) is chosen by `count`. Only the catalogue in use is loaded.

import { batch, computed, signal } from '#signals';

/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Entry */
/** @typedef {Record<string, Entry>} Catalogue */
/** @typedef {'en' | 'de'} Language */

/** @type {Record<Language, () => Promise<{ default: Catalogue }>>} */
const catalogues = {
  en: () => import('../text/en.js'),
  de: () => import('../text/de.js'),
};

/** What only some screens say: a folder of catalogues each. @param {string} part @param {Language} spoken @returns {Promise<{ default: Catalogue }>} */
const partOf = (part, spoken) => import(`../text/${part}/${spoken}.js`);

/** What screens have asked for so far. @type {Set<string>} */
const learnt = new Set();

/** Each language in its own words. @type {[Language, string][]} */
export const LANGUAGES = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];

/** @type {import('#signals').Signal<Language>} */
export const language = signal('en');
/** The time zone of the house; the device's own until it is known. @type {import('#signals').Signal<string | undefined>} */
export const timeZone = signal(undefined);
/** How many days before its date something is due soon, as the house has it. */
export const warningDays = signal(3);

/** @type {import('#signals').Signal<Catalogue>} */
const words = signal({});

/**
 * The first of the wanted languages that there is.
 *
 * @param {readonly (string | null | undefined)[]} wanted
 * @returns {Language}
 */
export function choose(wanted) {
  for (const tag of wanted) {
    const base = tag?.toLowerCase().split('-')[0];
    if (base === 'en' || base === 'de') return base;
  }
  return 'en';
}

/** The language asked for last: while one is loading, another may be wished for. @type {Language} */
let wanted = 'en';
/** The words being loaded, or loaded last. @type {Promise<void>} */
let loading = Promise.resolve();

/** Loads a language and switches to it. @param {Language} chosen */
export function speak(chosen) {
  wanted = chosen;
  loading = load();
  return loading;
}

async function load() {
  const [chosen, asked] = [wanted, learnt.size];
  const loaded = await Promise.all([catalogues[chosen](), ...[...learnt].map((part) => partOf(part, chosen))]);
  // Meanwhile a screen may have asked for more words, or somebody for another language.
  if (wanted !== chosen || learnt.size !== asked) return load();
  batch(() => {
    language.value = chosen;
    words.value = Object.assign({}, ...loaded.map(({ default: catalogue }) => catalogue));
  });
}

/** Loads what a screen has to say besides, in whatever language is spoken then. @param {string} part */
export async function learn(part) {
  if (!learnt.has(part)) {
    await partOf(part, wanted);
    learnt.add(part);
    loading = load();
  }
  await loading;
}

/**
 * @param {Catalogue} catalogue
 * @param {Language} spoken
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(catalogue, spoken, key, values = {}) {
  const entry = catalogue[key];
  if (entry === undefined) return key;
  let text = typeof entry === 'string' ? entry : '';
  if (typeof entry !== 'string') {
    const form = new Intl.PluralRules(spoken).select(Number(values['count'] ?? 0));
    text = entry[form] ?? entry.other ?? key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(spoken).format(value) : value;
  });
}

/**
 * The text under `key`, with `values` in their places.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values) {
  return say(words.value, language.value, key, values);
}

/** Whether there is a text under `key`. @param {string} key */
export function has(key) {
  return key in words.value;
}

/** The present, to the half minute: relative times follow it. */
export const now = signal(Date.now());

/**
 * The language as this device's region writes it: dates and hours differ between regions.
 *
 * @param {Language} spoken
 * @param {readonly string[]} regions
 */
export function regional(spoken, regions) {
  return regions.find((tag) => tag.split('-')[0] === spoken) ?? spoken;
}

const regions = globalThis.navigator?.languages ?? [];

/** What `Intl` is asked with. */
export const locale = computed(() => regional(language.value, regions));

/** @typedef {{ number: Intl.NumberFormat, date: Intl.DateTimeFormat, dateTime: Intl.DateTimeFormat, time: Intl.DateTimeFormat, relative: Intl.RelativeTimeFormat }} Formats */

const formats = computed(() => {
  const spoken = locale.value;
  // A zone this device has never heard of must not take the screen with it.
  const timeZoneOption = supported(timeZone.value);
  /** @type {Formats} */
  const made = {
    number: new Intl.NumberFormat(spoken),
    date: new Intl.DateTimeFormat(spoken, { day: 'numeric', month: 'short', year: 'numeric', ...timeZoneOption }),
    dateTime: new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeStyle: 'short', ...timeZoneOption }),
    time: new Intl.DateTimeFormat(spoken, { timeStyle: 'short', ...timeZoneOption }),
    relative: new Intl.RelativeTimeFormat(spoken, { numeric: 'auto' }),
  };
  return made;
});

/** @param {string | undefined} zone @returns {{ timeZone?: string }} */
function supported(zone) {
  if (!zone) return {};
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return { timeZone: zone };
  } catch {
    return {};
  }
}

/** @param {number} value */
export const number = (value) => formats.value.number.format(value);
/** @param {string | number} at */
export const date = (at) => formats.value.date.format(new Date(at));
/** @param {string | number} at */
export const dateTime = (at) => formats.value.dateTime.format(new Date(at));
/** @param {string | number} at */
export const time = (at) => formats.value.time.format(new Date(at));

/** The time of day in pieces, so that “PM” need not be as large as the hour. @param {number} at */
export function clockParts(at) {
  return formats.value.time.formatToParts(at).map(({ type, value }) => ({ text: value, half: type === 'dayPeriod' }));
}


/** @type {[number, Intl.RelativeTimeFormatUnit, number][]} */
const STEPS = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [7 * 86_400, 'day', 86_400],
  [30 * 86_400, 'week', 7 * 86_400],
  [365 * 86_400, 'month', 30 * 86_400],
  [Infinity, 'year', 365 * 86_400],
];

/**
 * How far away in words: “5 minutes ago”, “in 2 days”; “just now” within a minute.
 *
 * @param {string | number} at
 * @param {number} [from]
 */
export function relative(at, from = now.value) {
  const seconds = (new Date(at).getTime() - from) / 1000;
  const size = Math.abs(seconds);
  if (size < 60) return t('time.just-now');
  const step = STEPS.find(([below]) => size < below) ?? STEPS[STEPS.length - 1];
  const [, unit, length] = /** @type {[number, Intl.RelativeTimeFormatUnit, number]} */ (step);
  const far = seconds / length;
  // What is long ago is said as what it is nearest to, years to the half.
  const said = unit === 'year' ? Math.round(far * 2) / 2 : length > 86_400 ? Math.round(far) : Math.trunc(far);
  return formats.value.relative.format(said, unit);
}

/** A length of time in its one or two largest units. @param {number} seconds */
export function duration(seconds) {
  /** @type {[string, number][]} */
  const units = [
    ['day', Math.floor(seconds / 86_400)],
    ['hour', Math.floor(seconds / 3600) % 24],
    ['minute', Math.floor(seconds / 60) % 60],
  ];
  const shown = units.filter(([, amount]) => amount > 0).slice(0, 2);
  const parts = shown.length > 0 ? shown : [/** @type {[string, number]} */ (['minute', 0])];
  return parts
    .map(([unit, amount]) =>
      new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'long' }).format(amount),
    )
    .join(' ');
}

/** The hour of the day in the house, 0 to 23. */
export function hour() {
  const parts = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', ...supported(timeZone.value) });
  return Number(parts.format(now.value));
}
