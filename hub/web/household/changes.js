// What changed, in plain words.

import { t } from '../lib/text.js';

/** @typedef {import('../types/wire.d.ts').Frame} Frame */

/** @type {Record<string, string>} */
const ICONS = {
  'member.joined': 'user-plus',
  'member.updated': 'pencil',
  'member.revoked': 'user-minus',
  'house.updated': 'house',
  'station.paired': 'scan-barcode',
  'station.revoked': 'x',
  'screen.paired': 'tablet',
  'screen.revoked': 'x',
  'invite.created': 'ticket',
  'invite.accepted': 'door-open',
  'invite.revoked': 'x',
};

/**
 * The changes worth telling, newest first. Of many changes to one thing in a row the last one says it.
 *
 * @param {readonly Frame[]} frames
 */
export function worthTelling(frames) {
  const tellable = frames.filter((frame) => frame.type in ICONS);
  return tellable.filter((frame, index) => {
    const later = tellable[index - 1];
    return !later || later.type !== frame.type || later.entity_id !== frame.entity_id;
  });
}

/** @param {Frame} frame */
export function markOf(frame) {
  return ICONS[frame.type] ?? 'info';
}

/** @param {Frame} frame */
export function sentence(frame) {
  return t(`change.${frame.type}`, { name: frame.data?.name ?? '' });
}
