// Scanning: with the camera, with a hand scanner at this device, or with fingers.

import { html, nothing, part } from '../lib/view.js';
import { t } from '../lib/text.js';
import { listeners } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { screenHead } from '../elements/pieces.js';
import { follow, sources } from '../system/follow.js';
import { forgetAnswers } from './answers.js';
import { choicesOf, places } from './furnishing.js';
import { eye, Looking, photograph, several } from './looking.js';
import { announcement, earlier, last } from './outcome.js';
import { hear, mode, MODES, modeOf, mute, place, scanned, setMode, setPlace, voice, watched } from './scanning.js';
import { listenTo, Wedge } from './wedge.js';

const { inReach } = sources(places);
const EVERY = 60_000;

/** What a scan means now, for those who look at the camera. */
function means() {
  const there = places.data.value?.find(({ id }) => id === place.value);
  return [t(`scan.mode.${mode.value}`), there?.name].filter(Boolean).join(' · ');
}

function settings() {
  const inUse = (places.data.value ?? []).filter(({ archived_at: gone }) => !gone);
  const choices = [{ value: '', word: t('scan.place.usual') }, ...choicesOf(inUse)];
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
  const looking = new Looking({ scanned, means, remembers: true });
  const ignore = attend();
  const stop = follow({ load: places.load, hear: () => {}, every: () => EVERY, may: () => true });
  void looking.resume();
  const left = () => {
    looking.leave();
    ignore();
    stop();
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
          <div>${part(() => last(inReach()))}</div>
          <div class="scan-earlier">${part(earlier)}</div>
        </div>
      </div>
    </div>`;
  return { title: () => t('place.scan'), view, left };
}
