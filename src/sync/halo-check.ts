import type { Config } from '../config/config.js';
import { ALERT_OBJECTS, INVENTORY_OBJECTS, readObject, USERS } from '../halo/permissions.js';
import type { CheckedApi } from './outage.js';
import type { Probe } from './probe.js';

/** The sign-in, and a small read of each thing in Halo that the config makes use of. */
export function haloProbes(halo: CheckedApi, { alerts, assets }: Config): Probe[] {
  const objects = [
    ...INVENTORY_OBJECTS,
    ...(alerts.enabled || assets.user.from !== '' ? [USERS] : []),
    ...(alerts.enabled ? ALERT_OBJECTS : []),
  ];
  return [
    { name: 'Halo, sign-in', look: () => halo.signIn().then(() => 'accepted') },
    ...objects.map((object) => ({ name: `Halo, ${object.name}`, look: () => readObject(halo, object) })),
  ];
}
