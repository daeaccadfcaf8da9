import { z } from 'zod';
import { Refusal } from './answer.js';
import type { FleetDevice } from './fleet-device.js';
import type { RmmContext } from './rmm-context.js';
import { sameId, spellDeviceId } from './rmm-id.js';
import type { RmmQuirks } from './rmm-quirks.js';
import { systemState } from './rmm-system-state.js';

const PATH = '/api/platform/v2/device/endpoints';

const resourcesShape = z.object({ resourceType: z.string(), resources: z.string() });

/** Serves what v2 tells of the devices of a few companies at once: whether they are online, and their state. */
export function serveHeartbeat({ frame, fleet, quirks }: RmmContext): void {
  const devicesOf = (query: unknown) => {
    const owners = askedOwners(quirks, query);
    return fleet.devices.filter((device) => owners.some((id) => sameId(device.companyId, id)));
  };
  frame.app.get(`${PATH}/heartbeat`, (request) => {
    const endpoints = devicesOf(request.query).map((device) => heartbeat(quirks, device));
    return { successfulRecords: [{ endpoints }], failedRecords: [] };
  });
  frame.app.get(`${PATH}/systemstate`, (request) => {
    const endpoints = devicesOf(request.query).map((device) => systemState(quirks, device));
    return { successfulRecords: quirks.groupedSystemStates ? [{ endpoints }] : endpoints, failedRecords: [] };
  });
}

/** In the plural here. A real tenant answers `endpoints` as if the scope were missing. */
function askedOwners(quirks: RmmQuirks, query: unknown): string[] {
  const { resourceType, resources } = resourcesShape.safeParse(query).data ?? {};
  if (resourceType === 'endpoints') {
    throw new Refusal({ status: 403, body: { message: 'client has no access' } });
  }
  if (resourceType !== quirks.heartbeatResourceType || resources === undefined) {
    throw new Refusal({ status: 400, body: { message: 'Invalid Resource Type' } });
  }
  const ids = resources.split(',');
  if (ids.length > quirks.maxHeartbeatResources) {
    throw new Refusal({ status: 400, body: { message: 'Too many resources' } });
  }
  return ids;
}

function heartbeat(quirks: RmmQuirks, device: FleetDevice): object {
  const id = spellDeviceId(quirks, device.id);
  const at = '2026-01-01T10:00:00Z';
  if (quirks.camelCaseHeartbeat) {
    const dates = { dcDateTimeUTC: at, agentDateTimeUTC: at };
    return { endpointID: id, availability: device.online, ...dates, heartbeatCounter: 42 };
  }
  const dates = { DcDateTimeUTC: at, AgentDateTimeUTC: at };
  return { EndpointID: id, Availability: device.online, ...dates, HeartbeatCounter: 42 };
}
