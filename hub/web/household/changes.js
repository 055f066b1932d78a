// What changed, in plain words.

import { t } from '../lib/text.js';

/** @typedef {import('../types/wire.d.ts').Frame} Frame */

/** @type {Record<string, string>} */
const ICONS = {
  'member.joined': 'user-plus',
  'member.updated': 'pencil',
  'member.revoked': 'user-minus',
  'house.updated': 'house',
  'invite.created': 'ticket',
  'invite.accepted': 'door-open',
  'invite.revoked': 'x',
};

/** Whether there are words for this kind of change. @param {Frame} frame */
export function told(frame) {
  return frame.type in ICONS;
}

/** @param {Frame} frame */
export function markOf(frame) {
  return ICONS[frame.type] ?? 'info';
}

/** @param {Frame} frame */
export function sentence(frame) {
  return t(`change.${frame.type}`, { name: frame.data?.name ?? '' });
}
