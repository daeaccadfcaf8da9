import type { FleetDevice } from './fleet-device.js';
import { spellDeviceId, spellOwnerId } from './rmm-id.js';
import type { RmmQuirks } from './rmm-quirks.js';

/** A row of the v1 list: six keys, with `Id`. */
export function listedDevice(quirks: RmmQuirks, device: FleetDevice): object {
  return {
    clientId: spellOwnerId(quirks, device.companyId),
    siteId: spellOwnerId(quirks, device.siteId),
    endpointId: spellDeviceId(quirks, device.id),
    regId: device.regId,
    endpointType: device.endpointType,
    osType: device.osType,
  };
}

/** The v1 detail: everything, with `ID`. */
export function detailedDevice(quirks: RmmQuirks, device: FleetDevice): object {
  return {
    ...dates,
    ...(!quirks.incompleteDetail && {
      endpointID: spellDeviceId(quirks, device.id),
      friendlyName: device.name,
    }),
    clientID: spellOwnerId(quirks, device.companyId),
    siteID: spellOwnerId(quirks, device.siteId),
    resourceType: device.endpointType,
    endpointType: device.endpointType,
    rolesFeatures: '',
    ...sections(device),
    baseBoard: { ...device.baseBoard, ...unsetDate(quirks) },
    os: { ...device.os, ...unsetDate(quirks) },
    monitors: [],
    keyboards: [],
    mouse: [],
    physicalDrive: [],
    raidController: {},
    shares: [],
    softwareLicenses: [],
    installedSoftwares: [],
    services: [],
  };
}

/** When it was installed is never known here. */
function unsetDate(quirks: RmmQuirks): object {
  return quirks.zeroDates ? { installDate: '0001-01-01T00:00:00Z' } : {};
}

const dates = { createTimeUTC: '2024-05-01T10:00:00Z', agentInstalledUTC: '2023-09-05T13:41:39Z' };

function sections(device: FleetDevice) {
  const { bios, os, networks, processors, physicalMemory, drives, users } = device;
  const system = { ...device.system, systemName: device.name };
  return { bios, system, os, networks, processors, physicalMemory, drives, users };
}

/** What `field` on v2 may name: the board is spelled `baseboard` here. */
export function v2Fields(device: FleetDevice): Record<string, unknown> {
  const adapter = device.networks.find(({ ipEnabled }) => ipEnabled);
  return {
    ...dates,
    deviceName: device.name,
    friendlyName: device.name,
    resourceType: device.endpointType,
    endpointType: device.endpointType,
    type: device.osType,
    ipAddress: adapter?.ipv4 ?? '',
    macAddress: adapter?.macAddress ?? '',
    baseboard: device.baseBoard,
    ...sections(device),
  };
}
