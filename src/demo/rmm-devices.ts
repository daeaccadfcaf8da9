import { z } from 'zod';
import { type Answer, Refusal } from './answer.js';
import type { FleetDevice } from './fleet-device.js';
import type { RmmContext } from './rmm-context.js';
import { detailedDevice, listedDevice } from './rmm-device-record.js';
import { askedFields, selectFields } from './rmm-field.js';
import { sameId } from './rmm-id.js';
import { systemState } from './rmm-system-state.js';

const V1 = '/api/platform/v1/device';
const V2 = '/api/platform/v2/device';
const clientShape = z.object({ client: z.string(), site: z.string().optional() });
const deviceShape = z.object({ id: z.string() });
const placeShape = z.object({ company: z.string(), site: z.string(), id: z.string() });

/** Serves single devices, v1 and v2, and the v1 lists, which know no pages. */
export function serveDevices(context: RmmContext): void {
  const { frame, fleet, quirks } = context;
  const { app } = frame;
  const list = (devices: FleetDevice[]) => {
    if (devices.length === 0) throw new Refusal(NOT_FOUND);
    return { endpoints: devices.map((device) => listedDevice(quirks, device)) };
  };
  const ofClient = (params: unknown) => {
    const { client, site } = clientShape.parse(params);
    return fleet.devices.filter(
      ({ companyId, siteId }) => sameId(companyId, client) && (site === undefined || sameId(siteId, site)),
    );
  };
  const find = (id: string) => {
    const device = fleet.devices.find((candidate) => sameId(candidate.id, id));
    if (!device) throw new Refusal(NOT_FOUND);
    return device;
  };

  app.get(`${V1}/endpoints`, () => list(fleet.devices));
  app.get(`${V1}/clients/:client/endpoints`, (request) => list(ofClient(request.params)));
  app.get(`${V1}/clients/:client/sites/:site/endpoints`, (request) => list(ofClient(request.params)));
  app.get(`${V1}/endpoints/:id`, (request) =>
    detailedDevice(quirks, find(deviceShape.parse(request.params).id)),
  );
  for (const base of [V1, V2]) {
    app.get(`${base}/endpoints/:id/system-state-info`, (request) =>
      systemState(quirks, find(deviceShape.parse(request.params).id)),
    );
  }
  app.get(`${V2}/companies/:company/sites/:site/endpoints/:id`, (request) => {
    const { company, site, id } = placeShape.parse(request.params);
    const device = find(id);
    if (!sameId(device.companyId, company) || !sameId(device.siteId, site)) throw new Refusal(NOT_FOUND);
    return v2Detail(device, askedFields(quirks, request.query));
  });
}

const NOT_FOUND: Answer = {
  status: 404,
  body: { error: 'not found', description: 'Resource not found' },
};

/** Plain values are nested under the category; sections stand beside it. */
function v2Detail(device: FleetDevice, fields: readonly string[]): object {
  const entries = Object.entries(selectFields(device, fields));
  const isPlain = ([, value]: [string, unknown]) => typeof value !== 'object';
  const plain = Object.fromEntries(entries.filter(isPlain));
  const sections = Object.fromEntries(entries.filter((entry) => !isPlain(entry)));
  return { [device.category]: plain, ...sections };
}
