// The camera on a screen: switched on when somebody wants it, a photograph instead of it, and what it sees that is
// not clear. What is read goes to whoever asked.

import { html, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, remember, remembered } from '../hearth.js';
import { icon } from '../elements/icon.js';
import { notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { legible } from './scans.js';
import { inFull } from './words.js';

/** @typedef {import('./camera/sight.js').Code} Code */
/** @typedef {ReturnType<typeof import('./camera/camera.js')['camera']>} Camera */
/** @typedef {{ scanned: (message: string) => void, means: () => string, remembers?: boolean }} Parts `means`: what reading does now, in words; `remembers`: whether it is on again the next time */

/** The camera of a screen: switched on when somebody wants it, and what it sees that is not clear. */
export class Looking {
  /** @type {import('../lib/view.js').Signal<Camera | null>} */
  camera = signal(/** @type {Camera | null} */ (null));
  /** @type {import('../lib/view.js').Signal<Code[]>} */
  among = signal(/** @type {Code[]} */ ([]));
  busy = signal(false);
  #left = false;
  /** @type {Parts} */
  #parts;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  async on() {
    if (this.camera.peek()) return;
    const loaded = await import('./camera/camera.js').catch(() => undefined);
    if (this.#left || this.camera.peek()) return;
    if (!loaded) {
      toast(() => t('camera.trouble.unread'), { tone: 'over' });
      return;
    }
    const { scanned, means, remembers } = this.#parts;
    this.camera.value = loaded.camera({ scanned, means, among: (codes) => this.#offer(codes), off: () => this.off() });
    if (remembers) remember('scan-camera-on', 'yes');
  }

  off() {
    this.camera.peek()?.close();
    this.camera.value = null;
    if (this.#parts.remembers) remember('scan-camera-on', 'no');
  }

  /** Where it was on the last time, and the browser need not ask, it is on at once. */
  async resume() {
    if (remembered('scan-camera-on') !== 'yes') return;
    const permission = await navigator.permissions?.query({ name: /** @type {PermissionName} */ ('camera') }).catch(() => undefined);
    if (permission?.state === 'granted') await this.on();
  }

  leave() {
    this.#left = true;
    this.camera.peek()?.close();
    this.camera.value = null;
  }

  /** @param {string} message */
  pick(message) {
    this.camera.peek()?.took(message);
    this.among.value = [];
    this.#parts.scanned(message);
  }

  /** @param {File} file */
  async photographed(file) {
    this.busy.value = true;
    // What was seen before is not on this one.
    this.among.value = [];
    try {
      const { codesOf } = await import('./camera/photograph.js');
      const { take, among } = await codesOf(file);
      if (take) this.#parts.scanned(take.message);
      else if (among.length > 0) this.among.value = among;
      else toast(() => t('camera.nothing-found'), { tone: 'over' });
    } catch (error) {
      const known = error instanceof Error && error.name === 'NoPicture';
      toast(() => t(known ? 'camera.no-picture' : 'camera.trouble.unread'), { tone: 'over' });
    } finally {
      this.busy.value = false;
    }
  }

  /** @param {Code[]} codes */
  #offer(codes) {
    const same = codes.length === this.among.peek().length && codes.every(({ message }, at) => this.among.peek()[at]?.message === message);
    if (!same) this.among.value = codes;
  }
}

/** @param {Looking} looking */
export function photograph(looking) {
  /** @param {Event} event */
  const chosen = (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    input.value = '';
    if (file) void looking.photographed(file);
  };
  return html`<label class="button scan-photo" aria-disabled=${String(looking.busy.value)}>
    ${icon('image')}${t(looking.busy.value ? 'camera.reading' : 'camera.photograph')}
    <input class="unseen" type="file" accept="image/*" capture="environment" ?disabled=${looking.busy.value} @change=${chosen} />
  </label>`;
}

/** @param {Looking} looking @param {string} [kind] of the button that switches it on */
export function eye(looking, kind = 'primary') {
  const camera = looking.camera.value;
  if (camera) return camera.view();
  return html`<div class="scan-acts">
    <button class="button ${kind}" type="button" @click=${() => void looking.on()}>${icon('camera')}${t('camera.turn-on')}</button>
    ${part(() => photograph(looking))}
  </div>`;
}

/** What the codes stand for that one may choose from. @type {Map<string, import('../lib/watch.js').Watched<string>>} */
const names = new Map();
/** So many are remembered; a film goes past many. */
const MOST = 60;

/** What people call what a code stands for. @param {string} message */
function nameOf(message) {
  let named = names.get(message);
  if (!named) {
    if (names.size >= MOST) names.clear();
    named = watch(async () => {
      /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Decoded>} */
      const { data, asOf } = await api.read(`/api/scanner/decode?code=${encodeURIComponent(message)}`);
      return { data: data.products.map(({ product }) => inFull(product)).join(' / '), asOf };
    });
    names.set(message, named);
    void named.load();
  }
  return named.data.value ? html`<strong>${named.data.value}</strong>` : nothing;
}

/** Several codes are in view. @param {Looking} looking */
export function several(looking) {
  const codes = looking.among.value;
  if (codes.length === 0) return nothing;
  const choices = html`<div class="stack">
    <p>${t(codes.length > 1 ? 'camera.several' : 'camera.doubtful')}</p>
    <div class="scan-choices">
      ${codes.map(({ message }) => html`<button class="button" type="button" @click=${() => looking.pick(message)}>${icon('scan-barcode')}<span>${part(() => nameOf(message))} ${legible(message)}</span></button>`)}
    </div>
  </div>`;
  return notice(choices);
}
