// Scanning: with the camera, with a hand scanner at this device, or with fingers.

import { html, nothing, part, signal } from '../lib/view.js';
import { t } from '../lib/text.js';
import { watch } from '../lib/watch.js';
import { api, listeners, remember, remembered } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { notice, screenHead } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';
import { forgetAnswers } from './answers.js';
import { announcement, earlier, last } from './outcome.js';
import { hear, mode, MODES, modeOf, mute, place, scanned, setMode, setPlace, voice, watched } from './scanning.js';
import { legible } from './scans.js';
import { listenTo, Wedge } from './wedge.js';

/** @typedef {import('./camera/sight.js').Code} Code */
/** @typedef {ReturnType<typeof import('./camera/camera.js')['camera']>} Camera */

const places = watch(async () => {
  /** @type {import('../lib/api.js').Answer<import('../types/wire.d.ts').Page<import('../types/wire.d.ts').Place>>} */
  const { data, asOf } = await api.read('/api/places');
  return { data: data.items.filter(({ archived_at }) => !archived_at), asOf };
});

/** What a scan means now, for those who look at the camera. */
function means() {
  const there = places.data.value?.find(({ id }) => id === place.value);
  return [t(`scan.mode.${mode.value}`), there?.name].filter(Boolean).join(' · ');
}

function settings() {
  const choices = [{ value: '', word: t('scan.place.usual') }, ...(places.data.value ?? []).map(({ id, name }) => ({ value: id, word: name }))];
  return html`<div class="scan-settings">
    ${selectField({
      name: 'mode',
      label: t('scan.mode'),
      value: mode.value,
      choices: MODES.map((value) => ({ value, word: t(`scan.mode.${value}`) })),
      change: (value) => setMode(modeOf(value)),
    })}
    ${selectField({ name: 'place', label: t('scan.place'), value: place.value, choices, change: setPlace })}
  </div>`;
}

/** The camera of this screen: switched on when somebody wants it, and what it sees that is not clear. */
class Looking {
  /** @type {import('../lib/view.js').Signal<Camera | null>} */
  camera = signal(/** @type {Camera | null} */ (null));
  /** @type {import('../lib/view.js').Signal<Code[]>} */
  among = signal(/** @type {Code[]} */ ([]));
  busy = signal(false);
  #left = false;

  async on() {
    if (this.camera.peek()) return;
    const loaded = await import('./camera/camera.js').catch(() => undefined);
    if (this.#left || this.camera.peek()) return;
    if (!loaded) {
      toast(() => t('camera.trouble.unread'), { tone: 'over' });
      return;
    }
    this.camera.value = loaded.camera({ scanned, means, among: (codes) => this.#offer(codes), off: () => this.off() });
    remember('scan-camera-on', 'yes');
  }

  off() {
    this.camera.peek()?.close();
    this.camera.value = null;
    remember('scan-camera-on', 'no');
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
    scanned(message);
  }

  /** @param {File} file */
  async photographed(file) {
    this.busy.value = true;
    try {
      const { codesOf } = await import('./camera/photograph.js');
      const { take, among } = await codesOf(file);
      if (take) scanned(take.message);
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
function photograph(looking) {
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

/** @param {Looking} looking */
function eye(looking) {
  const camera = looking.camera.value;
  if (camera) return camera.view();
  return html`<div class="scan-acts">
    <button class="button primary" type="button" @click=${() => void looking.on()}>${icon('camera')}${t('camera.turn-on')}</button>
    ${part(() => photograph(looking))}
  </div>`;
}

/** @param {Looking} looking */
function knobs(looking) {
  const { muted } = voice;
  const camera = looking.camera.value;
  return html`<div class="scan-knobs">
    ${camera ? html`${part(camera.knobs)} ${part(() => photograph(looking))}` : nothing}
    <button class="button" type="button" aria-pressed=${String(!muted.value)} @click=${() => mute(!muted.value)}>
      ${icon(muted.value ? 'volume-x' : 'volume-2')}${t('scan.sound')}
    </button>
  </div>`;
}

/** Several codes are in view. @param {Looking} looking */
function several(looking) {
  const codes = looking.among.value;
  if (codes.length === 0) return nothing;
  const choices = html`<div class="stack">
    <p>${t(codes.length > 1 ? 'camera.several' : 'camera.doubtful')}</p>
    <div class="scan-choices">
      ${codes.map(({ message }) => html`<button class="button" type="button" @click=${() => looking.pick(message)}>${icon('scan-barcode')}<span>${legible(message)}</span></button>`)}
    </div>
  </div>`;
  return notice(choices);
}

/** @param {SubmitEvent} event */
function typed(event) {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.currentTarget).elements.namedItem('code'));
  const code = input.value.trim();
  input.value = '';
  if (code) scanned(code);
}

function typing() {
  return html`<form class="field" @submit=${typed}>
    <label class="label" for="field-code">${t('scan.code')}</label>
    <div class="buy-add">
      <input class="input" id="field-code" name="code" type="text" maxlength="400" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="done" />
      <button class="button primary" type="submit">${t('scan.book')}</button>
    </div>
  </form>`;
}

/** Listens to keys, touches and the house until the returned function is called. */
function attend() {
  const onKey = () => voice.wake();
  // A finger that is lifted counts as a touch everywhere, one that is put down does not.
  const onTouch = () => voice.wake();
  window.addEventListener('keydown', onKey, { capture: true });
  window.addEventListener('pointerup', onTouch, { capture: true });
  const stopListening = listenTo(new Wedge(), scanned);
  listeners.add(hear);
  watched(true);
  return () => {
    window.removeEventListener('keydown', onKey, { capture: true });
    window.removeEventListener('pointerup', onTouch, { capture: true });
    stopListening();
    listeners.delete(hear);
    watched(false);
    forgetAnswers();
  };
}

/** @returns {import('../lib/router.js').Screen} */
export function scan() {
  const looking = new Looking();
  const ignore = attend();
  void places.load();
  void looking.resume();
  const left = () => {
    looking.leave();
    ignore();
  };
  const view = () =>
    html`<div class="screen">
      ${screenHead({ title: t('place.scan'), sub: t('scan.sub') })} ${part(settings)}
      <p class="unseen" role="status">${part(announcement)}</p>
      <div class="columns">
        <div class="scan-side">
          <div class="stack">
            ${part(() => eye(looking))}
            <div class="scan-several" role="status">${part(() => several(looking))}</div>
          </div>
          <div class="stack scan-tools">${part(() => knobs(looking))} ${typing()}</div>
        </div>
        <div class="scan-side">
          <div>${part(last)}</div>
          <div class="scan-earlier">${part(earlier)}</div>
        </div>
      </div>
    </div>`;
  return { title: () => t('place.scan'), view, left };
}
