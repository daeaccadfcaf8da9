import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { ALERT_OBJECTS, INVENTORY_OBJECTS, readObject, USERS } from '../halo/permissions.js';
import type { Probe } from './check.js';

/** A small read of each thing in Halo that the config makes use of. The first one signs in. */
export function haloProbes(halo: Api, { alerts, assets }: Config): Probe[] {
  const objects = [
    ...INVENTORY_OBJECTS,
    ...(alerts.enabled || assets.user.from !== '' ? [USERS] : []),
    ...(alerts.enabled ? ALERT_OBJECTS : []),
  ];
  return objects.map((object) => ({ name: `Halo, ${object.name}`, look: () => readObject(halo, object) }));
}
