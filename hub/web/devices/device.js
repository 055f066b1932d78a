// One device: what is known of it, what it is called, and how it is sent off.

import { html, nothing, part } from '../lib/view.js';
import { Problem } from '../lib/api.js';
import { createForm } from '../lib/form.js';
import { going } from '../lib/going.js';
import { stood } from '../lib/meet.js';
import { explain } from '../lib/problems.js';
import { date, dateTime, relative, t } from '../lib/text.js';
import { api, save, store } from '../hearth.js';
import { confirmDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { icon } from '../elements/icon.js';
import { toast } from '../elements/toast.js';
import { MARKS, whereabouts } from './devices.js';
import { lastScanOf } from './station.js';

/** @typedef {import('../types/wire.d.ts').Device} Device */
/** @typedef {import('../lib/form.js').Form} Form */

/** One form for each device that was looked at, so that a live change does not take away what is typed. @type {Map<string, Form>} */
const forms = new Map();

/** @param {string} id */
function formFor(id) {
  const known = forms.get(id);
  if (known) return known;
  const form = createForm({
    submit: async ({ name = '', place = '' }) => {
      const device = store.devices.peek()?.find((device) => device.id === id);
      if (!device) throw new Problem(404, { code: 'unknown-device' });
      const path = `/api/devices/${id}`;
      try {
        await save({ method: 'PATCH', path, body: { version: device.version, name, place }, before: stood(device, { name, place }), label: 'write.device', join: `device-${id}` });
      } catch (error) {
        if (error instanceof Problem && error.code === 'stale-version' && error.current) {
          store.takeDevice(/** @type {Device} */ (error.current));
        }
        throw error;
      }
    },
  });
  forms.set(id, form);
  return form;
}

/** @param {Device} device */
async function revoke(device) {
  const { name } = device;
  const sure = await confirmDialog({
    title: () => t('device.revoke.title', { name }),
    text: () => t('device.revoke.text', { name }),
    confirm: () => t('device.revoke'),
  });
  if (!sure) return;
  try {
    await api.remove(`/api/devices/${device.id}`);
    store.takeDevice({ ...device, online: false, revoked_at: new Date().toISOString() });
    toast(() => t('device.revoked', { name }));
    going.to('/app/devices', { replace: true });
  } catch (error) {
    toast(() => explain(error), { tone: 'over' });
  }
}

/** @param {string} at */
const ago = (at) => part(() => html`<time datetime=${at} title=${dateTime(at)}>${relative(at)}</time>`);

/** @param {Device} device */
function facts(device) {
  const by = store.members.value?.find(({ id }) => id === device.paired_by)?.name;
  return html`<dl class="facts">
    <div><dt>${t('device.seen')}</dt><dd>${device.last_seen_at ? ago(device.last_seen_at) : t('device.seen.never')}</dd></div>
    ${device.kind === 'station' ? html`<div><dt>${t('station.last')}</dt><dd>${part(() => lastScanOf(device))}</dd></div>` : nothing}
    <div><dt>${t('device.since')}</dt><dd>${date(device.paired_at)}</dd></div>
    ${by ? html`<div><dt>${t('device.by')}</dt><dd>${by}</dd></div>` : nothing}
    ${device.program ? html`<div><dt>${t('device.program')}</dt><dd>${device.program}</dd></div>` : nothing}
    ${device.address ? html`<div><dt>${t('device.address')}</dt><dd>${device.address}</dd></div>` : nothing}
  </dl>`;
}

/** @param {Device} device @param {import('../lib/view.js').Template} [doing] what it does now, where it does something */
export function device(device, doing) {
  const form = formFor(device.id);
  const kind = [t(`device.kind.${device.kind}`), device.place].filter(Boolean).join(' · ');
  const head = html`<div class="row">
    <span class="timeline-mark">${icon(MARKS[device.kind])}</span>
    <div class="grow">
      <h2 tabindex="-1">${device.name}</h2>
      <p class="quiet">${kind}</p>
      <span class="row-sub">${whereabouts(device)}</span>
    </div>
  </div>`;
  const about = doing === undefined ? nothing : html`<h3>${t('station.about')}</h3>`;
  const card = html`<div class="card padded stack wide">
    ${doing === undefined ? head : about} ${facts(device)}
    ${part(() =>
      formOf(
        form,
        html`
          ${field({ form, id: 'device-name', name: 'name', label: t('device.add.name'), value: device.name, maxlength: 60 })}
          ${field({ form, id: 'device-place', name: 'place', label: t('device.add.place'), value: device.place, required: false, maxlength: 60 })}
        `,
        {
          submit: t('action.save'),
          kind: '',
          cancel: html`<button class="button danger-quiet" type="button" @click=${() => void revoke(device)}>
            ${icon('x')}${t('device.revoke')}
          </button>`,
        },
      ),
    )}
  </div>`;
  return doing === undefined ? card : html`<div class="stack wide">${head} ${doing} ${card}</div>`;
}
