// What the app knows of the house, as signals.
//
// Everything arrives as a whole new state with a version, by an answer or by a live event, in any
// order and perhaps twice. The newer version wins, so the order does not matter.

import { batch, computed, signal } from '#signals';
import { overlay } from './outbox.js';

/** @typedef {import('../types/wire.d.ts').Me} Me */
/** @typedef {import('../types/wire.d.ts').House} House */
/** @typedef {import('../types/wire.d.ts').Session} Session */
/** @typedef {import('../types/wire.d.ts').Member} Member */
/** @typedef {import('../types/wire.d.ts').Invite} Invite */
/** @typedef {import('../types/wire.d.ts').Device} Device */
/** @typedef {import('../types/wire.d.ts').Pairing} Pairing */
/** @typedef {import('../types/wire.d.ts').Role} Role */
/** @typedef {import('../types/wire.d.ts').Frame} Frame */
/** @typedef {import('../types/wire.d.ts').Changes} Changes */
/** @typedef {import('./outbox.js').Entry} Entry */

const CHANGES_SHOWN = 30;

/** The changes that are remembered; what is done in the kitchen has a ledger of its own, and would crowd them out. */
export const TOLD = 'member.*,house.*,invite.*,station.paired,station.revoked,screen.paired,screen.revoked';
const told = new RegExp(`^(${TOLD.replaceAll('.', '\\.').replaceAll('*', '.+').replaceAll(',', '|')})$`);

/**
 * The newer of two states of one thing.
 *
 * @template {{ version: number }} T
 * @param {T | null | undefined} old
 * @param {T} fresh
 * @returns {T}
 */
export function newer(old, fresh) {
  return old && old.version > fresh.version ? old : fresh;
}

export class Store {
  /** @type {import('#signals').Signal<Session['state'] | 'unknown'>} */
  state = signal('unknown');
  /** Newest first. @type {import('#signals').Signal<Frame[] | null>} */
  changes = signal(null);
  /** @type {import('#signals').Signal<Me | null>} */
  #me = signal(null);
  /** @type {import('#signals').Signal<House | null>} */
  #house = signal(null);
  /** @type {import('#signals').Signal<Map<string, Member> | null>} */
  #people = signal(null);
  /** @type {import('#signals').Signal<Map<string, Invite> | null>} */
  #invited = signal(null);
  /** What this device is, when it is a screen on the wall. @type {import('#signals').Signal<Device | null>} */
  screen = signal(null);
  /** @type {import('#signals').Signal<Map<string, Device> | null>} */
  #devices = signal(null);
  /** Devices that ask to be let in. @type {import('#signals').Signal<Map<string, Pairing> | null>} */
  #asking = signal(null);
  /** Writes on their way. @type {import('#signals').ReadonlySignal<readonly Entry[]>} */
  #waiting;

  /** @param {import('#signals').ReadonlySignal<readonly Entry[]>} [waiting] */
  constructor(waiting = signal([])) {
    this.#waiting = waiting;
  }

  myId = computed(() => this.#me.value?.id);
  me = computed(() => this.#me.value && overlay(this.#me.value, this.#waiting.value, '/api/profile'));
  house = computed(() => this.#house.value && overlay(this.#house.value, this.#waiting.value, '/api/house'));

  members = computed(() => {
    if (!this.#people.value) return null;
    const all = [...this.#people.value.values()].map((member) =>
      overlay(member, this.#waiting.value, `/api/members/${member.id}`),
    );
    return all.sort((a, b) => a.joined_at.localeCompare(b.joined_at) || a.id.localeCompare(b.id));
  });

  /** Who is before this page, as far as it decides where one may go. @type {import('#signals').ReadonlySignal<Role | 'screen' | undefined>} */
  who = computed(() => (this.screen.value ? 'screen' : this.#me.value?.role));

  devices = computed(() => {
    if (!this.#devices.value) return null;
    const all = [...this.#devices.value.values()].filter((device) => !device.revoked_at);
    return all
      .map((device) => overlay(device, this.#waiting.value, `/api/devices/${device.id}`))
      .sort((a, b) => a.id.localeCompare(b.id));
  });

  asking = computed(() => {
    const all = this.#asking.value && [...this.#asking.value.values()];
    return all && all.sort((a, b) => a.id.localeCompare(b.id));
  });

  invites = computed(() => {
    const all = this.#invited.value && [...this.#invited.value.values()];
    return all && all.sort((a, b) => b.created_at.localeCompare(a.created_at));
  });

  /** @param {Session} session */
  takeSession(session) {
    batch(() => {
      this.state.value = session.state;
      if (session.house) this.takeHouse(session.house);
      const { me } = session;
      this.screen.value = (session.state === 'signed-in' && session.device) || null;
      if (session.state === 'signed-in' && me) {
        this.#me.value = me.id === this.#me.value?.id ? newer(this.#me.value, me) : me;
      } else if (!this.screen.value) {
        this.#forgetPeople();
      }
    });
  }

  #forgetPeople() {
    this.#me.value = null;
    this.#people.value = null;
    this.#invited.value = null;
    this.#devices.value = null;
    this.#asking.value = null;
    this.changes.value = null;
  }

  /** @param {Me} fresh */
  takeMe(fresh) {
    if (fresh.id === this.#me.value?.id) this.#me.value = newer(this.#me.value, fresh);
  }

  /** @param {House} fresh */
  takeHouse(fresh) {
    this.#house.value = newer(this.#house.value, fresh);
  }

  /** @param {Member} fresh */
  takeMember(fresh) {
    const people = this.#people.value;
    if (people) this.#people.value = new Map(people).set(fresh.id, newer(people.get(fresh.id), fresh));
    const mine = this.#me.value;
    if (mine?.id === fresh.id && fresh.version > mine.version) {
      const { id, name, role, language, theme, version } = fresh;
      this.#me.value = { id, name, role, language, theme, version };
    }
  }

  /** The whole list, which may be older than single states that came in since. @param {Member[]} items */
  takeMembers(items) {
    const next = new Map(this.#people.value);
    for (const item of items) next.set(item.id, newer(next.get(item.id), item));
    this.#people.value = next;
  }

  /** @param {Device} fresh */
  takeDevice(fresh) {
    const devices = this.#devices.value;
    if (devices) this.#devices.value = new Map(devices).set(fresh.id, newer(devices.get(fresh.id), fresh));
    if (fresh.id === this.screen.value?.id) this.screen.value = newer(this.screen.value, fresh);
  }

  /** @param {Device[]} items */
  takeDevices(items) {
    const next = new Map(this.#devices.value);
    for (const item of items) next.set(item.id, newer(next.get(item.id), item));
    this.#devices.value = next;
  }

  /** @param {Pairing[]} items */
  takeAsking(items) {
    this.#asking.value = new Map(items.map((item) => [item.id, item]));
  }

  /** @param {Pairing} item */
  addAsking(item) {
    if (this.#asking.value) this.#asking.value = new Map(this.#asking.value).set(item.id, item);
  }

  /** @param {string} id */
  dropAsking(id) {
    if (!this.#asking.value) return;
    const next = new Map(this.#asking.value);
    next.delete(id);
    this.#asking.value = next;
  }

  /** @param {Invite[]} items */
  takeInvites(items) {
    this.#invited.value = new Map(items.map((item) => [item.id, item]));
  }

  /** @param {Invite} invite */
  addInvite(invite) {
    if (this.#invited.value) this.#invited.value = new Map(this.#invited.value).set(invite.id, invite);
  }

  /** @param {string} id */
  dropInvite(id) {
    if (!this.#invited.value) return;
    const next = new Map(this.#invited.value);
    next.delete(id);
    this.#invited.value = next;
  }

  /** @param {Changes} answer */
  takeChanges(answer) {
    const { epoch, seq } = answer.head;
    const since = (this.changes.value ?? []).filter((frame) => frame.epoch === epoch && frame.seq > seq);
    this.changes.value = [...since, ...answer.items].slice(0, CHANGES_SHOWN);
  }

  /** A live event. @param {Frame} frame */
  takeEvent(frame) {
    batch(() => {
      if (frame.type.startsWith('member.')) this.takeMember(frame.data);
      else if (frame.type === 'house.updated') this.takeHouse(frame.data);
      else if (frame.type === 'invite.created') this.addInvite(frame.data);
      else if (frame.type.startsWith('invite.')) this.dropInvite(frame.entity_id);
      else if (/^(station|screen)\./.test(frame.type) && frame.data?.kind) this.takeDevice(frame.data);
      else if (frame.type === 'pairing.opened') this.addAsking(frame.data);
      else if (frame.type === 'pairing.closed') this.dropAsking(frame.entity_id);
      this.#remember(frame);
    });
  }

  /** @param {Frame} frame */
  #remember(frame) {
    const list = this.changes.value;
    if (!list || !told.test(frame.type) || list.some((known) => known.seq === frame.seq && known.epoch === frame.epoch)) return;
    this.changes.value = [frame, ...list].slice(0, CHANGES_SHOWN);
  }
}
