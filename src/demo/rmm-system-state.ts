import type { FleetDevice } from './fleet-device.js';
import { spellDeviceId, spellOwnerId } from './rmm-id.js';
import type { RmmQuirks } from './rmm-quirks.js';

/** The state of a device: who logged on last, and when it started. Windows writes "never" as the year 1601. */
export function systemState(quirks: RmmQuirks, device: FleetDevice): object {
  const logonTime = device.lastUser ? '2026-01-05T08:12:00Z' : '1601-01-01T00:00:00Z';
  const user = { username: device.lastUser ?? '', logonTime, isAdmin: false };
  return {
    createTimeUTC: '2026-01-05T10:00:00Z',
    name: 'systemState',
    type: 'systemState',
    endpointID: spellDeviceId(quirks, device.id),
    clientID: spellOwnerId(quirks, device.companyId),
    siteID: spellOwnerId(quirks, device.siteId),
    startupStatus: { lastBootUpTimeUTC: '2026-01-04T06:00:00Z' },
    lastLoggedOnUser: { ...user, status: 'Active' },
    loggedOnUsers: device.lastUser
      ? [{ ...user, sessionID: '1', sessionName: 'Console', status: 'Active' }]
      : [],
  };
}
