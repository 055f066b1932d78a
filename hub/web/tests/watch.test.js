import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAgain, older, orAsShown, watch } from '../lib/watch.js';

/** Answers when the test says so. */
function slow() {
  const asked = [];
  const read = () => new Promise((resolve, reject) => asked.push({ resolve, reject }));
  return { asked, read };
}

test('one question at a time, and whoever asks meanwhile is answered by one more', async () => {
  const { asked, read } = slow();
  const watched = watch(read);
  const all = [watched.load(), watched.load(), watched.load()];
  assert.equal(asked.length, 1);
  asked[0].resolve({ data: 'old' });
  await new Promise(setImmediate);
  assert.equal(watched.data.value, 'old');
  assert.equal(asked.length, 2);
  asked[1].resolve({ data: 'new' });
  await Promise.all(all);
  assert.equal(watched.data.value, 'new');
  assert.equal(asked.length, 2);
});

test('what was read stays when the house is out of reach, with since when', async () => {
  const answers = [{ data: 1 }, new Error('no answer'), { data: 2, asOf: 700 }, new Error('no answer'), { data: 3 }];
  let time = 1000;
  const watched = watch(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }, () => time);
  const states = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await watched.load();
    time += 10;
    states.push([watched.data.value, watched.asOf.value, watched.trouble.value !== null]);
  }
  assert.deepEqual(states, [
    [1, undefined, false],
    [1, 1000, true],
    [2, 700, false],
    [2, 700, true],
    [3, undefined, false],
  ]);
});

test('a first question without an answer is trouble and nothing to show', async () => {
  const watched = watch(async () => {
    throw new Error('no answer');
  });
  await watched.load();
  assert.deepEqual([watched.data.value, watched.asOf.value], [null, undefined]);
  assert.ok(watched.trouble.value);
});

test('a late answer does not bring back what was forgotten', async () => {
  const { asked, read } = slow();
  const watched = watch(read);
  const loading = watched.load();
  watched.forget();
  asked[0].resolve({ data: 'theirs' });
  await loading;
  assert.equal(watched.data.value, null);
});

test('what is shown as it was asks once more when a newer answer is told of, and no longer once it has it', async () => {
  const answers = [{ data: 'kept', asOf: 700 }, { data: 'said' }, { data: 'unasked' }];
  const watched = watch(async () => answers.shift());
  await watched.load();
  assert.deepEqual([watched.data.value, watched.asOf.value], ['kept', 700]);
  askAgain();
  await new Promise(setImmediate);
  assert.deepEqual([watched.data.value, watched.asOf.value], ['said', undefined]);
  askAgain();
  await new Promise(setImmediate);
  assert.equal(watched.data.value, 'said');
});

test('a newer answer told of while the old one is being read is not missed', async () => {
  const { asked, read } = slow();
  const watched = watch(read);
  const loading = watched.load();
  askAgain();
  asked[0].resolve({ data: 'kept', asOf: 700 });
  await new Promise(setImmediate);
  asked[1].resolve({ data: 'said' });
  await loading;
  assert.deepEqual([watched.data.value, watched.asOf.value, asked.length], ['said', undefined, 2]);
});

test('what was forgotten does not ask again', async () => {
  let asked = 0;
  const watched = watch(async () => ({ data: (asked += 1), asOf: 700 }));
  await watched.load();
  watched.forget();
  askAgain();
  assert.equal(asked, 1);
});

test('what was heard since stays where the device only has what it kept', () => {
  assert.deepEqual(orAsShown(['heard'], { data: ['kept'], asOf: 7 }), { data: ['heard'], asOf: 7 });
  assert.deepEqual(orAsShown(null, { data: ['kept'], asOf: 7 }), { data: ['kept'], asOf: 7 });
  assert.deepEqual(orAsShown(['heard'], { data: ['said'] }), { data: ['said'], asOf: undefined });
});

test('the present is newer than any moment', () => {
  assert.equal(older(undefined, undefined), undefined);
  assert.equal(older(5, undefined), 5);
  assert.equal(older(7, 5), 5);
});
