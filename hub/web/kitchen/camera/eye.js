// The camera itself: opened, closed while nobody looks, and opened anew when it has gone blind.
//
// An app installed on an iPhone or iPad comes back from the background with a film that has ended, or that says
// it goes on and shows nothing. So the film is let go whenever the page is hidden, asked for again when it is
// shown, and watched: one that ends, falls silent or brings no pictures is asked for anew, a few times.

import { batch, signal } from '#signals';

/** @typedef {'off' | 'starting' | 'on' | 'trouble'} State */
/** @typedef {'refused' | 'missing' | 'busy' | 'insecure' | 'blind'} Trouble */
/** @typedef {Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'>} Devices */
/** @typedef {{ torch: boolean, zoom?: { min: number, max: number, step: number } }} Abilities */

/** So long a film may be silent before it is asked for anew. */
export const SILENT = 1500;
/** So long it may bring no picture. */
export const BLIND = 4000;
/** A camera that is just being let go by somebody else needs a moment. */
export const MOMENT = 700;
/** So often in a row it is asked for anew. */
const TRIES = 3;

/** What a refusal of the browser means to a person. @param {unknown} error @returns {Trouble} */
export function troubleOf(error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'refused';
  if (name === 'NotFoundError' || name === 'OverconstrainedError' || name === 'DevicesNotFoundError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError' || name === 'TrackStartError') return 'busy';
  return 'blind';
}

/** Whether asking again may help without anybody doing something. @param {Trouble} trouble */
const passes = (trouble) => trouble === 'busy' || trouble === 'blind';

export class Eye {
  /** @type {import('#signals').Signal<State>} */
  state = signal('off');
  /** @type {import('#signals').Signal<Trouble | undefined>} */
  trouble = signal(undefined);
  /** @type {import('#signals').Signal<MediaStream | null>} */
  film = signal(null);
  /** What can be chosen from, once one was allowed. @type {import('#signals').Signal<{ id: string, name: string }[]>} */
  cameras = signal([]);
  /** @type {import('#signals').Signal<Abilities>} */
  abilities = signal({ torch: false });
  /** Which one was chosen; empty for the one at the back. */
  #chosen;
  #devices;
  #clock;
  #wanted = false;
  #hidden = false;
  /** Rises with every film, so that a late answer is let go at once. */
  #era = 0;
  #tries = 0;
  #waits = () => {};
  #watch = () => {};

  /**
   * @param {{ devices: Devices | undefined, clock: import('../../lib/live.js').Clock, chosen?: string }} parts
   *   `devices` are missing where the browser does not take the page for safe
   */
  constructor({ devices, clock, chosen = '' }) {
    this.#devices = devices;
    this.#clock = clock;
    this.#chosen = chosen;
  }

  /** @returns {Promise<void>} when it is on, or clear why not */
  open() {
    this.#wanted = true;
    this.#tries = 0;
    return this.#begin();
  }

  close() {
    this.#wanted = false;
    this.#letGo();
    batch(() => {
      this.state.value = 'off';
      this.trouble.value = undefined;
    });
  }

  /** The page is not looked at: nobody else should have to wait for the camera. */
  hide() {
    this.#hidden = true;
    this.#letGo();
  }

  /** @returns {Promise<void>} */
  show() {
    this.#hidden = false;
    if (!this.#wanted || this.film.peek()) return Promise.resolve();
    this.#tries = 0;
    return this.#begin();
  }

  /** A picture came: it is not blind. */
  saw() {
    this.#tries = 0;
    this.#watchFor(this.#era);
  }

  /** @param {string} id */
  choose(id) {
    this.#chosen = id;
    this.#letGo();
    return this.open();
  }

  /** The one whose film is shown. */
  get camera() {
    return this.#track()?.getSettings?.().deviceId ?? '';
  }

  /** @param {boolean} on @returns {Promise<boolean>} whether it is as wished */
  light(on) {
    return this.#adjust({ torch: on });
  }

  /** @param {number} times */
  zoom(times) {
    return this.#adjust({ zoom: times });
  }

  /** How near it looks now. */
  get nearness() {
    const settings = /** @type {{ zoom?: number }} */ (this.#track()?.getSettings?.() ?? {});
    return settings.zoom ?? 1;
  }

  #track() {
    return this.film.peek()?.getVideoTracks()[0];
  }

  /** @param {Record<string, unknown>} wish */
  async #adjust(wish) {
    try {
      await this.#track()?.applyConstraints(/** @type {MediaTrackConstraints} */ ({ advanced: [wish] }));
      return true;
    } catch {
      return false;
    }
  }

  async #begin() {
    this.#letGo();
    const mine = this.#era;
    if (this.#hidden) return;
    if (!this.#devices) return this.#fail('insecure');
    this.state.value = 'starting';
    /** @type {MediaStream} */
    let film;
    try {
      film = await this.#ask(this.#devices);
    } catch (error) {
      if (mine === this.#era) this.#again(troubleOf(error));
      return;
    }
    if (mine !== this.#era) {
      stop(film);
      return;
    }
    this.#begun(film);
    await this.#look(film).catch(() => {});
  }

  /** @param {Devices} devices */
  async #ask(devices) {
    const sharp = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const back = { ...sharp, facingMode: { ideal: 'environment' } };
    if (!this.#chosen) return devices.getUserMedia({ audio: false, video: back });
    try {
      return await devices.getUserMedia({ audio: false, video: { ...sharp, deviceId: { exact: this.#chosen } } });
    } catch (error) {
      if (troubleOf(error) !== 'missing') throw error;
      // The chosen one is not there any more.
      this.#chosen = '';
      return devices.getUserMedia({ audio: false, video: back });
    }
  }

  /** @param {MediaStream} film */
  #begun(film) {
    const mine = this.#era;
    const [track] = film.getVideoTracks();
    batch(() => {
      this.film.value = film;
      this.state.value = 'on';
      this.trouble.value = undefined;
    });
    track?.addEventListener('ended', () => mine === this.#era && this.#again('busy'));
    track?.addEventListener('mute', () => mine === this.#era && this.#wait(SILENT, () => track.muted && this.#again('busy')));
    this.#watchFor(mine);
  }

  /** What this one can do, and which others there are. @param {MediaStream} film */
  async #look(film) {
    const [track] = film.getVideoTracks();
    const able = /** @type {{ torch?: boolean, zoom?: { min: number, max: number, step: number }, focusMode?: string[] }} */ (
      track?.getCapabilities?.() ?? {}
    );
    const zoom = able.zoom && able.zoom.max > able.zoom.min ? { zoom: able.zoom } : {};
    this.abilities.value = { torch: able.torch === true, ...zoom };
    if (able.focusMode?.includes('continuous')) await this.#adjust({ focusMode: 'continuous' });
    const all = (await this.#devices?.enumerateDevices()) ?? [];
    this.cameras.value = all
      .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId)
      .map(({ deviceId, label }) => ({ id: deviceId, name: label }));
  }

  /** @param {number} era */
  #watchFor(era) {
    this.#watch();
    this.#watch = this.#clock.after(BLIND, () => era === this.#era && this.#again('blind'));
  }

  /** @param {Trouble} trouble */
  #again(trouble) {
    this.#letGo();
    if (!this.#wanted || this.#hidden) return;
    this.#tries += 1;
    if (!passes(trouble) || this.#tries >= TRIES) {
      this.#fail(trouble);
      return;
    }
    this.state.value = 'starting';
    this.#wait(MOMENT, () => void this.#begin());
  }

  /** @param {Trouble} trouble */
  #fail(trouble) {
    this.#wanted = false;
    batch(() => {
      this.state.value = 'trouble';
      this.trouble.value = trouble;
    });
  }

  /** @param {number} ms @param {() => void} then */
  #wait(ms, then) {
    this.#waits();
    const mine = this.#era;
    this.#waits = this.#clock.after(ms, () => mine === this.#era && then());
  }

  #letGo() {
    this.#era += 1;
    this.#waits();
    this.#watch();
    const film = this.film.peek();
    if (!film) return;
    this.film.value = null;
    stop(film);
  }
}

/** @param {MediaStream} film */
function stop(film) {
  for (const track of film.getTracks()) track.stop();
}
