import { z } from 'zod';
import type { Client } from './client.js';

const COMPANIES_PER_REQUEST = 4;
/** What the integrator asks for as well. */
const FIELDS =
  'deviceName,friendlyName,resourceType,endpointType,ipAddress,macAddress,type,system,os,bios,baseboard,networks,processors,physicalMemory,drives';

const companiesShape = z.array(z.object({ id: z.string() }));

/** Reads companies and sites. @returns the companies in groups, as they are listed. */
export async function readGroups(rmm: Client): Promise<string[][]> {
  const { text } = await rmm.call('GET', '/api/platform/v1/company/companies');
  await rmm.call('GET', '/api/platform/v1/company/sites');
  const ids = companiesShape.parse(JSON.parse(text)).map(({ id }) => id);
  const groups: string[][] = [];
  while (ids.length > 0) groups.push(ids.splice(0, COMPANIES_PER_REQUEST));
  return groups;
}

/** Reads the devices of a group page by page, as text. */
export async function* readPages(rmm: Client, group: readonly string[]): AsyncGenerator<string> {
  const body = JSON.stringify({ resourceType: 'company', resources: group });
  const first = `/api/platform/v2/device/categories/all/endpoints?limit=500&field=${encodeURIComponent(FIELDS)}`;
  for (let path: string | undefined = first; path; ) {
    const { status, text, link } = await rmm.call('POST', path, body);
    if (status === 404) return;
    yield text;
    const next = /<([^>]*)>/.exec(link)?.[1];
    path = next && new URL(next).pathname + new URL(next).search;
  }
}

/** As far as the rivals look at a device. */
const deviceShape = z.looseObject({
  endpointID: z.string(),
  friendlyName: z.string(),
  bios: z.looseObject({ serialNumber: z.string() }),
  os: z.looseObject({ product: z.string() }),
});
export type RivalDevice = z.infer<typeof deviceShape>;

const groupShape = z.array(z.object({ endpoints: z.array(deviceShape) }));
const pageShape = z.object({ platform: groupShape, network: groupShape, cloud: groupShape });

export function readDevices(page: string): RivalDevice[] {
  const { platform, network, cloud } = pageShape.parse(JSON.parse(page));
  return [...platform, ...network, ...cloud].flatMap(({ endpoints }) => endpoints);
}
