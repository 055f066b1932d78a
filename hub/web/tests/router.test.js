import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, inside, match, Router } from '../lib/router.js';

test('patterns', () => {
  const cases = [
    ['/app/', '/app/', {}],
    ['/app/', '/app', {}],
    ['/app/people/:id?', '/app/people', { id: undefined }],
    ['/app/people/:id?', '/app/people/', { id: undefined }],
    ['/app/people/:id?', '/app/people/a%20b', { id: 'a b' }],
    ['/app/people/:id?', '/app/people/1/2', null],
    ['/app/people/:id?', '/app/people/%zz', null],
    ['/app/shelf/:id', '/app/shelf', null],
    ['/app/you', '/app/system', null],
    ['/app/', '/app/you', null],
  ];
  for (const [pattern, path, wanted] of cases) {
    assert.deepEqual(match(pattern, path), wanted, `${pattern} ${path}`);
  }
});

test('only plain clicks on our own links stay inside', () => {
  const click = { button: 0, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false, defaultPrevented: false };
  const origin = 'http://hearth.local';
  const link = (href, more = {}) => ({ href, target: '', download: '', ...more });
  assert.equal(inside(click, link('http://hearth.local/app/people?a=1#b'), origin), '/app/people?a=1#b');
  assert.equal(inside(click, link('http://hearth.local/app'), origin), '/app');
  for (const [event, target] of [
    [click, null],
    [click, link('http://hearth.local/apple')],
    [click, link('http://hearth.local/api/docs')],
    [click, link('http://elsewhere.example/app/')],
    [click, link('http://hearth.local/app/', { target: '_blank' })],
    [click, link('http://hearth.local/app/', { download: 'x' })],
    [{ ...click, button: 1 }, link('http://hearth.local/app/')],
    [{ ...click, ctrlKey: true }, link('http://hearth.local/app/')],
    [{ ...click, defaultPrevented: true }, link('http://hearth.local/app/')],
  ]) {
    assert.equal(inside(event, target, origin), null);
  }
});

/** A window with nothing but an address, a history and a scroll position. */
function bench(start = '/app/') {
  const entries = [{ url: start, state: null }];
  let at = 0;
  const window = {
    scrollY: 0,
    scrollTo: (_, y) => (window.scrollY = y),
    addEventListener: () => {},
    get location() {
      const url = new URL(entries[at].url, 'http://hearth.local');
      return { pathname: url.pathname, search: url.search, hash: url.hash };
    },
    history: {
      get state() {
        return entries[at].state;
      },
      pushState(state, _, url) {
        entries.splice(at + 1, Infinity, { url, state });
        at += 1;
      },
      replaceState(state, _, url) {
        entries[at] = { url: url ?? entries[at].url, state };
      },
    },
  };
  const log = [];
  const make = (name) => (arrival) => {
    log.push(`make ${name}`);
    return {
      title: () => `${name} ${JSON.stringify(arrival.params.value)}${arrival.token}`,
      view: () => null,
      left: () => log.push(`left ${name}`),
    };
  };
  const routes = [
    { name: 'home', pattern: '/app/', make: make('home') },
    { name: 'people', pattern: '/app/people/:id?', make: make('people') },
    { name: 'slow', pattern: '/app/slow', make: async (arrival) => (await new Promise(setImmediate), make('slow')(arrival)) },
    { name: 'broken', pattern: '/app/broken', make: () => Promise.reject(new Error('no such file')) },
  ];
  const router = new Router({
    routes,
    window,
    missing: make('missing'),
    arrived: (screen, moved) => log.push(`arrived ${moved} ${screen.title()}`),
    failed: make('failed') && (() => ({ title: () => 'failed', view: () => null })),
  });
  const back = () => {
    at -= 1;
    return router.popped({ state: entries[at].state });
  };
  const take = () => log.splice(0);
  return { router, window, back, take, routes };
}

test('from screen to screen, and back to where one was', async () => {
  const { router, window, back, take } = bench();
  await router.start();
  assert.deepEqual(take(), ['make home', 'arrived first home {}']);
  window.scrollY = 240;
  await router.go('/app/people');
  assert.equal(window.scrollY, 0);
  assert.deepEqual(take(), ['make people', 'left home', 'arrived screen people {}']);
  await back();
  assert.equal(window.scrollY, 240);
  assert.equal(router.name.value, 'home');
});

test('a screen stays while only its parameters change', async () => {
  const { router, take } = bench('/app/people');
  await router.start();
  take();
  await router.go('/app/people/7');
  assert.deepEqual(take(), ['arrived part people {"id":"7"}']);
  await router.go('/app/people');
  assert.deepEqual(take(), ['arrived part people {}']);
});

test('the last of two quick steps wins', async () => {
  const { router, take } = bench();
  await router.start();
  take();
  const slow = router.go('/app/slow');
  await router.go('/app/people');
  await slow;
  assert.equal(router.name.value, 'people');
  assert.ok(take().includes('left slow'), 'the screen that came too late is put away');
});

test('the part after # goes to the screen alone', async () => {
  const { router, take } = bench('/app/people#a%2Fb');
  await router.start();
  assert.deepEqual(take().at(-1), 'arrived first people {}a/b');
  await router.go('/app/people#c');
  assert.deepEqual(take(), ['make people', 'left people', 'arrived screen people {}c']);
});

test('addresses nobody knows, and screens that do not load', async () => {
  const { router } = bench('/app/nowhere');
  await router.start();
  assert.equal(router.name.value, 'missing');
  await router.go('/app/broken');
  assert.equal(router.screen.value.title(), 'failed');
});

test('going where one is adds nothing to the history', async () => {
  const { router, back } = bench('/app/people');
  await router.start();
  await router.go('/app/');
  await router.go('/app/');
  await back();
  assert.equal(router.name.value, 'people');
});

test('the root is home', () => {
  const { routes } = bench();
  assert.equal(find(routes, '/app')?.route.name, 'home');
});
