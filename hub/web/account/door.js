import { html, nothing } from '../lib/view.js';

const mark = new URL('../icons/icon.svg', import.meta.url).pathname;

/** @typedef {import('../lib/view.js').Template} Template */

/**
 * A card at the door: the mark, what this is, and the one thing to do.
 *
 * @param {{ title: string, text?: Template, body: Template }} parts
 */
export function doorCard({ title, text, body }) {
  return html`<div class="card stack wide">
    <div class="stack">
      <img class="mark" src=${mark} alt="" width="64" height="64" />
      <div class="stack tight">
        <h1 tabindex="-1">${title}</h1>
        ${text ? html`<p class="quiet">${text}</p>` : nothing}
      </div>
    </div>
    ${body}
  </div>`;
}

/** What this device is called in the list of signed-in devices. */
export function deviceName() {
  const agent = navigator.userAgent;
  const devices = ['iPad', 'iPhone', 'Android', 'Windows', 'Mac', 'CrOS', 'Linux'];
  const browsers = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'];
  const names = new Map([['Edg', 'Edge'], ['OPR', 'Opera'], ['CrOS', 'Chromebook']]);
  const touchMac = agent.includes('Mac') && navigator.maxTouchPoints > 1;
  const device = touchMac ? 'iPad' : devices.find((name) => agent.includes(name));
  const browser = browsers.find((name) => agent.includes(name));
  return [device, browser].flatMap((name) => (name ? [names.get(name) ?? name] : [])).join(' · ') || 'Browser';
}
