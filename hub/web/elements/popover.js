// Something that opens beside its button: a menu, or an explanation.
//
// The browser closes it on Escape and on a click elsewhere and gives the focus back; only its
// place on the screen is ours.

const GAP = 8;

/**
 * Puts an open popover beside its button, inside the window.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} button
 */
export function placeBeside(panel, button) {
  const from = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const { innerWidth, innerHeight } = window;
  const below = from.bottom + GAP + height <= innerHeight || from.top < height + GAP;
  const top = below ? from.bottom + GAP : from.top - GAP - height;
  const towardsEnd = from.left + from.width / 2 < innerWidth / 2;
  const left = towardsEnd ? from.left : from.right - width;
  panel.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  panel.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
}

/**
 * Opens or closes the popover that follows a button.
 *
 * @param {Event} event
 */
export function togglePopover(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  const panel = button.nextElementSibling;
  if (!(panel instanceof HTMLElement)) return;
  panel.togglePopover();
  if (panel.matches(':popover-open')) placeBeside(panel, button);
}

/** Keeps `aria-expanded` of the button true, and what is open beside it when the window turns. @param {Event} event */
export function toggled(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  const expanded = /** @type {ToggleEvent} */ (event).newState === 'open';
  const button = panel.previousElementSibling;
  button?.setAttribute('aria-expanded', String(expanded));
  if (!expanded || !(button instanceof HTMLElement)) return;
  const place = () => placeBeside(panel, button);
  addEventListener('resize', place);
  panel.addEventListener('toggle', () => removeEventListener('resize', place), { once: true });
}
