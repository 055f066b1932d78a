// Changing things of the house where they stand: what is typed outlives the screen, and where two people say
// something about the same, both sides are shown.

import { effect, html, nothing, part, signal, untracked } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { meet, parted, stood, touched } from '../lib/meet.js';
import { overlay } from '../lib/outbox.js';
import { explainCode } from '../lib/problems.js';
import { newer } from '../lib/store.js';
import { t } from '../lib/text.js';
import { api, arrivals, outbox, save } from '../hearth.js';
import { disputes, fill, showDisputes } from '../elements/disputes.js';
import { formOf } from '../elements/field.js';
import { notice } from '../elements/pieces.js';
import { toast } from '../elements/toast.js';

/** @typedef {import('../lib/form.js').Form} Form */
/** @typedef {import('../lib/meet.js').Fields} Fields */
/** @typedef {import('../lib/view.js').Template} Template */
/** @typedef {import('../lib/outbox.js').Entry} Entry */
/** @template T @typedef {import('../lib/view.js').Signal<T>} Signal */

/**
 * What is being typed about a thing.
 *
 * @template T
 * @typedef {{ id: string, waited: string, begun: T | null, fields: Signal<Fields>, theirs: Signal<Fields>, form: Form }} Draft `id`: of the thing; empty for one to be. `waited`: what waited on the device and was refused, if it began so
 */

/**
 * What a form is made with.
 *
 * @typedef {{ form: Form, value: (name: string) => string, id: (name: string) => string, fields: Signal<Fields>, isNew: boolean }} Inputs
 */

/**
 * A kind of things that can be changed.
 *
 * @template T
 * @typedef {object} Kind
 * @property {string} words what its texts begin with: `add`, `added` and `gone`
 * @property {(name: string) => string} label what a field is called
 * @property {string} path where there are all of them
 * @property {(thing: T | null) => Fields} fieldsOf
 * @property {(thing: T) => string} idOf
 * @property {(fields: Fields, names: readonly string[]) => { body: Record<string, unknown>, wrong: Map<string, string> }} bodyOf what is said of the fields so named
 * @property {(inputs: Inputs) => Template} inputs
 * @property {(name: string, value: string) => string} inWords
 * @property {(thing: T) => void} take
 * @property {() => readonly T[]} things those that are known
 * @property {(id: string) => boolean} has whether it is still there
 * @property {() => unknown} load
 * @property {Record<string, string>} [wrong] which field a problem's code is about
 * @property {string} here where it is changed, in the app
 * @property {(id: string) => string} [pathOf] where one of them is, and is changed as a whole; below all of them otherwise, and a field at a time
 * @property {(answer: any) => T} [read] what is answered of one, where that is not the thing itself
 * @property {(input: HTMLInputElement) => Fields | undefined} [typed] what is said by inputs that are no fields themselves
 * @property {(id: string, name: string, value: string) => boolean} [say] says it anew in such inputs
 */

/** How often a change is offered anew to a thing that others change at the same time. */
const TRIES = 4;

/** @template T */
export class Editing {
  /** @type {Kind<T>} */
  #kind;
  /** @type {Signal<ReadonlyMap<string, Draft<T>>>} */
  #drafts = signal(/** @type {ReadonlyMap<string, Draft<T>>} */ (new Map()));

  /** @param {Kind<T>} kind */
  constructor(kind) {
    this.#kind = kind;
    arrivals.add(({ path }, data) => {
      const thing = typeof data?.version === 'number' ? this.#read(data) : undefined;
      if (thing && kind.has(kind.idOf(thing)) && path === this.#path(kind.idOf(thing))) kind.take(thing);
    });
    effect(() => {
      for (const entry of outbox.refused.value) this.#goOn(entry);
    });
  }

  /** Where one of them is. @param {string} id */
  #path(id) {
    return this.#kind.pathOf?.(id) ?? `${this.#kind.path}/${id}`;
  }

  /** @param {any} answer @returns {T} */
  #read(answer) {
    return this.#kind.read?.(answer) ?? answer;
  }

  /** A thing as it will be once what waits on this device has arrived. @param {T} thing @returns {T} */
  asItWillBe(thing) {
    return overlay(thing, outbox.waiting.value, this.#path(this.#kind.idOf(thing)));
  }

  /** Whether something said here about a thing has not arrived. @param {T} thing */
  waits(thing) {
    const here = this.#path(this.#kind.idOf(thing));
    return outbox.waiting.value.some(({ path }) => path === here);
  }

  /** What waited on this device and was refused, as by what somebody else said about the same, goes on where it was typed. @param {Entry} entry */
  #goOn(entry) {
    const { idOf, fieldsOf, path, things } = this.#kind;
    const { refused } = entry;
    if (!refused || !entry.before || !entry.path.startsWith(`${path}/`)) return;
    const thing = refused.current ? this.#read(refused.current) : things().find((one) => this.#path(idOf(one)) === entry.path);
    if (!thing || entry.path !== this.#path(idOf(thing)) || this.#drafts.value.has(idOf(thing))) return;
    untracked(() => {
      const { fields, theirs } = parted(entry, thing, fieldsOf);
      const { form } = this.#begin(thing, idOf(thing), fields, theirs, entry.id);
      if (!refused.current) form.trouble.value = explainCode(refused.code, refused.detail);
    });
  }

  /** What is being typed about a thing, if anything is. @param {string} [id] */
  of(id = '') {
    return this.#drafts.value.get(id);
  }

  /** What was being typed about things that went away meanwhile. */
  lost() {
    return [...this.#drafts.value.values()].filter(({ id }) => id !== '' && !this.#kind.has(id));
  }

  /** @param {T | null} [thing] a new one where there is none */
  begin(thing = null) {
    const id = thing ? this.#kind.idOf(thing) : '';
    if (!this.#drafts.peek().has(id)) {
      this.#begin(thing, id, this.#kind.fieldsOf(thing), {}, '');
    }
    requestAnimationFrame(() => /** @type {HTMLElement | null | undefined} */ (document.getElementById(this.#place(id))?.querySelector('input, select'))?.focus());
  }

  /** @param {T | null} thing @param {string} id @param {Fields} fields @param {Fields} theirs @param {string} waited */
  #begin(thing, id, fields, theirs, waited) {
    const form = createForm({ submit: () => this.#store(draft), wrong: this.#kind.wrong ?? {} });
    /** @type {Draft<T>} */
    const draft = { id, waited, begun: thing, fields: signal(fields), theirs: signal(theirs), form };
    this.#drafts.value = new Map(this.#drafts.peek()).set(id, draft);
    return draft;
  }

  /** @param {string} id */
  async drop(id) {
    const waited = this.#drafts.peek().get(id)?.waited;
    // Before the draft goes: what is refused still begins one.
    if (waited) await outbox.dismiss(waited);
    const left = new Map(this.#drafts.peek());
    left.delete(id);
    this.#drafts.value = left;
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(id ? `[data-thing="${id}"] [aria-haspopup], [data-thing="${id}"] button` : '#add-thing'))?.focus());
  }

  /** @param {Draft<T>} draft */
  view(draft) {
    const { id, fields, form } = draft;
    const kind = this.#kind;
    const isNew = !draft.begun;
    const gone = id !== '' && !kind.has(id);
    /** @type {Inputs} */
    const inputs = { form, fields, isNew, value: (name) => fields.peek()[name] ?? '', id: (name) => `field-${name}${id && `-${id}`}` };
    const cancel = html`<button class="button" type="button" @click=${() => void this.drop(id)}>${t('action.cancel')}</button>`;
    const submit = isNew || gone ? t('arrange.add') : t('action.save');
    return html`<div class="editing stack" id=${this.#place(id)} @input=${(/** @type {Event} */ event) => this.#typing(draft, event)}>
      ${isNew ? html`<h2>${t(`${kind.words}.add`)}</h2>` : nothing}
      ${gone ? html`<div role="alert">${notice(t(`${kind.words}.gone`), { tone: 'soon', icon: 'triangle-alert' })}</div>` : nothing}
      ${part(() => this.#disputed(draft))} ${part(() => formOf(form, kind.inputs(inputs), { submit, cancel }))}
    </div>`;
  }

  /** @param {string} id */
  #place(id) {
    return `edit-${id || 'new'}`;
  }

  /** @param {Draft<T>} draft @param {Event} event */
  #typing(draft, event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const said = this.#kind.typed?.(input) ?? (input.name ? { [input.name]: input.value } : {});
    draft.fields.value = { ...draft.fields.peek(), ...said };
  }

  /** @param {Draft<T>} draft */
  async #store(draft) {
    const kind = this.#kind;
    for (let tries = 1; ; tries += 1) {
      const fields = draft.fields.peek();
      const begun = draft.begun && kind.has(draft.id) ? draft.begun : null;
      const names = begun ? touched(kind.fieldsOf(begun), fields) : Object.keys(fields);
      const { body, wrong } = kind.bodyOf(fields, names);
      if (wrong.size > 0) {
        draft.form.errors.value = wrong;
        return;
      }
      if (begun && names.length === 0) break;
      try {
        if (begun) {
          await save(this.#writeOf(begun, fields, body));
        } else {
          kind.take(await api.post(kind.path, body));
          toast(() => t(`${kind.words}.added`, { name: fields['name'] ?? '' }));
        }
        break;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // It went away: the next try makes it anew, if that is wanted.
        if (begun && error.status === 404) return void kind.load();
        const current = error.code === 'stale-version' ? error.current : undefined;
        if (!current) throw error;
        // Where nobody said something else about the same, both are kept.
        if (!this.#met(draft, this.#read(current)) && tries < TRIES) continue;
        return;
      }
    }
    await this.drop(draft.id);
  }

  /** @param {T} begun @param {Fields} fields @param {Record<string, unknown>} said @returns {import('../lib/outbox.js').Write} */
  #writeOf(begun, fields, said) {
    const { label, here, idOf, pathOf } = this.#kind;
    const path = this.#path(idOf(begun));
    const { version } = /** @type {{ version?: number }} */ (begun);
    const about = { name: fields['name'] || label('name'), to: here };
    return { method: pathOf ? 'PUT' : 'PATCH', path, body: { ...said, version }, before: stood(/** @type {object} */ (begun), said), label: 'write.house', join: path, about };
  }

  /** Takes over what somebody else said; whether both spoke about the same. @param {Draft<T>} draft @param {T} current */
  #met(draft, current) {
    const { begun } = draft;
    if (!begun) return false;
    const kind = this.#kind;
    const before = draft.fields.peek();
    const { fields, theirs } = meet(kind.fieldsOf(begun), before, kind.fieldsOf(current));
    draft.begun = current;
    draft.fields.value = fields;
    draft.theirs.value = theirs;
    kind.take(current);
    for (const name of touched(before, fields)) this.#say(draft, name);
    const disputed = Object.keys(theirs).length > 0;
    if (disputed) showDisputes();
    return disputed;
  }

  /** Shows a field as it is now. @param {Draft<T>} draft @param {string} name */
  #say({ id, fields }, name) {
    const [place, value] = [this.#place(id), fields.peek()[name] ?? ''];
    if (!this.#kind.say?.(place, name, value)) fill(place, name, value);
  }

  /** @param {Draft<T>} draft */
  #disputed(draft) {
    const { fields, theirs } = draft;
    const kind = this.#kind;
    /** @param {string} name @param {boolean} take */
    const settle = (name, take) => {
      const { [name]: value = '', ...rest } = theirs.peek();
      theirs.value = rest;
      if (!take) return;
      fields.value = { ...fields.peek(), [name]: value };
      this.#say(draft, name);
    };
    return disputes({
      theirs: theirs.value,
      said: (name, value) => ({ what: kind.label(name), mine: kind.inWords(name, fields.value[name] ?? ''), theirs: kind.inWords(name, value) }),
      keep: (name) => settle(name, false),
      take: (name) => settle(name, true),
    });
  }
}

/** What the house answered, which may be newer than a list that was asked for before. @type {Map<string, { version: number }>} */
const answers = new Map();

/** How an answer finds its place among what is known. @template {{ id?: string, version?: number }} T @param {import('../lib/watch.js').Watched<T[]>} watched @param {T} thing */
export function takeInto({ data }, thing) {
  if (thing.id !== undefined && thing.version !== undefined) answers.set(thing.id, newer(answers.get(thing.id), { ...thing, version: thing.version }));
  const known = data.peek() ?? [];
  const there = known.some(({ id }) => id === thing.id);
  data.value = there ? known.map((one) => (one.id === thing.id ? thing : one)) : [...known, thing];
}

/** Each as it was last told of. @template {{ id?: string, version?: number }} T @param {readonly T[] | null} things @returns {T[]} */
export function latest(things) {
  return (things ?? []).map((thing) => {
    const answer = answers.get(thing.id ?? '');
    return answer && answer.version > (thing.version ?? 0) ? /** @type {T} */ (/** @type {unknown} */ (answer)) : thing;
  });
}
