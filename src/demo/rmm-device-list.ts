import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Answer, Refusal } from './answer.js';
import type { FleetDevice } from './fleet-device.js';
import type { RmmContext } from './rmm-context.js';
import { askedFields, selectFields } from './rmm-field.js';
import { spellDeviceId } from './rmm-id.js';
import { cursorOf, linkNext } from './rmm-page.js';
import type { RmmQuirks } from './rmm-quirks.js';

const CATEGORIES = ['platform', 'network', 'cloud'] as const;
const categoryShape = z.object({ category: z.enum([...CATEGORIES, 'all']) });
const pageShape = z.object({ limit: z.coerce.number().int().min(1).default(50) });
/** In the singular: a real tenant answers 400 to `companies`, though the heartbeat wants exactly that. */
const bodyShape = z.object({
  resourceType: z.enum(['company', 'site', 'endpoint']),
  resources: z.array(z.string()).min(1),
});

/** Serves the v2 list of devices: POST on one tenant, GET with a body on another. */
export function serveDeviceList(context: RmmContext): void {
  const { app } = context.frame;
  const url = '/api/platform/v2/device/categories/:category/endpoints';
  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url,
      handler: (request, reply) => {
        const { deviceListMethod, wrongMethodStatus } = context.quirks;
        if (deviceListMethod !== 'both' && deviceListMethod !== method) throw wrongMethod(wrongMethodStatus);
        return listDevices(context, request, reply);
      },
    });
  }
}

function listDevices(context: RmmContext, request: FastifyRequest, reply: FastifyReply): object {
  const { quirks } = context;
  const fields = askedFields(quirks, request.query);
  const wanted = wantedDevices(context, request);
  const from = cursorOf(request.query);
  const limit = Math.min(parse(pageShape, request.query, 'Invalid limit').limit, quirks.pageCap);
  const page = wanted.slice(from, from + limit);
  if (page.length === 0) throw new Refusal(NOT_FOUND);
  const more = from + limit < wanted.length || (quirks.nextLinkAfterLastPage && page.length === limit);
  if (more) linkNext(request, reply, from + limit);
  return Object.fromEntries(CATEGORIES.map((category) => [category, groups(quirks, page, category, fields)]));
}

function wantedDevices({ fleet, quirks }: RmmContext, request: FastifyRequest): FleetDevice[] {
  const { category } = parse(categoryShape, request.params, 'Invalid category');
  const { resourceType, resources } = parse(bodyShape, request.body, 'Invalid Resource Type');
  if (quirks.maxCompaniesPerRequest !== null && resources.length > quirks.maxCompaniesPerRequest) {
    throw new Refusal({ status: 400, body: { message: 'Too many resources' } });
  }
  const key = ({ company: 'companyId', site: 'siteId', endpoint: 'id' } as const)[resourceType];
  // One pass over the fleet, which may be large; ids compare without regard to case.
  const found = new Map<string, FleetDevice[]>(resources.map((id) => [id.toLowerCase(), []]));
  for (const device of fleet.devices) {
    if (category === 'all' || device.category === category)
      found.get(device[key].toLowerCase())?.push(device);
  }
  const perResource = resources.map((id) => found.get(id.toLowerCase()) ?? []);
  const poisoned = quirks.emptyCompanyPoisonsGroup && perResource.some((devices) => devices.length === 0);
  return poisoned ? [] : perResource.flat();
}

/** Devices of one company, or of one site of it, stand together. */
function groups(
  quirks: RmmQuirks,
  page: readonly FleetDevice[],
  category: FleetDevice['category'],
  fields: readonly string[],
): object[] {
  const found = new Map<string, { companyID: string; siteID?: string; endpoints: object[] }>();
  for (const device of page.filter((candidate) => candidate.category === category)) {
    const companyID = spellDeviceId(quirks, device.companyId);
    const siteID = spellDeviceId(quirks, device.siteId);
    const key = quirks.groupsCarrySiteId ? `${companyID}/${siteID}` : companyID;
    const group = found.get(key) ?? {
      companyID,
      ...(quirks.groupsCarrySiteId && { siteID }),
      endpoints: [],
    };
    found.set(key, group);
    group.endpoints.push({ endpointID: spellDeviceId(quirks, device.id), ...selectFields(device, fields) });
  }
  return [...found.values()];
}

/** A company without devices, and a cursor past the end, look the same. */
const NOT_FOUND: Answer = {
  status: 404,
  body: { error: 'not found', description: 'resource not found' },
};

function wrongMethod(status: RmmQuirks['wrongMethodStatus']): Refusal {
  if (status === 404) return new Refusal(NOT_FOUND);
  return new Refusal({ status, body: { message: 'Method Not Allowed' } });
}

function parse<T>(shape: z.ZodType<T>, value: unknown, message: string): T {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new Refusal({ status: 400, body: { message } });
  return parsed.data;
}
