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
/** @typedef {import('../types/wire.d.ts').Frame} Frame */
/** @typedef {import('../types/wire.d.ts').Changes} Changes */
/** @typedef {import('./outbox.js').Entry} Entry */

/** @typedef {ReturnType<typeof createStore>} Store */

const CHANGES_SHOWN = 30;

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

/** @param {import('#signals').ReadonlySignal<readonly Entry[]>} [waiting] writes on their way */
export function createStore(waiting = signal([])) {
  /** @type {import('#signals').Signal<Session['state'] | 'unknown'>} */
  const state = signal('unknown');
  /** @type {import('#signals').Signal<Me | null>} */
  const knownMe = signal(null);
  /** @type {import('#signals').Signal<House | null>} */
  const knownHouse = signal(null);
  /** @type {import('#signals').Signal<Map<string, Member> | null>} */
  const people = signal(null);
  /** @type {import('#signals').Signal<Map<string, Invite> | null>} */
  const invited = signal(null);
  /** @type {import('#signals').Signal<Frame[] | null>} */
  const changes = signal(null);

  const myId = computed(() => knownMe.value?.id);
  const me = computed(() => knownMe.value && overlay(knownMe.value, waiting.value, '/api/profile'));
  const house = computed(() => knownHouse.value && overlay(knownHouse.value, waiting.value, '/api/house'));
  const members = computed(() => {
    if (!people.value) return null;
    const all = [...people.value.values()].map((member) =>
      overlay(member, waiting.value, `/api/members/${member.id}`),
    );
    return all.sort((a, b) => a.joined_at.localeCompare(b.joined_at) || a.id.localeCompare(b.id));
  });
  const invites = computed(
    () => invited.value && [...invited.value.values()].sort((a, b) => b.created_at.localeCompare(a.created_at)),
  );

  /** @param {Member} fresh */
  function takeMember(fresh) {
    if (people.value) {
      const next = new Map(people.value);
      next.set(fresh.id, newer(next.get(fresh.id), fresh));
      people.value = next;
    }
    const mine = knownMe.value;
    if (mine?.id === fresh.id && fresh.version > mine.version) {
      const { id, name, role, language, theme, version } = fresh;
      knownMe.value = { id, name, role, language, theme, version };
    }
  }

  /** @param {Frame} frame */
  function takeInvite(frame) {
    if (!invited.value) return;
    const next = new Map(invited.value);
    if (frame.type === 'invite.created') next.set(frame.entity_id, frame.data);
    else next.delete(frame.entity_id);
    invited.value = next;
  }

  /** @param {Frame} frame */
  function remember(frame) {
    const list = changes.value;
    if (!list || list.some((known) => known.seq === frame.seq && known.epoch === frame.epoch)) return;
    changes.value = [frame, ...list].slice(0, CHANGES_SHOWN);
  }

  return {
    state,
    myId,
    me,
    house,
    members,
    invites,
    changes,
    /** @param {Session} session */
    takeSession(session) {
      batch(() => {
        state.value = session.state;
        if (session.house) knownHouse.value = newer(knownHouse.value, session.house);
        if (session.state === 'signed-in') {
          const { me: fresh } = session;
          if (fresh && fresh.id === knownMe.value?.id) knownMe.value = newer(knownMe.value, fresh);
          else knownMe.value = fresh ?? null;
        } else {
          knownMe.value = null;
          people.value = null;
          invited.value = null;
          changes.value = null;
        }
      });
    },
    /** @param {Me} fresh */
    takeMe(fresh) {
      if (fresh.id === knownMe.value?.id) knownMe.value = newer(knownMe.value, fresh);
    },
    /** @param {House} fresh */
    takeHouse(fresh) {
      knownHouse.value = newer(knownHouse.value, fresh);
    },
    takeMember,
    /** The whole list, which may be older than single states that came in since. @param {Member[]} items */
    takeMembers(items) {
      const next = new Map(people.value);
      for (const item of items) next.set(item.id, newer(next.get(item.id), item));
      people.value = next;
    },
    /** @param {Invite[]} items */
    takeInvites(items) {
      invited.value = new Map(items.map((item) => [item.id, item]));
    },
    /** @param {Invite} invite */
    addInvite(invite) {
      if (invited.value) invited.value = new Map(invited.value).set(invite.id, invite);
    },
    /** @param {string} id */
    dropInvite(id) {
      if (!invited.value) return;
      const next = new Map(invited.value);
      next.delete(id);
      invited.value = next;
    },
    /** @param {Changes} answer */
    takeChanges(answer) {
      const { epoch, seq } = answer.head;
      const since = (changes.value ?? []).filter((frame) => frame.epoch === epoch && frame.seq > seq);
      changes.value = [...since, ...answer.items].slice(0, CHANGES_SHOWN);
    },
    /** A live event. @param {Frame} frame */
    takeEvent(frame) {
      batch(() => {
        if (frame.type.startsWith('member.')) takeMember(frame.data);
        else if (frame.type === 'house.updated') knownHouse.value = newer(knownHouse.value, frame.data);
        else if (frame.type.startsWith('invite.')) takeInvite(frame);
        remember(frame);
      });
    },
  };
}
