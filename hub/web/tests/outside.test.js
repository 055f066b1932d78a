import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from '../lib/api.js';
import { createSending, importPath, percentOf } from '../outside/sending.js';
import { changeOf, fieldOf, followOutcome, outcomeOf } from '../outside/telling.js';

/** A browser's request, as far as it is used, that does what the test says. */
class Request {
  upload = { onprogress: null };
  onload = null;
  onerror = null;
  onabort = null;
  status = 0;
  responseText = '';
  headers = {};

  open(method, url) {
    this.asked = `${method} ${url}`;
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send(body) {
    this.body = body;
  }

  abort() {
    this.onabort?.({});
  }

  answer(status, body) {
    this.status = status;
    this.responseText = typeof body === 'string' ? body : JSON.stringify(body);
    this.onload?.({});
  }
}

const FILE = { name: 'dump.csv.gz', size: 200, type: 'application/gzip' };

function begun() {
  const made = [];
  const sending = createSending(() => {
    made.push(new Request());
    return made.at(-1);
  });
  const answer = sending.send('/api/catalogue/import?name=dump.csv.gz', FILE);
  return { sending, answer, request: made[0] };
}

test('a file is sent with how far it is, and its answer comes back', async () => {
  const { sending, answer, request } = begun();
  assert.deepEqual([request.asked, request.body, request.headers['content-type']], ['POST /api/catalogue/import?name=dump.csv.gz', FILE, 'application/gzip']);
  assert.deepEqual(sending.now.value, { name: 'dump.csv.gz', sent: 0, of: 200 });
  request.upload.onprogress({ loaded: 150 });
  assert.equal(percentOf(sending.now.value), 75);
  request.upload.onprogress({ loaded: 260 });
  assert.equal(percentOf(sending.now.value), 100, 'what is sent around the file is not part of it');
  request.answer(202, { id: 'a' });
  assert.deepEqual(await answer, { id: 'a' });
  assert.equal(sending.now.value, null);
});

test('a file that is refused, lost or stopped on its way says so', async () => {
  const refused = begun();
  refused.request.answer(409, { code: 'catalogue-importing', detail: 'One is.' });
  await assert.rejects(refused.answer, (error) => error instanceof Problem && error.code === 'catalogue-importing' && error.status === 409);
  const odd = begun();
  odd.request.answer(502, '<html>');
  await assert.rejects(odd.answer, (error) => error instanceof Problem && error.status === 502);
  const lost = begun();
  lost.request.onerror({});
  await assert.rejects(lost.answer, Unreachable);
  const stopped = begun();
  stopped.sending.stop();
  assert.equal(await stopped.answer, undefined);
  for (const { sending } of [refused, odd, lost, stopped]) assert.equal(sending.now.value, null);
  stopped.sending.stop();
});

test('what is to be kept of a dump stands in its address', () => {
  const path = (language, country) => importPath({ name: 'a b&c.csv', language, country });
  assert.equal(path('', '  '), '/api/catalogue/import?name=a+b%26c.csv');
  assert.equal(path('DE; en', 'de , United Kingdom,'), '/api/catalogue/import?name=a+b%26c.csv&language=de%2Cen&country=de%2CUnited+Kingdom');
  assert.equal(percentOf({ name: '', sent: 0, of: 0 }), 0);
});

const KNOWN = {
  version: 3,
  mail: 'ida@house.example',
  digest_at: '07:30',
  quiet: { from: '22:00', until: '07:00' },
  choices: [{ about: 'expired', when: 'digest' }, { about: 'question', when: 'off' }],
  mail_possible: true,
};

test('what was chosen is said as a whole', () => {
  assert.deepEqual(changeOf(KNOWN, { mail: '', digest_at: '06:00', 'when-question': 'at-once' }), {
    version: 3,
    mail: '',
    digest_at: '06:00',
    choices: [{ about: 'expired', when: 'digest' }, { about: 'question', when: 'at-once' }],
  });
  const quiet = changeOf(KNOWN, { mail: 'x@y.z', digest_at: '', quiet: 'on', quiet_from: '23:00', quiet_until: '' });
  assert.deepEqual([quiet.digest_at, quiet.quiet], ['07:30', { from: '23:00', until: '07:00' }]);
  assert.deepEqual(['/mail', '/quiet/until'].map(fieldOf), ['mail', 'quiet_until']);
});

const job = (state, more = {}) => ({ id: 'j', state, ...more });
const among = (open, failed = []) => ({ open: { items: open }, failed: { items: failed } });

test('what became of something that was sent to try', () => {
  const reason = { code: 'webhook-refused', detail: 'No.' };
  assert.deepEqual(outcomeOf('j', among([])), { state: 'arrived' });
  assert.deepEqual(outcomeOf('j', among([job('waiting')])), { state: 'on-its-way' });
  assert.deepEqual(outcomeOf('j', among([job('running', { reason })])), { state: 'on-its-way' }, 'it is being tried again');
  assert.deepEqual(outcomeOf('j', among([job('waiting', { reason, due_at: 'then' })])), { state: 'put-off', ...reason, again: 'then' });
  assert.deepEqual(outcomeOf('j', among([], [job('failed', { reason })])), { state: 'failed', ...reason });
  assert.deepEqual(outcomeOf('j', among([{ ...job('waiting'), id: 'k' }])), { state: 'arrived' });
});

test('an outcome is waited for, and what is only remembered is no answer', async () => {
  const told = async (answers, tries) => {
    const heard = [];
    const look = async () => {
      const answer = answers.shift();
      if (!answer) throw new Unreachable('gone');
      return answer;
    };
    await followOutcome('j', { look, wait: async () => {}, tell: ({ state }) => heard.push(state), tries });
    return heard;
  };
  assert.deepEqual(await told([{ data: among([]), asOf: 7 }, { data: among([job('running')]) }, { data: among([]) }], 9), ['on-its-way', 'on-its-way', 'arrived']);
  assert.deepEqual(await told([], 2), ['on-its-way', 'unsure']);
  assert.deepEqual(await told([{ data: among([job('running')]) }], 1), ['on-its-way', 'on-its-way', 'unsure']);
});
