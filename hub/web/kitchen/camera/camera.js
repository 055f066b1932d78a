// The camera on the page: what it sees, what can be set about it, and the loop that reads.
//
// One picture is read at a time: the next one is taken when the reader has answered, so nothing queues up and a
// slow device only reads less often. Loaded when the camera is switched on for the first time.

import { computed, effect, html, live, nothing, part, signal } from '../../lib/view.js';
import { wallClock } from '../../lib/live.js';
import { t } from '../../lib/text.js';
import { remember, remembered } from '../../hearth.js';
import { selectField } from '../../elements/field.js';
import { icon } from '../../elements/icon.js';
import { notice } from '../../elements/pieces.js';
import { TRUST } from '../../reach/guarded.js';
import { Eye } from './eye.js';
import { Reader, Unreadable } from './reader.js';
import { region, Sight } from './sight.js';
import { brush } from './still.js';

/** @typedef {import('./sight.js').Code} Code */

/** Pictures are read so far apart at least, in milliseconds: enough for a hand, and the battery lasts. */
const APART = 60;
/** A film that brings no picture is asked again after so long. */
const PATIENCE = 500;

/** @returns {HTMLVideoElement} */
function screenFor() {
  const video = document.createElement('video');
  // Not `autoplay`: what plays by itself is stopped by the browser when it is scrolled out of sight.
  Object.assign(video, { className: 'finder-film', muted: true, playsInline: true });
  // An iPhone shows the film in full size without the attribute.
  video.setAttribute('playsinline', '');
  video.setAttribute('aria-hidden', 'true');
  return video;
}

/** Waits for the next picture of a film, or a while; says whether there was one. @param {HTMLVideoElement} video */
function nextPicture(video) {
  const before = video.currentTime;
  return new Promise((resolve) => {
    const tells = 'requestVideoFrameCallback' in video;
    if (tells) video.requestVideoFrameCallback(() => resolve(true));
    // A film that is not in sight may run without telling, and some never tell.
    setTimeout(() => resolve(video.currentTime !== before), tells ? PATIENCE : APART);
  });
}

/**
 * What is to be read of the film now: no more than is shown.
 *
 * @param {HTMLVideoElement} video
 * @param {HTMLCanvasElement} canvas
 */
function grab(video, canvas) {
  const film = { width: video.videoWidth, height: video.videoHeight };
  const shown = { width: video.clientWidth, height: video.clientHeight };
  if (video.readyState < 2 || Math.min(film.width, film.height, shown.width, shown.height) === 0) return null;
  const { x, y, width, height, to } = region(film, shown);
  if (canvas.width !== to.width || canvas.height !== to.height) Object.assign(canvas, to);
  const context = brush(canvas);
  context.drawImage(video, x, y, width, height, 0, 0, to.width, to.height);
  return context.getImageData(0, 0, to.width, to.height);
}

/**
 * @param {object} parts
 * @param {(message: string) => void} parts.scanned
 * @param {(among: Code[]) => void} parts.among several are in view, or none of them any more
 * @param {() => string} parts.means what a scan does now, in words
 * @param {() => void} parts.off somebody has had enough
 */
export function camera({ scanned, among, means, off }) {
  const eye = new Eye({ devices: navigator.mediaDevices, clock: wallClock, chosen: remembered('scan-camera') ?? '' });
  const reader = new Reader();
  const sight = new Sight();
  const video = screenFor();
  const canvas = document.createElement('canvas');
  const goesOn = signal(remembered('scan-on-and-on') !== 'no');
  const rests = signal(false);
  const unread = signal(false);
  const lit = signal(false);
  const near = signal(1);
  let open = true;

  const stopFilm = effect(() => {
    video.srcObject = eye.film.value;
    lit.value = false;
    near.value = eye.nearness;
    sight.forget();
    if (eye.film.value) video.play().catch(() => {});
  });

  /** @param {string} message */
  function took(message) {
    sight.take(message, performance.now());
    among([]);
    if (!goesOn.peek()) rests.value = true;
  }

  async function readOnce() {
    const picture = grab(video, canvas);
    if (!picture) return;
    const codes = await reader.read(picture);
    if (!open || rests.peek()) return;
    const choice = sight.look(codes, performance.now());
    among(choice.among);
    if (!choice.take) return;
    took(choice.take.message);
    scanned(choice.take.message);
  }

  async function watch() {
    while (open && !unread.peek()) {
      const came = await nextPicture(video);
      const started = performance.now();
      if (came) eye.saw();
      if (came && eye.film.peek() && !rests.peek() && !document.hidden) await readOnce().catch(failed);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, APART - (performance.now() - started))));
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    if (!open) return;
    if (!(error instanceof Unreadable)) console.error(error);
    unread.value = true;
  }

  function again() {
    rests.value = false;
    if (unread.peek()) {
      unread.value = false;
      void watch();
    }
    if (eye.state.peek() !== 'on') void eye.open();
  }

  const seen = () => (document.hidden ? eye.hide() : void eye.show());
  const gone = () => eye.hide();
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('pageshow', seen);
  window.addEventListener('pagehide', gone);
  void eye.open();
  void watch();

  function close() {
    open = false;
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('pageshow', seen);
    window.removeEventListener('pagehide', gone);
    eye.close();
    stopFilm();
    reader.close();
    among([]);
  }

  const trouble = computed(() => (unread.value ? 'unread' : eye.trouble.value));

  /** @param {boolean} on */
  async function shine(on) {
    if (await eye.light(on)) lit.value = on;
  }

  /** @param {boolean} on */
  function keepOn(on) {
    goesOn.value = on;
    remember('scan-on-and-on', on ? 'yes' : 'no');
    rests.value = false;
  }

  /** @param {string} id */
  function change(id) {
    remember('scan-camera', id);
    void eye.choose(id);
  }

  function over() {
    if (eye.state.value === 'starting') return html`<p class="finder-word" role="status">${t('camera.starting')}</p>`;
    if (rests.value) {
      return html`<button class="button primary finder-next" type="button" @click=${again}>${icon('scan-barcode')}${t('camera.next')}</button>`;
    }
    return html`<span class="finder-means">${means()}</span><span class="finder-frame" aria-hidden="true"></span>`;
  }

  function corners() {
    const torch = html`<button class="finder-knob" type="button" aria-pressed=${String(lit.value)} @click=${() => void shine(!lit.value)}>
      ${icon('flashlight')}${t('camera.torch')}
    </button>`;
    return html`<div class="finder-corners">
      ${eye.abilities.value.torch ? torch : nothing}
      <button class="finder-knob push" type="button" @click=${off}>${icon('camera-off')}${t('camera.off')}</button>
    </div>`;
  }

  function nearness() {
    const { zoom } = eye.abilities.value;
    if (!zoom) return nothing;
    return html`<label class="finder-zoom">
      <span class="label">${t('camera.zoom')}</span>
      <input
        type="range"
        min=${zoom.min}
        max=${zoom.max}
        step=${zoom.step || 'any'}
        .value=${live(String(near.value))}
        @input=${(/** @type {Event} */ event) => {
          near.value = Number(/** @type {HTMLInputElement} */ (event.target).value);
          void eye.zoom(near.value);
        }}
      />
    </label>`;
  }

  /** What is set once, and not looked at while scanning. */
  function knobs() {
    const others = eye.cameras.value;
    return html`<button class="button" type="button" aria-pressed=${String(goesOn.value)} @click=${() => keepOn(!goesOn.value)}>
        ${icon('repeat')}${t('camera.on-and-on')}
      </button>
      ${others.length > 1
        ? selectField({
            name: 'camera',
            label: t('camera.which'),
            value: eye.camera,
            choices: others.map(({ id, name }, index) => ({ value: id, word: name || t('camera.number', { number: index + 1 }) })),
            change,
          })
        : nothing}`;
  }

  /** @param {string} why */
  function sorry(why) {
    const insecure = why === 'insecure';
    const action = insecure
      ? html`<a class="button" href=${TRUST}>${t('guard.how')}</a>`
      : html`<button class="button" type="button" @click=${again}>${t('action.try-again')}</button>`;
    const words = html`<div class="stack"><p>${t(`camera.trouble.${why}`)}</p><p>${action}</p></div>`;
    return html`<div role="alert">${notice(words, { tone: 'soon', icon: insecure ? 'triangle-alert' : 'camera-off' })}</div>`;
  }

  const view = () =>
    trouble.value
      ? sorry(trouble.value)
      : html`<div class="finder">${/** @type {any} */ (video)}${part(over)}${part(corners)}</div>
          ${part(nearness)}`;

  return { view, knobs, close, took };
}
