// Where the keyboard, and who listens to the page, go on when what had the focus leaves it.
//
// The browser then starts again at the top of the page. A row that goes makes way for the one after it, a button
// that goes for what its card or row has instead.

/** What had the focus last, all that is around it, and what stands beside each. @type {{ at: Element, beside: (Element | null)[] }[]} */
let path = [];
let byKeyboard = false;

/** @param {Event} event */
function remember({ target }) {
  path = [];
  for (let at = /** @type {Element | null} */ (target); at && at !== document.body; at = at.parentElement) {
    path.push({ at, beside: [at.nextElementSibling, at.previousElementSibling] });
  }
  byKeyboard = path[0]?.at.matches(':focus-visible') ?? false;
}

/** Not fields of text: those would bring up the keys of a phone. @param {Element} within @returns {HTMLElement[]} */
const handsOf = (within) => [...within.querySelectorAll(/** @type {'button'} */ ('button:enabled, a[href], h2[tabindex]'))];

/** @param {Element | null | undefined} within @param {number} [like] what stands there is preferred */
function handIn(within, like = -1) {
  const all = within?.isConnected ? handsOf(within) : [];
  return [all[like], ...all].find((one) => one?.checkVisibility());
}

/** @returns {HTMLElement | null | undefined} */
function next() {
  const main = document.getElementById('main');
  const left = path.findIndex(({ at }) => at.isConnected);
  const gone = path[left - 1];
  const [held] = path;
  for (const [index, { at }] of path.entries()) {
    if (index < left || !main?.contains(at) || at === main) continue;
    // The next row offers the same as the one that went, as a rule.
    const like = gone && held ? handsOf(gone.at).indexOf(/** @type {HTMLElement} */ (held.at)) : -1;
    const beside = index === left ? (gone?.beside ?? []) : [];
    const found = beside.map((one) => handIn(one, like)).find(Boolean) ?? handIn(at);
    if (found) return found;
  }
  return main?.querySelector('h1');
}

function goOn() {
  if (document.activeElement !== document.body || !path[0] || path[0].at.isConnected) return;
  const to = next();
  path = [];
  to?.focus({ preventScroll: !byKeyboard });
}

let kept = false;

/** From the first screen on that something can leave. */
export function keepPlace() {
  const page = document.getElementById('app');
  if (kept || !page) return;
  kept = true;
  document.addEventListener('focusin', remember);
  new MutationObserver(goOn).observe(page, { childList: true, subtree: true });
}
