// Whether the browser takes this address for safe, and where people learn what to do when it does not.
//
// Without that it gives a page no camera and keeps no app for times without a network. An address can be
// encrypted and still not be safe: somebody waved the warning away, and the browser remembers.

import { html, nothing, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { icon } from '../elements/icon.js';

export const TRUST = '/app/trust';
const WAVED = 'hearth.unguarded';

export const guarded = signal(window.isSecureContext);

/** The browser would not keep the app: because of the certificate, or for a reason of its own. @param {unknown} error */
export function noteRefusal(error) {
  if (error instanceof DOMException && error.name === 'SecurityError') guarded.value = false;
}

const waved = signal(remembered());

function remembered() {
  try {
    return sessionStorage.getItem(WAVED) !== null;
  } catch {
    return false;
  }
}

function wave() {
  waved.value = true;
  try {
    sessionStorage.setItem(WAVED, '1');
  } catch {
    // It is said again on the next page, then.
  }
}

/** What is missing here and why, until somebody has read it. @param {string} at the screen that is shown */
export function guardBanner(at) {
  if (guarded.value || waved.value || at === 'door-trust') return nothing;
  return html`<div class="banner" role="status">
    ${icon('triangle-alert')}
    <p class="grow">${t('guard.banner')} <a href=${TRUST}>${t('guard.how')}</a></p>
    <button class="button bare" type="button" aria-label=${t('action.dismiss')} @click=${wave}>${icon('x')}</button>
  </div>`;
}
