// Computes from styles/tokens.css whether what is written can be read, in both themes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');
const tokens = new Map([...css.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value.trim()]));

/** @param {'light' | 'dark'} theme */
function resolve(value, theme) {
  const both = /^light-dark\((var\(--[\w-]+\)|oklch\([^)]+\)),\s*(.+)\)$/.exec(value);
  if (both) return resolve(theme === 'light' ? both[1] : both[2], theme);
  const named = /^var\(--([\w-]+)\)$/.exec(value);
  if (named) {
    assert.ok(tokens.has(named[1]), `no token --${named[1]}`);
    return resolve(tokens.get(named[1]), theme);
  }
  const colour = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(value);
  assert.ok(colour, `not a colour: ${value}`);
  return colour.slice(1).map(Number);
}

/** OKLCH to linear sRGB, clipped as a screen clips it. */
function linear([lightness, chroma, hue]) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => Math.min(1, Math.max(0, part)));
}

const luminance = (colour) => {
  const [r, g, b] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

function contrast(one, other, theme) {
  const [low, high] = [one, other].map((name) => luminance(resolve(`var(--${name})`, theme))).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['ground', 'surface', 'sunken'];
const states = ['fresh', 'soon', 'over', 'info'];

/** Text on what lies under it. */
const read = [
  ...grounds.flatMap((ground) => [['text', ground], ['quiet', ground]]),
  ...['ground', 'surface'].flatMap((ground) => ['accent-text', ...states.map((state) => `${state}-text`)].map((text) => [text, ground])),
  ...states.map((state) => [`${state}-text`, `${state}-tint`]),
  ['accent-text', 'accent-tint'],
  ['accent-text', 'sunken'],
  ['text', 'accent-tint'],
  ['quiet', 'accent-tint'],
  ['on-accent', 'accent-fill'],
  ['on-danger', 'danger-fill'],
  ['ground', 'text'],
];

/** Edges and rings that must be seen but not read. */
const seen = grounds.slice(0, 2).flatMap((ground) => [['edge', ground], ['accent', ground], ['over', ground]]);

for (const theme of ['light', 'dark']) {
  test(`text can be read: ${theme}`, () => {
    const poor = read
      .map(([one, other]) => `${contrast(one, other, theme).toFixed(2)} ${one} on ${other}`)
      .filter((line) => Number.parseFloat(line) < 4.5);
    assert.deepEqual(poor, []);
  });

  test(`edges can be seen: ${theme}`, () => {
    const poor = seen
      .map(([one, other]) => `${contrast(one, other, theme).toFixed(2)} ${one} on ${other}`)
      .filter((line) => Number.parseFloat(line) < 3);
    assert.deepEqual(poor, []);
  });
}

test('the measure itself: black on white is 21', () => {
  const white = luminance([1, 0, 0]);
  assert.equal(((white + 0.05) / 0.05).toFixed(1), '21.0');
});

test('rules use colours by what they are for', () => {
  const first = [...tokens.keys()].filter((name) => /^oklch/.test(tokens.get(name)));
  for (const file of ['base', 'layout', 'components', 'forms', 'utilities']) {
    const rules = readFileSync(new URL(`../styles/${file}.css`, import.meta.url), 'utf8');
    for (const name of first) {
      assert.ok(!rules.includes(`var(--${name})`), `${file}.css uses --${name}`);
    }
  }
});
