// What stands where somebody has nothing to do.

import { html } from '../lib/view.js';
import { t } from '../lib/text.js';
import { emptyState } from './pieces.js';

export function notYours() {
  const action = html`<a class="button primary" href="/app/">${t('missing.home')}</a>`;
  return emptyState({ icon: 'door-open', title: t('forbidden.title'), text: t('problem.forbidden'), action });
}
