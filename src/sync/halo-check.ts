import type { Config } from '../config/config.js';
import { ALERT_OBJECTS, INVENTORY_OBJECTS, readObject, USERS } from '../halo/permissions.js';
import type { CheckedApi } from './outage.js';
import type { Found, Probe } from './probe.js';
import { tellSignIn } from './sign-in-check.js';

/** The sign-in, and a small read of each thing in Halo that the config makes use of. */
export function haloProbes(halo: CheckedApi, { alerts, assets }: Config): Probe[] {
  const objects = [
    ...INVENTORY_OBJECTS,
    ...(alerts.enabled || assets.user.from !== '' ? [USERS] : []),
    ...(alerts.enabled ? ALERT_OBJECTS : []),
  ];
  return [
    { name: 'Halo, sign-in', look: () => tellSignIn(halo) },
    ...objects.map((object) => ({
      name: `Halo, ${object.name}`,
      look: async () => toFound(await readObject(halo, object)),
    })),
    { name: 'Halo, permission to write', look: async () => unproved(alerts.enabled) },
  ];
}

function toFound({ isProved, message }: { isProved: boolean; message: string }): Found {
  return { state: isProved ? 'ok' : 'notAsked', message };
}

/** Only a write would prove it, and nothing is written here. */
function unproved(makesTickets: boolean): Found {
  const things = makesTickets ? 'sites, assets, tickets and their actions' : 'sites and assets';
  return {
    state: 'notAsked',
    message: `not tried, since nothing is written here: whether ${things} may be made and changed shows at the first write`,
    remedy: 'Give the agent of the API application in Halo the permission to add and edit them.',
  };
}
