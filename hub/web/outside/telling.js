// What somebody wants to hear of, between the form and the house; and what became of something sent to try.
//
// The house sends in the background: work that went well is gone from its list, what did not says why.

/** @typedef {import('../types/wire.d.ts').NotificationPreferences} Preferences */
/** @typedef {import('../types/wire.d.ts').Topic} Topic */
/** @typedef {import('../types/wire.d.ts').When} When */
/** @typedef {import('../lib/form.js').Values} Values */
/** @typedef {import('../types/wire.d.ts').Job} Job */
/** @typedef {{ state: 'on-its-way' | 'arrived' | 'unsure' } | { state: 'put-off' | 'failed', code: string, detail: string, again?: string | undefined }} Outcome */

/** Quiet hours as most people have them, until somebody says otherwise. */
export const NIGHT = { from: '22:00', until: '07:00' };

/**
 * All that was chosen, as the house takes it.
 *
 * @param {Preferences} known
 * @param {Values} values what stands in the form; without `quiet` there are no quiet hours
 */
export function changeOf(known, values) {
  const hours = { from: values['quiet_from'] || NIGHT.from, until: values['quiet_until'] || NIGHT.until };
  const choices = known.choices.map(({ about, when }) => ({ about, when: /** @type {When} */ (values[`when-${about}`] || when) }));
  const quiet = values['quiet'] ? { quiet: hours } : {};
  return { version: known.version, mail: values['mail'] ?? '', digest_at: values['digest_at'] || known.digest_at, ...quiet, choices };
}

/** What the house says about a field, under the field's own name here. @param {string} pointer */
export function fieldOf(pointer) {
  return pointer.replace(/^\//, '').replace('/', '_');
}

/**
 * @param {string} id
 * @param {{ failed: { items: readonly Job[] }, open: { items: readonly Job[] } }} jobs
 * @returns {Outcome}
 */
export function outcomeOf(id, jobs) {
  const failed = jobs.failed.items.find((job) => job.id === id);
  if (failed) return { state: 'failed', code: failed.reason?.code ?? '', detail: failed.reason?.detail ?? '' };
  const open = jobs.open.items.find((job) => job.id === id);
  if (!open) return { state: 'arrived' };
  if (open.state === 'waiting' && open.reason) {
    return { state: 'put-off', code: open.reason.code, detail: open.reason.detail, again: open.due_at };
  }
  return { state: 'on-its-way' };
}

/**
 * Looks until it is known, and tells each time. What was put off is told and not waited for.
 *
 * @param {string} id
 * @param {{ look: () => Promise<{ data: any, asOf?: number | undefined }>, wait: () => Promise<unknown>, tell: (outcome: Outcome) => void, tries?: number }} parts
 */
export async function followOutcome(id, { look, wait, tell, tries = 45 }) {
  tell({ state: 'on-its-way' });
  for (let n = 0; n < tries; n += 1) {
    await wait();
    const seen = await look().catch(() => undefined);
    // An answer that was kept from earlier knows nothing of what was sent just now.
    if (!seen || seen.asOf !== undefined) continue;
    const outcome = outcomeOf(id, seen.data);
    tell(outcome);
    if (outcome.state !== 'on-its-way') return;
  }
  tell({ state: 'unsure' });
}
