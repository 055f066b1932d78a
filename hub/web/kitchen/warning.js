// How early the house warns of a date; whoever lives here may say.

import { explain } from '../lib/problems.js';
import { t, warningDays } from '../lib/text.js';
import { save, store } from '../hearth.js';
import { selectField } from '../elements/field.js';
import { toast } from '../elements/toast.js';

/** How early one may be warned. */
const WARNINGS = [1, 2, 3, 4, 5, 7, 10, 14, 21, 30];

export const mayWarn = () => store.who.value === 'owner' || store.who.value === 'member';

/** @param {string} days */
async function warn(days) {
  const house = store.house.peek();
  if (!house) return;
  const body = { version: house.version, warning_days: Number(days) };
  try {
    await save({ method: 'PATCH', path: '/api/house/warning', body, label: 'write.house' });
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

export function warningField() {
  const days = warningDays.value;
  const choices = [...new Set([...WARNINGS, days])].sort((a, b) => a - b);
  return selectField({
    name: 'warning',
    label: t('stock.warning'),
    value: String(days),
    choices: choices.map((count) => ({ value: String(count), word: t('stock.warning.days', { count }) })),
    change: (value) => void warn(value),
  });
}
