// Letting a device in: the code it shows, and what it is to be called.

import { html, part } from '../lib/view.js';
import { createForm } from '../lib/form.js';
import { going } from '../lib/going.js';
import { t } from '../lib/text.js';
import { api, store } from '../hearth.js';
import { openDialog } from '../elements/dialog.js';
import { field, formOf } from '../elements/field.js';
import { toast } from '../elements/toast.js';

/** @typedef {import('../types/wire.d.ts').Device} Device */
/** @typedef {import('../types/wire.d.ts').Pairing} Pairing */

/** @param {Pairing} [pairing] the request that was chosen; the code decides all the same */
export function addDevice(pairing) {
  return openDialog({
    title: () => t('device.add'),
    body: (close) => {
      const form = createForm({
        wrong: { 'wrong-code': 'code', 'pairing-over': 'code', 'pairing-confirmed': 'code' },
        submit: async ({ code = '', name = '', place = '' }) => {
          /** @type {Device} */
          const device = await api.post('/api/devices', { code, name, place });
          store.takeDevice(device);
          close();
          toast(() => t('device.added', { name: device.name }));
          going.to(`/app/devices/${device.id}`);
        },
      });
      return part(() =>
        formOf(
          form,
          html`
            ${field({
              form,
              name: 'code',
              label: t('device.add.code'),
              hint: t('device.add.code.hint'),
              autocomplete: 'one-time-code',
              inputmode: 'numeric',
              kind: 'code-input',
              minlength: 6,
              maxlength: 11,
              autofocus: true,
            })}
            ${field({
              form,
              name: 'name',
              label: t('device.add.name'),
              hint: t('device.add.name.hint'),
              value: pairing?.name ?? '',
              maxlength: 60,
            })}
            ${field({
              form,
              name: 'place',
              label: t('device.add.place'),
              hint: t('device.add.place.hint'),
              required: false,
              maxlength: 60,
            })}
          `,
          { submit: t('device.add.submit') },
        ),
      );
    },
  });
}
