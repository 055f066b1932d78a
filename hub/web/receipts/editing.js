// Drafts of a receipt: what somebody types outlives the screen, and what two say of the same is shown to both.

import { effect, signal } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { t } from '../lib/text.js';
import { api } from '../hearth.js';
import { changesOf, meet } from './draft.js';
import { inTurn } from './turns.js';

/** @typedef {import('../types/wire.d.ts').Receipt} Receipt */
/** @typedef {import('../lib/meet.js').Fields} Fields */
/** @typedef {import('../lib/view.js').Template} Template */

/**
 * @typedef {object} Draft
 * @property {string} key
 * @property {string} path where it is saved
 * @property {number} version of the receipt that one looked at
 * @property {string} currency
 * @property {Fields} begun
 * @property {import('../lib/view.js').Signal<Fields>} fields
 * @property {import('../lib/view.js').Signal<Fields>} theirs
 * @property {import('../lib/view.js').Signal<boolean>} gone whether somebody else took away what it is about
 * @property {import('../lib/form.js').Form} form
 * @property {(receipt: Receipt) => Fields | undefined} of what a receipt says of it
 * @property {(receipt: Receipt) => void} take
 * @property {() => void} saved
 */

/** @type {import('../lib/view.js').Signal<ReadonlyMap<string, Draft>>} */
const drafts = signal(new Map());

const KEPT = 'hearth.receipt-drafts';

/** How often a change is offered anew to a receipt that others change at the same time. */
const TRIES = 4;

/** What a page that was closed left behind in this tab; it is taken up when its receipt is there. @type {Map<string, Pick<Draft, 'key' | 'version' | 'begun'> & { said: Fields }>} */
const left = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? '[]').map((/** @type {{ key: string }} */ kept) => [kept.key, kept]));

effect(() => {
  const now = [...drafts.value.values()].map(({ key, version, begun, fields }) => ({ key, version, begun, said: fields.value }));
  sessionStorage.setItem(KEPT, JSON.stringify([...left.values(), ...now]));
});

/** @param {string} key */
export const draftOf = (key) => drafts.value.get(key);

/** What of a receipt is being typed. @param {string} id */
export const typedIn = (id) => [...drafts.value.values()].filter(({ key }) => key.startsWith(id));

/** @param {string} key */
export function drop(key) {
  const left = new Map(drafts.peek());
  left.delete(key);
  drafts.value = left;
}

/** @param {string} id */
export function dropAll(id) {
  drafts.value = new Map([...drafts.peek()].filter(([key]) => !key.startsWith(id)));
}

/**
 * @param {Pick<Draft, 'key' | 'path' | 'of' | 'take' | 'saved'>} parts
 * @param {Receipt} receipt
 */
export function begin(parts, receipt) {
  const fields = parts.of(receipt) ?? {};
  const form = createForm({ submit: async () => void (await store(draft)) });
  /** @type {Draft} */
  const draft = {
    ...parts,
    version: receipt.version,
    currency: receipt.currency,
    begun: fields,
    fields: signal({ ...fields }),
    theirs: signal(/** @type {Fields} */ ({})),
    gone: signal(false),
    form,
  };
  drafts.value = new Map(drafts.peek()).set(parts.key, draft);
  return draft;
}

/**
 * Takes up what was being typed about a receipt when its page was closed.
 *
 * @param {Receipt} receipt
 * @param {(key: string) => Parameters<typeof begin>[0]} partsOf
 */
export function takeUp(receipt, partsOf) {
  for (const { key, version, begun, said } of [...left.values()].filter(({ key }) => key.startsWith(receipt.id))) {
    left.delete(key);
    const draft = begin(partsOf(key), receipt);
    draft.version = version;
    draft.begun = begun;
    draft.fields.value = said;
  }
}

/** Where a field of a draft stands on the page. @param {Draft} draft @param {string} name */
export const fieldId = ({ key }, name) => `${key.replace('/', '-')}-${name}`;

/** Says something in a draft, also where one types. @param {Draft} draft @param {Fields} said */
export function say(draft, said) {
  draft.fields.value = { ...draft.fields.peek(), ...said };
  for (const [name, value] of Object.entries(said)) {
    const input = document.getElementById(fieldId(draft, name));
    if (input instanceof HTMLSelectElement || (input instanceof HTMLInputElement && input.type !== 'checkbox')) input.value = value;
  }
}

/** What is reckoned from the rest is reckoned anew when that changes, unless somebody said it. */
const RECKONED = ['quantity', 'unit', 'product_id'];

/** @param {Draft} draft @param {Fields} said */
export function change(draft, said) {
  const now = draft.fields.peek();
  const follows = Object.keys(said).some((name) => RECKONED.includes(name)) && now['arrives'] === draft.begun['arrives'];
  draft.fields.value = { ...now, ...said };
  if (follows && 'arrives' in now) say(draft, { arrives: '' });
}

/** @param {Draft} draft */
export const typing = (draft) => (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (input.name) change(draft, { [input.name]: input.type === 'checkbox' ? (input.checked ? 'yes' : '') : input.value });
};

/** Takes over what somebody else said; whether both spoke about the same. @param {Draft} draft @param {Receipt} current */
function met(draft, current) {
  draft.take(current);
  const now = draft.of(current);
  draft.version = current.version;
  if (!now) {
    draft.gone.value = true;
    return true;
  }
  const { fields, theirs } = meet(draft.begun, draft.fields.peek(), now, draft.currency);
  draft.begun = now;
  say(draft, fields);
  draft.theirs.value = theirs;
  const disputed = Object.keys(theirs).length > 0;
  if (disputed) requestAnimationFrame(() => document.getElementById(fieldId(draft, 'disputed'))?.focus());
  return disputed;
}

/** @param {string} name */
function wordFor(name) {
  if (name === 'total') return t('receipt.wrong.money');
  if (name === 'currency') return t('receipt.wrong.currency');
  return name === 'wording' ? t('form.required') : t('receipt.wrong.amount');
}

/** Saves a draft; whether that was the end of it. @param {Draft} draft */
export async function store(draft) {
  for (let tries = 1; ; tries += 1) {
    const { body, wrong } = changesOf(draft.begun, draft.fields.peek(), draft.currency);
    if (wrong.length > 0) {
      draft.form.errors.value = new Map(wrong.map((name) => [name, wordFor(name)]));
      return false;
    }
    if (Object.keys(body).length === 0) break;
    try {
      const send = (/** @type {number} */ version) => /** @type {Promise<Receipt>} */ (api.patch(draft.path, { version, ...body }));
      draft.take(await inTurn(draft.key.split('/')[0] ?? '', draft.version, send));
      break;
    } catch (error) {
      if (error instanceof Problem && error.code === 'unknown-receipt-line') {
        draft.gone.value = true;
        return false;
      }
      const current = error instanceof Problem && error.code === 'stale-version' ? error.current : undefined;
      if (!current) throw error;
      // Where nobody said something else about the same, both are kept.
      if (!met(draft, /** @type {Receipt} */ (current)) && tries < TRIES) continue;
      return false;
    }
  }
  drop(draft.key);
  requestAnimationFrame(draft.saved);
  return true;
}

/** @param {Draft} draft @param {(name: string, value: string) => string} inWords @param {(name: string) => string} label @returns {import('../elements/disputes.js').Dispute[]} */
export function disputesOf(draft, inWords, label = (name) => t(`receipt.field.${name}`)) {
  const settle = (/** @type {string} */ name) => {
    const { [name]: _, ...rest } = draft.theirs.peek();
    draft.theirs.value = rest;
  };
  return Object.entries(draft.theirs.value).map(([name, theirs]) => ({
    what: label(name),
    mine: inWords(name, draft.fields.value[name] ?? ''),
    theirs: inWords(name, theirs),
    keep: () => settle(name),
    take: () => {
      settle(name);
      say(draft, { [name]: theirs });
    },
  }));
}
