// How early the house warns of a date, and a category where it says otherwise; whoever lives here may say.

import { explain } from '../lib/problems.js';
import { stood } from '../lib/meet.js';
import { t, warningDays } from '../lib/text.js';
import { html } from '../lib/view.js';
import { save, store } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { menuButton } from '../elements/menu.js';
import { toast } from '../elements/toast.js';

/** How early one may be warned. */
export const WARNINGS = [1, 2, 3, 4, 5, 7, 10, 14, 21, 30];

export const mayWarn = () => store.who.value === 'owner' || store.who.value === 'member';

/** @param {string} path @param {{ version: number, warning_days?: number }} thing @param {number | null} days @param {{ name: string, to: string }} about */
async function warn(path, thing, days, about) {
  const body = { version: thing.version, warning_days: days };
  try {
    await save({ method: 'PATCH', path, body, before: stood(thing, body), label: 'write.house', about });
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {string} days */
function warnAll(days) {
  const house = store.house.peek();
  if (house) void warn('/api/house/warning', house, Number(days), { name: t('stock.warning'), to: '/app/settings/warning' });
}

/** @param {import('../types/wire.d.ts').Category} category */
export function warningButton(category) {
  const { id, name, warning_days } = category;
  const say = (/** @type {number | null} */ days) => () => void warn(`/api/categories/${id}`, category, days, { name, to: '/app/settings/categories' });
  const usual = { word: t('stock.warning.usual', { count: warningDays.value }), run: say(null) };
  const own = WARNINGS.map((count) => ({ word: t('stock.warning.days', { count }), run: say(count) }));
  return menuButton({
    label: t('stock.warning.of', { name }),
    content: html`${icon('calendar-clock')}${t('stock.warning.days', { count: warning_days ?? warningDays.value })}`,
    choices: () => [usual, ...own],
  });
}

export function warningField() {
  const days = warningDays.value;
  const choices = [...new Set([...WARNINGS, days])].sort((a, b) => a - b);
  return selectField({
    name: 'warning',
    label: t('stock.warning'),
    value: String(days),
    choices: choices.map((count) => ({ value: String(count), word: t('stock.warning.days', { count }) })),
    change: warnAll,
  });
}
