import { z } from 'zod';
import { Refusal } from './answer.js';
import type { FleetDevice } from './fleet-device.js';
import { v2Fields } from './rmm-device-record.js';
import type { RmmQuirks } from './rmm-quirks.js';

const fieldShape = z.object({ field: z.string().optional() });

/** What comes without `field`. */
const MINIMAL = ['os', 'system'];

/** What comes always. */
const NAMES = ['deviceName', 'friendlyName', 'resourceType', 'endpointType'];

/**
 * The fields that a v2 request asks for, without regard to case.
 * @throws Refusal 400 for a field that the tenant does not know, or for any where it refuses the parameter.
 */
export function askedFields(quirks: RmmQuirks, query: unknown): string[] {
  const { field } = fieldShape.parse(query);
  if (field === undefined) return [...NAMES, ...MINIMAL];
  if (quirks.refuseFieldParameter) throw new Refusal({ status: 400, body: { message: 'Invalid field' } });
  const known = new Map(quirks.supportedFields.map((name) => [name.toLowerCase(), name]));
  const asked = field.split(',').map((name) => {
    const spelled = known.get(name.trim().toLowerCase());
    if (!spelled) throw new Refusal({ status: 400, body: { message: `Invalid field ${name}` } });
    return spelled;
  });
  return [...NAMES, ...asked];
}

/** Those fields of a device. */
export function selectFields(device: FleetDevice, names: readonly string[]): Record<string, unknown> {
  const all = v2Fields(device);
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
