import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { choose, duration, hour, language, learn, now, regional, relative, say, speak, t, timeZone } from '../lib/text.js';
import mainDe from '../text/de.js';
import mainEn from '../text/en.js';

const web = new URL('..', import.meta.url);

/** What only some screens say: a folder each. */
const parts = readdirSync(new URL('text/', web), { withFileTypes: true }).filter((entry) => entry.isDirectory());
/** @param {string} spoken */
const catalogues = (spoken) =>
  Promise.all(parts.map(async ({ name }) => (await import(new URL(`text/${name}/${spoken}.js`, web).href)).default));
const partsEn = await catalogues('en');
const partsDe = await catalogues('de');
const en = Object.assign({}, mainEn, ...partsEn);
const de = Object.assign({}, mainDe, ...partsDe);

/** Every module of ours that a browser runs. The programmers' page is in the language of what it describes. */
function sources(folder = '') {
  return readdirSync(new URL(folder || '.', web)).flatMap((name) => {
    const path = folder + name;
    if (['node_modules', 'vendor', 'tests', 'types', 'text', 'docs'].includes(path)) return [];
    if (statSync(new URL(path, web)).isDirectory()) return sources(`${path}/`);
    return name.endsWith('.js') ? [path] : [];
  });
}

const texts = new Map(sources().map((path) => [path, readFileSync(new URL(path, web), 'utf8')]));
const placesOf = (entry) => [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].sort();

test('a word stands in one file', () => {
  for (const all of [[mainEn, ...partsEn], [mainDe, ...partsDe]]) {
    const keys = all.flatMap((catalogue) => Object.keys(catalogue)).sort();
    assert.deepEqual(keys.filter((key, at) => key === keys[at - 1]), []);
  }
});

test('what is there from the beginning says nothing that comes later', () => {
  const first = new Set();
  const walk = (path) => {
    if (first.has(path)) return;
    first.add(path);
    for (const [, to] of texts.get(path).matchAll(/^(?:import|export)\b[^;]*?'(\.[^']+)'/gm)) {
      const next = new URL(to, new URL(path, web)).href.slice(web.href.length);
      if (texts.has(next)) walk(next);
    }
  };
  walk('main.js');
  assert.ok(first.size > 30);
  for (const path of first) {
    const asked = [...texts.get(path).matchAll(/\bt\('([^']+)'/g)].map(([, key]) => key);
    assert.deepEqual(asked.filter((key) => !(key in mainEn)), [], path);
  }
});

test('both catalogues have the same keys, places and forms', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const [key, entry] of Object.entries(en)) {
    assert.deepEqual(placesOf(de[key]), placesOf(entry), key);
    assert.equal(typeof de[key], typeof entry, key);
    for (const [spoken, catalogue] of [['en', en], ['de', de]]) {
      if (typeof catalogue[key] === 'string') continue;
      const forms = new Intl.PluralRules(spoken).resolvedOptions().pluralCategories;
      assert.deepEqual(Object.keys(catalogue[key]).sort(), [...forms].sort(), `${key} in ${spoken}`);
    }
  }
});

/** What a person in the kitchen never meets: faults of the hub, what its makers' own programs or its command line do, and what screens ask about themselves. */
const NOT_MET = new Set([
  'act-shape', 'answer-shape', 'bad-barcode', 'bad-calendar-key', 'bad-setting', 'catalogue-missing', 'catalogue-picture', 'catalogue-shape',
  'catalogue-unreadable', 'database-shape', 'entry-deleted', 'entry-exists', 'export-lost', 'export-unwritable', 'job-shape', 'label-does-not-fit',
  'labels-ambiguous', 'labels-stopped', 'no-row', 'no-such-page', 'not-found', 'not-your-station', 'partly-used', 'receipt-booked-before',
  'too-many-scans', 'typeface-unreadable',
]);

test('what the kitchen refuses is said in the language of who asked', () => {
  const kitchen = new URL('../src/kitchen/', web);
  const files = readdirSync(kitchen, { recursive: true }).map(String).filter((name) => name.endsWith('.rs') && !/tests/.test(name));
  const refusal = /Error::(?!field)\w+\(\s*"([a-z-]+)"/g;
  const codes = new Set(files.flatMap((name) => [...readFileSync(new URL(name, kitchen), 'utf8').matchAll(refusal)].map(([, code]) => code)));
  assert.ok(codes.size > 100, `${codes.size} codes`);
  assert.deepEqual([...codes].filter((code) => !(`problem.${code}` in de) && !NOT_MET.has(code)).sort(), []);
  assert.deepEqual([...NOT_MET].filter((code) => !codes.has(code)), []);
});

test('copy keeps its manners', () => {
  for (const [spoken, catalogue] of [['en', en], ['de', de]]) {
    for (const [key, entry] of Object.entries(catalogue)) {
      const text = JSON.stringify(entry);
      assert.ok(!text.includes('!'), `${spoken} ${key} shouts`);
      assert.ok(!/\b(hub|sync|entity|backend|server)\b/i.test(text), `${spoken} ${key} speaks of machines`);
    }
  }
});

test('every key that is asked for is there, and every one that is there is asked for', () => {
  const all = [...texts.values()].join('\n');
  const exact = new Set([...all.matchAll(/'([a-z]+(?:[.-][a-z]+)*)'/g)].map(([, key]) => key));
  const made = [...all.matchAll(/\b(?:t|has)\(`([^`]+)`/g)].map(([, key]) => key);
  const patterns = made.map((key) => new RegExp(`^${key.replace(/[.]/g, '\\.').replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '[\\w.-]+')}$`));
  const used = (key) => exact.has(key) || patterns.some((pattern) => pattern.test(key));
  assert.deepEqual(Object.keys(en).filter((key) => !used(key)), []);
  const asked = [...all.matchAll(/\bt\('([^']+)'/g)].map(([, key]) => key);
  assert.deepEqual(asked.filter((key) => !(key in en)), []);
  for (const pattern of patterns) {
    assert.ok(Object.keys(en).some((key) => pattern.test(key)), `nothing fits ${pattern}`);
  }
});

/** Takes the expressions out of a template, nested templates included. */
function templates(source) {
  const found = [];
  const read = (start) => {
    let text = '';
    let at = start;
    while (at < source.length && source[at] !== '`') {
      if (source.startsWith('${', at)) {
        let depth = 1;
        at += 2;
        text += ' ';
        while (depth > 0) {
          if (source[at] === '`') at = read(at + 1);
          else if (source[at] === '{') depth += 1;
          else if (source[at] === '}') depth -= 1;
          at += 1;
        }
      } else {
        text += source[at];
        at += 1;
      }
    }
    if (source.slice(start - 5, start - 1) === 'html') found.push(text);
    return at;
  };
  for (let at = source.indexOf('html`'); at !== -1; at = source.indexOf('html`', at)) at = read(at + 5) + 1;
  return found;
}

test('views hold no words of their own', () => {
  let count = 0;
  for (const [path, source] of texts) {
    for (const template of templates(source)) {
      count += 1;
      const words = template.replace(/<[^<>]*>/g, ' ').match(/\p{L}+/gu);
      assert.equal(words, null, `${path}: ${template}`);
      const spoken = /\b(?:aria-label|title|placeholder|alt|aria-description)="([^"]*\p{L}[^"]*)"/u.exec(template);
      assert.equal(spoken, null, `${path}: ${template}`);
      assert.ok(!/^\s*\/[/*]/m.test(template), `${path}: such a line is taken for a comment and does not ship: ${template}`);
    }
  }
  assert.ok(count > 60, `only ${count} templates were found`);
});

test('the finder of words finds words', () => {
  assert.deepEqual(templates('x = html`<p>a ${y ? html`<b>c</b>` : `d`} e</p>`'), ['<b>c</b>', '<p>a   e</p>']);
});

test('every icon that is asked for is there', () => {
  const icons = new Set(readdirSync(new URL('vendor/lucide/', web)).map((name) => name.replace('.svg', '')));
  const all = [...texts.values()].join('\n');
  const asked = [...all.matchAll(/icon(?:: name)?(?:\(|: )'([a-z0-9-]+)'/g)].map(([, name]) => name);
  assert.ok(asked.length > 20);
  assert.deepEqual(asked.filter((name) => !icons.has(name)), []);
  const quoted = (name) => all.includes(`'${name}'`);
  assert.deepEqual([...icons].filter((name) => name !== 'LICENSE' && !quoted(name)), [], 'vendored and never used');
});

test('plurals, places and numbers', () => {
  const words = { a: { one: '{count} thing', other: '{count} things' }, b: 'Hi {name}, {unknown}' };
  assert.equal(say(words, 'en', 'a', { count: 1 }), '1 thing');
  assert.equal(say(words, 'en', 'a', { count: 1234 }), '1,234 things');
  assert.equal(say(words, 'de', 'a', { count: 1234 }), '1.234 things');
  assert.equal(say(words, 'en', 'b', { name: '{name}' }), 'Hi {name}, {unknown}');
  assert.equal(say(words, 'en', 'missing'), 'missing');
});

test('a language that is wished for while words are loading is the one that is spoken', async () => {
  await speak('en');
  await Promise.all([learn('trust'), speak('de')]);
  assert.deepEqual([language.value, t('trust.title')], ['de', de['trust.title']]);
  const [once, twice] = [learn('house'), learn('house')];
  await Promise.race([once, twice]);
  assert.equal(t('backups.title'), 'Sicherungen');
  await speak('en');
});

test('the first language both sides speak', () => {
  assert.equal(choose(['fr', 'de-AT', 'en']), 'de');
  assert.equal(choose([null, undefined, 'nl']), 'en');
  assert.equal(regional('en', ['de-DE', 'en-GB', 'en']), 'en-GB');
  assert.equal(regional('de', ['en-GB']), 'de');
});

test('times in words, in the language and zone of the house', async () => {
  await speak('en');
  const at = Date.parse('2026-03-01T22:30:00Z');
  assert.equal(relative(at - 20_000, at), 'just now');
  assert.equal(relative(at - 5 * 60_000, at), '5 minutes ago');
  assert.equal(relative(at + 47 * 3_600_000, at), 'tomorrow');
  const day = 86_400_000;
  assert.equal(relative(at - 20 * day, at), '3 weeks ago');
  assert.equal(relative(at - 59 * day, at), '2 months ago');
  assert.equal(relative(at - 3.8 * 365 * day, at), '4 years ago');
  assert.equal(relative(at + 2.4 * 365 * day, at), 'in 2.5 years');
  assert.equal(duration(59), '0 minutes');
  assert.equal(duration(93_784), '1 day 2 hours');
  now.value = at;
  timeZone.value = 'Asia/Tokyo';
  assert.equal(hour(), 7);
  timeZone.value = 'Nowhere/Land';
  assert.equal(typeof hour(), 'number');
  timeZone.value = undefined;
  await speak('de');
  assert.equal(language.value, 'de');
  assert.equal(t('action.save'), 'Speichern');
  assert.equal(relative(at - 5 * 60_000, at), 'vor 5 Minuten');
  assert.equal(duration(93_784), '1 Tag 2 Stunden');
});
