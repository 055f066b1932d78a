// A hand scanner types like a keyboard, only faster than anybody could.
//
// What comes quickly enough is put together until the scanner ends it with Enter or Tab, wherever the focus
// is. The separator within GS1 codes arrives as Ctrl and a bracket, or as the sign itself.

export const GS = '\u001d';

/** Between two keys of a scanner; people are slower. */
const QUICK = 60;
const SHORTEST = 4;

/** @typedef {{ key: string, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean, timeStamp: number }} Key */
/** @typedef {{ code?: string, swallow: boolean }} Heard `swallow`: the key is the scanner's and nobody else's */

/** @param {Key} key */
function letter({ key, ctrlKey = false, altKey = false, metaKey = false }) {
  if (key === GS || (ctrlKey && key === ']')) return GS;
  // A scanner may spell a sign with the right Alt key, which comes as both.
  const shortcut = (ctrlKey !== altKey) || metaKey;
  return [...key].length === 1 && !shortcut ? key : '';
}

export class Wedge {
  #code = '';
  #last = -Infinity;

  /** @param {Key} key @returns {Heard} */
  hear(key) {
    if (['Shift', 'Control', 'Alt', 'AltGraph', 'CapsLock', 'Dead'].includes(key.key)) return { swallow: false };
    const quick = key.timeStamp - this.#last < QUICK;
    this.#last = key.timeStamp;
    if (!quick) this.#code = '';
    if (key.key === 'Enter' || key.key === 'Tab') {
      const code = this.#code;
      this.#code = '';
      return code.length >= SHORTEST ? { code, swallow: true } : { swallow: false };
    }
    const sign = letter(key);
    this.#code = sign ? this.#code + sign : '';
    return { swallow: sign === GS || this.#code.length > 1 };
  }
}

/**
 * Listens for a scanner wherever the focus is, but for other fields of text: what types into those is a person.
 *
 * @param {Wedge} wedge
 * @param {(code: string, field: HTMLInputElement | null) => void} scanned `field`: that of codes, where it had the focus
 * @returns {() => void} how to stop
 */
export function listenTo(wedge, scanned) {
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    const field = target instanceof HTMLInputElement && target.name === 'code' ? target : null;
    const typing = !field && target instanceof Element && target.matches('input:not([type=checkbox], [type=radio], [type=range]), textarea');
    if (typing || document.querySelector('dialog[open]')) return;
    const { code, swallow } = wedge.hear(event);
    if (code === undefined && !(swallow && !field)) return;
    event.preventDefault();
    event.stopPropagation();
    if (code === undefined) return;
    if (field) field.value = '';
    scanned(code, field);
  };
  window.addEventListener('keydown', onKey, { capture: true });
  return () => window.removeEventListener('keydown', onKey, { capture: true });
}
