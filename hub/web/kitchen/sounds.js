// What a scan sounds and feels like: one short and high, two of medium height, one long and low.
//
// The same three a station has, so that nobody has to look up. A browser makes no sound before somebody has
// touched the page; the context is opened then.

import { signal } from '#signals';

/** @typedef {import('../types/wire.d.ts').Tone} Tone */
/** @typedef {{ hertz: number, from: number, ms: number }} Note */

/** @type {Record<Tone, Note[]>} */
export const TONES = {
  ok: [{ hertz: 1760, from: 0, ms: 90 }],
  warn: [
    { hertz: 740, from: 0, ms: 130 },
    { hertz: 740, from: 210, ms: 130 },
  ],
  bad: [{ hertz: 196, from: 0, ms: 500 }],
};

/** Shakes and the pauses between them, in milliseconds. @type {Record<Tone, number[]>} */
export const SHAKES = { ok: [40], warn: [80, 90, 80], bad: [400] };

/** Loud enough for a kitchen. A low tone is heard less. @type {Record<Tone, number>} */
const LOUD = { ok: 0.25, warn: 0.3, bad: 0.5 };
/** Without a ramp a tone begins and ends with a click, in seconds. */
const RAMP = 0.008;

/**
 * @typedef {object} Means
 * @property {() => AudioContext | undefined} sound
 * @property {(pattern: number[]) => void} shake
 */

export class Voice {
  muted = signal(false);
  #means;
  /** @type {AudioContext | undefined} */
  #context;

  /** @param {Means} means @param {boolean} muted */
  constructor(means, muted) {
    this.#means = means;
    this.muted.value = muted;
  }

  /** Somebody has touched the page. */
  wake() {
    if (this.muted.peek()) return;
    this.#context ??= this.#means.sound();
    if (this.#context?.state !== 'running') this.#context?.resume().catch(() => {});
  }

  /** @param {Tone} tone */
  say(tone) {
    if (this.muted.peek()) return;
    this.#means.shake(SHAKES[tone]);
    const context = this.#context;
    if (context?.state !== 'running') return;
    for (const note of TONES[tone]) sound(context, note, LOUD[tone]);
  }
}

/** @param {AudioContext} context @param {Note} note @param {number} loud */
function sound(context, { hertz, from, ms }, loud) {
  const starts = context.currentTime + from / 1000;
  const ends = starts + ms / 1000;
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.frequency.value = hertz;
  level.gain.setValueAtTime(0, starts);
  level.gain.linearRampToValueAtTime(loud, starts + RAMP);
  level.gain.setValueAtTime(loud, ends - RAMP);
  level.gain.linearRampToValueAtTime(0, ends);
  tone.connect(level).connect(context.destination);
  tone.start(starts);
  tone.stop(ends);
}

/** What this browser has for it. @returns {Means} */
export function ofThisDevice() {
  return {
    sound: () => ('AudioContext' in window ? new AudioContext() : undefined),
    shake: (pattern) => {
      // Before the first touch the browser only complains.
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
    },
  };
}
