import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLIND, Eye, MOMENT, SILENT, troubleOf } from '../kitchen/camera/eye.js';
import { Reader, Unreadable } from '../kitchen/camera/reader.js';
import { article, AWAY, choose, elsewhere, GUARD, LINGERS, message, region, samePack, Sight } from '../kitchen/camera/sight.js';
import { fitted } from '../kitchen/camera/still.js';

const GS = '\u001d';
const EAN = ']E04006381333931';
const MATRIX = `]d20104006381333931172701191 0AB${GS}21x7`.replace(' ', '');
const LINK = ']Q1https://id.gs1.org/01/04006381333931/10/AB?17=270119';

const read = (said, { x = 0.5, y = 0.5, bars = !/^\][dQ]/.test(said) } = {}) => ({ id: said.slice(0, 3), text: said.slice(3), x, y, bars });

test('a code is sent as a scanner would: the kind of symbol in front, separators kept', () => {
  assert.equal(message({ id: ']d2', text: `0104006381333931${GS}10A` }), `]d20104006381333931${GS}10A`);
  assert.equal(message({ id: ']C1', text: '00123456789012345675' }), ']C100123456789012345675');
  assert.equal(message({ id: '', text: 'HEARTHC' }), 'HEARTHC');
});

test('the article is known by its number in every kind of symbol', () => {
  for (const said of [EAN, MATRIX, LINK, ']e00104006381333931', ']C1010400638133393110A', 'https://shop.example/gtin/4006381333931', 'HTTPS://ID.GS1.ORG/01/04006381333931']) {
    assert.equal(article(said), '04006381333931', said);
  }
  assert.equal(article(']E496385074'), '00000096385074');
  for (const said of [']Q1https://shop.example/offers/01', ']C0hello', ']d1HEARTHL123', ']C100123456789012345675', '']) {
    assert.equal(article(said), '', said);
  }
});

test('an address is somebody’s page unless it names an article', () => {
  assert.ok(elsewhere(']Q1https://jam.example/recipes') && elsewhere(']Q1www.jam.example'));
  assert.ok(!elsewhere(LINK) && !elsewhere(']C0hello') && !elsewhere(']Q1HEARTHCMADD12'));
});

test('two codes are on one pack when one of them says no more than which article it is', () => {
  assert.ok(samePack(EAN, EAN) && samePack(EAN, MATRIX) && samePack(LINK, EAN) && samePack(']e00104006381333931', MATRIX));
  assert.ok(!samePack(MATRIX, MATRIX.replace('21x7', '21x8')), 'another pack of the same article');
  assert.ok(!samePack(EAN, ']E04012345678901') && !samePack(']C0a', ']C0b'));
});

const at = (said, x = 0.5, y = 0.5) => ({ message: said, x, y });

test('of several codes the one that is meant is taken, or somebody is asked', () => {
  assert.deepEqual(choose([]), { among: [] });
  assert.equal(choose([at(EAN, 0.9, 0.9)]).take.message, EAN, 'alone it may be anywhere');
  assert.equal(choose([at(EAN, 0.5, 0.3), at(MATRIX, 0.8, 0.8)]).take.message, MATRIX, 'the one that says more');
  assert.equal(choose([at(EAN), at(']Q1https://jam.example/recipes', 0.52, 0.5)]).take.message, EAN, 'not the advertisement');
  const [jam, tea] = [at(']E04012345678901', 0.52, 0.5), at(EAN, 0.9, 0.2)];
  assert.equal(choose([tea, jam]).take.message, jam.message, 'the one in the middle');
  const asked = choose([at(EAN, 0.3, 0.5), at(']E04012345678901', 0.72, 0.5)]);
  assert.equal(asked.take, undefined);
  assert.deepEqual(asked.among.map(({ message: said }) => said), [EAN, ']E04012345678901'], 'the nearer one first');
  assert.deepEqual(choose([at(']Q1https://jam.example/recipes')]).among.length, 1, 'a page is offered and not taken');
});

/** Shows a film to a sight, a picture each 100 ms, and gives what was taken when. */
function film(sight, pictures, from = 0) {
  const taken = [];
  pictures.forEach((reads, index) => {
    const now = from + index * 100;
    const { take } = sight.look(reads, now);
    if (!take) return;
    sight.take(take.message, now);
    taken.push([take.message, now]);
  });
  return taken;
}

const shown = (count, ...reads) => Array.from({ length: count }, () => reads);

test('a code that stays in view is taken once, bars at the second picture and squares at the first', () => {
  assert.deepEqual(film(new Sight(), shown(100, read(EAN))), [[EAN, 100]]);
  assert.deepEqual(film(new Sight(), shown(100, read(MATRIX))), [[MATRIX, 0]]);
  assert.deepEqual(film(new Sight(), [[read(EAN)], ...shown(9), [read(EAN)]]), [], 'seen once is not seen');
});

test('a hand that shakes does not scan twice', () => {
  const shaking = Array.from({ length: 100 }, (_, index) => (index % 7 < 2 ? [read(MATRIX)] : []));
  assert.deepEqual(film(new Sight(), shaking), [[MATRIX, 0]]);
});

test('the same code is taken again when it was away, and not too soon', () => {
  const away = Math.ceil(AWAY / 100) + 1;
  const again = film(new Sight(), [...shown(20, read(MATRIX)), ...shown(away), ...shown(5, read(MATRIX))]);
  assert.equal(again.length, 2);
  const soon = film(new Sight(), [...shown(1, read(MATRIX)), ...shown(away), ...shown(1, read(MATRIX))]);
  assert.ok((away + 1) * 100 < GUARD && soon.length === 1, 'within the guard time');
});

test('the next pack of the same article is another one, the other code of the same pack is not', () => {
  const next = MATRIX.replace('21x7', '21x8');
  const away = shown(Math.ceil(LINGERS / 100) + 1);
  assert.deepEqual(film(new Sight(), [...shown(3, read(MATRIX)), ...away, ...shown(3, read(next))]).map(([said]) => said), [MATRIX, next]);
  assert.deepEqual(film(new Sight(), [...shown(3, read(EAN)), ...shown(20, read(EAN), read(MATRIX)), ...shown(5, read(MATRIX))]).map(([said]) => said), [EAN]);
});

test('what lies beside the one that was taken is not taken in its stead', () => {
  const other = read(']E04012345678901', { x: 0.9, y: 0.9 });
  const pictures = [...shown(4, read(EAN), other), ...shown(3, other), ...shown(4, read(EAN), other)];
  assert.deepEqual(film(new Sight(), pictures).map(([said]) => said), [EAN]);
});

test('of two that are equally near none is taken, and what was taken is not offered', () => {
  const sight = new Sight();
  const [left, right] = [read(EAN, { x: 0.25 }), read(']E04012345678901', { x: 0.75 })];
  sight.look([left, right], 0);
  assert.equal(sight.look([left, right], 100).among.length, 2);
  sight.take(EAN, 100);
  assert.deepEqual(sight.look([left, right], 200).among.map(({ message: said }) => said), [']E04012345678901']);
});

test('no more is read than is shown', () => {
  assert.deepEqual(region({ width: 1280, height: 720 }, { width: 400, height: 300 }), { x: 160, y: 0, width: 960, height: 720, to: { width: 960, height: 720 } });
  assert.deepEqual(region({ width: 720, height: 1280 }, { width: 400, height: 300 }), { x: 0, y: 370, width: 720, height: 540, to: { width: 720, height: 540 } });
  assert.deepEqual(region({ width: 3840, height: 2160 }, { width: 320, height: 240 }).to, { width: 1280, height: 960 });
  assert.deepEqual(fitted({ width: 8000, height: 6000 }, 2000), { width: 2000, height: 1500 });
  assert.deepEqual(fitted({ width: 40, height: 20 }, 2000), { width: 40, height: 20 });
});

/** A reader that answers when told. */
function slowReader() {
  const asked = [];
  const made = [];
  const reader = new Reader(() => {
    const worker = { postMessage: (question, moved) => asked.push({ question, moved, worker }), terminate: () => (worker.gone = true) };
    made.push(worker);
    return worker;
  });
  return { reader, asked, made };
}
const picture = (width) => ({ data: new Uint8ClampedArray(4 * width), width, height: 1 });
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('one picture is with the reader at a time', async () => {
  const { reader, asked } = slowReader();
  const [first, second] = [reader.read(picture(1)), reader.read(picture(2), { thorough: true })];
  await settled();
  assert.equal(asked.length, 1);
  asked[0].worker.onmessage({ data: { codes: [{ id: ']E0' }] } });
  assert.deepEqual(await first, [{ id: ']E0' }]);
  await settled();
  assert.deepEqual([asked.length, asked[1].question.thorough, asked[1].question.picture.width], [2, true, 2]);
  assert.equal(asked[1].moved[0], asked[1].question.picture.data.buffer, 'handed over and not copied');
  asked[1].worker.onmessage({ data: { codes: [] } });
  assert.deepEqual(await second, []);
});

test('a reader that could not be loaded is made anew for the next picture', async () => {
  const { reader, asked, made } = slowReader();
  const lost = reader.read(picture(1));
  await settled();
  asked[0].worker.onerror({});
  await assert.rejects(lost, Unreadable);
  assert.ok(made[0].gone);
  const next = reader.read(picture(1));
  await settled();
  made[1].onmessage({ data: { codes: [] } });
  assert.deepEqual(await next, []);
});

test('closing the reader lets go of whoever waits', async () => {
  const { reader, made } = slowReader();
  const waits = reader.read(picture(1));
  await settled();
  reader.close();
  assert.deepEqual(await waits, []);
  assert.ok(made[0].gone);
});

/** A camera that gives what it is told to, and a clock that stands still. */
function device(...answers) {
  const timers = [];
  const asked = [];
  const films = [];
  const clock = {
    now: () => 0,
    after: (ms, then) => {
      const timer = { ms, then };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
  };
  const pass = (ms) => {
    const due = timers.filter((timer) => timer.ms === ms);
    for (const timer of due) timers.splice(timers.indexOf(timer), 1);
    for (const { then } of due) then();
    return settled();
  };
  const devices = {
    getUserMedia: async ({ video }) => {
      asked.push(video);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer) throw Object.assign(new Error(), { name: answer });
      const track = Object.assign(new EventTarget(), {
        stop: () => (track.gone = true),
        getCapabilities: () => ({ torch: true, zoom: { min: 1, max: 1, step: 0 } }),
        getSettings: () => ({ deviceId: 'back' }),
        applyConstraints: async (wish) => void (track.wish = wish),
      });
      const made = { getTracks: () => [track], getVideoTracks: () => [track], track };
      films.push(made);
      return made;
    },
    enumerateDevices: async () => [
      { kind: 'audioinput', deviceId: 'ear', label: '' },
      { kind: 'videoinput', deviceId: 'back', label: 'Back' },
    ],
  };
  return { devices, clock, pass, asked, films };
}

test('the camera at the back is asked for, sharp enough, and says what it can do', async () => {
  const { devices, clock, asked, films } = device('');
  const eye = new Eye({ devices, clock });
  await eye.open();
  assert.equal(eye.state.value, 'on');
  assert.deepEqual(asked, [{ width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: { ideal: 'environment' } }]);
  assert.deepEqual(eye.abilities.value, { torch: true }, 'a zoom of one step is none');
  assert.deepEqual(eye.cameras.value, [{ id: 'back', name: 'Back' }]);
  assert.ok(await eye.light(true));
  assert.deepEqual(films[0].track.wish, { advanced: [{ torch: true }] });
  eye.close();
  assert.ok(films[0].track.gone && eye.state.value === 'off' && eye.film.value === null);
});

test('what stands in the way is told apart', async () => {
  for (const [name, trouble] of [['NotAllowedError', 'refused'], ['SecurityError', 'refused'], ['NotFoundError', 'missing'], ['NotReadableError', 'busy'], ['Error', 'blind']]) {
    assert.equal(troubleOf(Object.assign(new Error(), { name })), trouble);
  }
  const refused = device('NotAllowedError');
  const eye = new Eye(refused);
  await eye.open();
  assert.deepEqual([eye.state.value, eye.trouble.value, refused.asked.length], ['trouble', 'refused', 1], 'nobody is asked twice');
  const insecure = new Eye({ devices: undefined, clock: refused.clock });
  await insecure.open();
  assert.equal(insecure.trouble.value, 'insecure');
});

test('a camera that another app holds is asked for a few times, then somebody is told', async () => {
  const { devices, clock, pass, asked } = device('NotReadableError');
  const eye = new Eye({ devices, clock });
  await eye.open();
  for (let count = 0; count < 5; count += 1) await pass(MOMENT);
  assert.deepEqual([asked.length, eye.state.value, eye.trouble.value], [3, 'trouble', 'busy']);
});

test('a chosen camera that is gone makes room for the one at the back', async () => {
  const { devices, clock, asked } = device('OverconstrainedError', '');
  const eye = new Eye({ devices, clock, chosen: 'front' });
  await eye.open();
  assert.equal(eye.state.value, 'on');
  assert.deepEqual(asked.map(({ deviceId, facingMode }) => [deviceId?.exact, facingMode?.ideal]), [['front', undefined], [undefined, 'environment']]);
});

test('a page that is hidden lets the camera go, and has it again when it is shown', async () => {
  const { devices, clock, films } = device('');
  const eye = new Eye({ devices, clock });
  await eye.show();
  assert.equal(films.length, 0, 'nobody switched it on');
  await eye.open();
  eye.hide();
  assert.ok(films[0].track.gone);
  await eye.show();
  await eye.show();
  assert.deepEqual([films.length, eye.state.value], [2, 'on']);
  eye.close();
  await eye.show();
  assert.equal(films.length, 2, 'what was switched off stays off');
});

test('a film that arrives when nobody wants it any more is let go', async () => {
  const { devices, clock, films } = device('');
  const eye = new Eye({ devices, clock });
  const opening = eye.open();
  eye.close();
  await opening;
  assert.ok(films[0].track.gone);
  assert.equal(eye.film.value, null);
});

test('a film that ends, falls silent or brings no picture is asked for anew', async () => {
  const { devices, clock, pass, films } = device('');
  const eye = new Eye({ devices, clock });
  await eye.open();
  films[0].track.dispatchEvent(new Event('ended'));
  assert.equal(eye.state.value, 'starting');
  await pass(MOMENT);
  eye.saw();
  films[1].track.muted = true;
  films[1].track.dispatchEvent(new Event('mute'));
  await pass(SILENT);
  await pass(MOMENT);
  assert.deepEqual([films.length, eye.state.value, films[1].track.gone], [3, 'on', true]);
  for (let count = 0; count < 5; count += 1) {
    await pass(BLIND);
    await pass(MOMENT);
  }
  assert.deepEqual([eye.state.value, eye.trouble.value], ['trouble', 'blind'], 'not for ever');
  films[0].track.dispatchEvent(new Event('ended'));
  assert.equal(eye.state.value, 'trouble', 'an old film says nothing any more');
});
