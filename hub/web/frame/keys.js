// The keyboard: `?` shows the map, `g` and a letter goes to a place.

import { html } from '../lib/view.js';
import { t } from '../lib/text.js';
import { openDialog } from '../elements/dialog.js';
import { store } from '../hearth.js';
import { placesFor } from './destinations.js';

const WAIT = 1200;
const GO = 'g';

/** Whether what has the focus wants the letters for itself. @param {EventTarget | null} target */
function typing(target) {
  return target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null;
}

/** @param {(path: string) => void} go @param {() => boolean} inside */
export function followKeys(go, inside) {
  let armedAt = -Infinity;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === '?') {
      event.preventDefault();
      void openKeyMap();
      return;
    }
    if (!inside()) return;
    if (event.timeStamp - armedAt < WAIT) {
      armedAt = -Infinity;
      const place = placesFor(store.who.peek()).find(({ key }) => key === event.key.toLowerCase());
      if (place) {
        event.preventDefault();
        go(place.path);
      }
    } else if (event.key === GO) {
      armedAt = event.timeStamp;
    }
  });
}

export function openKeyMap() {
  return openDialog({
    title: () => t('keys.title'),
    body: () =>
      html`<dl class="keys">
        ${placesFor(store.who.value).map(
          ({ id, key }) =>
            html`<div><dt><kbd>${GO}</kbd> <kbd>${key}</kbd></dt><dd>${t('keys.go', { place: t(`place.${id}`) })}</dd></div>`,
        )}
        <div><dt><kbd>?</kbd></dt><dd>${t('keys.map')}</dd></div>
        <div><dt><kbd>${t('keys.escape')}</kbd></dt><dd>${t('keys.close')}</dd></div>
      </dl>`,
  });
}
