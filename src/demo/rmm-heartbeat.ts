import { z } from 'zod';
import { Refusal } from './answer.js';
import type { FleetDevice } from './fleet-device.js';
import type { RmmContext } from './rmm-context.js';
import { sameId, spellDeviceId } from './rmm-id.js';
import type { RmmQuirks } from './rmm-quirks.js';
import { systemState } from './rmm-system-state.js';

/** In the plural here. */
const resourcesShape = z.object({
  resourceType: z.literal('companies'),
  resources: z.string().transform((text) => text.split(',')),
});

/** Serves what v2 tells of the devices of a few companies at once: whether they are online, and their state. */
export function serveHeartbeat({ frame, fleet, quirks }: RmmContext): void {
  const devicesOf = (query: unknown) => {
    const parsed = resourcesShape.safeParse(query);
    if (!parsed.success) throw new Refusal({ status: 400, body: { message: 'Invalid Resource Type' } });
    const { resources } = parsed.data;
    if (resources.length > quirks.maxHeartbeatResources) {
      throw new Refusal({ status: 400, body: { message: 'Too many resources' } });
    }
    return fleet.devices.filter((device) => resources.some((id) => sameId(device.companyId, id)));
  };
  const envelope = (endpoints: object[]) => ({ successfulRecords: [{ endpoints }], failedRecords: [] });
  frame.app.get('/api/platform/v2/device/endpoints/heartbeat', (request) =>
    envelope(devicesOf(request.query).map((device) => heartbeat(quirks, device))),
  );
  frame.app.get('/api/platform/v2/device/endpoints/systemstate', (request) =>
    envelope(devicesOf(request.query).map((device) => systemState(quirks, device))),
  );
}

function heartbeat(quirks: RmmQuirks, device: FleetDevice): object {
  return {
    EndpointID: spellDeviceId(quirks, device.id),
    Availability: device.online,
    DcDateTimeUTC: '2026-01-01T10:00:00Z',
    AgentDateTimeUTC: '2026-01-01T10:00:00Z',
    HeartbeatCounter: 42,
  };
}
