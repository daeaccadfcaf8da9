import { z } from 'zod';
import { ApiError } from '../api/error.js';
import { describeMismatch } from '../api/problem.js';
import type { Api } from '../api/types.js';
import type { Device, DeviceCategory, RmmRecord } from '../inventory/types.js';
import { readDevice, respell } from './device.js';
import type { CompanyToList } from './device-sites.js';
import { readPages } from './pages.js';
import { type ItemProblem, idShape } from './rows.js';

const DEVICES = '/api/platform/v1/device';

/** A device as the old list shows it: who it is and whose, and no more. */
export interface DeviceHead {
  id: string;
  companyId: string;
  /** `null`: it stands in no site that the company has. */
  siteId: string | null;
  row: RmmRecord;
}

const listShape = z
  .union(
    [z.array(z.unknown()), z.looseObject({ endpoints: z.array(z.unknown()).nullable() })],
    'expected a list of endpoints',
  )
  .transform((reply) => (Array.isArray(reply) ? reply : (reply.endpoints ?? [])));

const rowShape = z
  .record(z.string(), z.unknown())
  .transform(respell)
  .pipe(z.looseObject({ endpointId: idShape, siteId: idShape.nullable().catch(null) }));

/**
 * Lists the devices of a company by the old device API, each once, and the rows that could not be read:
 * `GET /api/platform/v1/device/clients/{company}/endpoints`, six fields a device, no paging described. By company, since
 * the company that a row itself names may be in another numbering than the list of companies; so may its site, and
 * then each site of the company is listed by itself to see which devices it brings.
 * @throws ApiError
 */
export async function listDeviceHeads(
  api: Api,
  company: CompanyToList,
): Promise<{ heads: DeviceHead[]; problems: ItemProblem[] }> {
  const doing = `Listing the devices of ${company.name}`;
  const rows = await listRows(api, doing, `${DEVICES}/clients/${company.id}/endpoints`);
  const heads = new Map<string, DeviceHead>();
  const problems: ItemProblem[] = [];
  for (const [index, row] of rows.entries()) {
    const read = rowShape.safeParse(row);
    if (read.success) heads.set(read.data.endpointId, toHead(company, read.data));
    else problems.push(toProblem(company, index + 1, describeMismatch(read.error.issues)));
  }
  return { heads: await withSites(api, company, [...heads.values()]), problems };
}

function toHead(company: CompanyToList, { siteId, ...row }: z.output<typeof rowShape>): DeviceHead {
  const own = company.siteIds.find((id) => id === siteId) ?? null;
  return { id: row.endpointId, companyId: company.id, siteId: own, row: { ...row, siteId } };
}

function toProblem({ name }: CompanyToList, position: number, mismatch: string): ItemProblem {
  const item = `row ${position}`;
  return {
    item,
    message: `The device in ${item} of ${name} could not be read from ConnectWise RMM (${mismatch}).`,
  };
}

/** A company with one site leaves no question. */
async function withSites(api: Api, company: CompanyToList, heads: DeviceHead[]): Promise<DeviceHead[]> {
  const [firstSite, ...otherSites] = company.siteIds;
  if (firstSite === undefined || heads.every((head) => head.siteId !== null)) return heads;
  const sites = otherSites.length > 0 ? await learnSites(api, company) : null;
  const siteOf = (head: DeviceHead) => head.siteId ?? (sites ? (sites.get(head.id) ?? null) : firstSite);
  return heads.map((head) => ({ ...head, siteId: siteOf(head) }));
}

async function learnSites(api: Api, company: CompanyToList): Promise<Map<string, string>> {
  const sites = new Map<string, string>();
  for (const siteId of company.siteIds) {
    const doing = `Listing the devices of site ${siteId} of ${company.name}`;
    for (const row of await listRows(
      api,
      doing,
      `${DEVICES}/clients/${company.id}/sites/${siteId}/endpoints`,
    )) {
      const id = rowShape.safeParse(row).data?.endpointId;
      if (id !== undefined) sites.set(id, siteId);
    }
  }
  return sites;
}

/** No devices are answered with 404 (seen on real tenants). */
async function listRows(api: Api, doing: string, path: string): Promise<unknown[]> {
  const pages = readPages(
    doing,
    async (query) => {
      const { data, headers } = await api.request({ doing, method: 'GET', path, query, shape: listShape });
      return { rows: data, link: headers.link };
    },
    (row) => rowShape.safeParse(row).data?.endpointId ?? JSON.stringify(row),
  );
  const rows: unknown[] = [];
  try {
    for await (const page of pages) rows.push(...page);
    return rows;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && rows.length === 0) return rows;
    throw error;
  }
}

/** A device as its detail shows it. */
export interface DetailedDevice {
  device: Device;
  /** `false`: it was without its name, so what else it says may not be all. */
  isComplete: boolean;
}

const nameShape = z.looseObject({ friendlyName: z.string().trim().min(1) });

/**
 * Reads a device in detail: `GET /api/platform/v1/device/endpoints/{id}`. A detail without `friendlyName` is
 * incomplete, as has been seen, and asked for once more.
 * @returns `null` where the device went since it was listed.
 * @throws ApiError
 */
export async function readDeviceDetail(api: Api, head: DeviceHead): Promise<DetailedDevice | null> {
  const record = await requestDetail(api, head);
  if (record === null) return null;
  if (nameShape.safeParse(record).success) return { device: toDevice(head, record), isComplete: true };
  const again = (await requestDetail(api, head)) ?? record;
  return { device: toDevice(head, again), isComplete: nameShape.safeParse(again).success };
}

async function requestDetail(api: Api, { id }: DeviceHead): Promise<RmmRecord | null> {
  try {
    const { data } = await api.request({
      doing: `Reading device ${id} of ConnectWise RMM`,
      method: 'GET',
      path: `${DEVICES}/endpoints/${id}`,
      shape: z.record(z.string(), z.unknown()),
    });
    return data;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Whose it is was asked of the list: the detail's own ids may be missing, or in another numbering. */
function toDevice(head: DeviceHead, detail: RmmRecord): Device {
  const { id, companyId, siteId, row } = head;
  const read = readDevice({ ...row, ...respell(detail), endpointId: id }, categoryOf(row), companyId);
  if ('mismatch' in read)
    throw new ApiError('unexpected', `Device ${id} could not be read (${read.mismatch}).`);
  const { name, record } = read.draft;
  return { id, name, companyId, siteId, category: categoryOf(row), record: { ...record, siteId } };
}

function categoryOf({ endpointType }: RmmRecord): DeviceCategory {
  return endpointType === 'NetworkDevice' ? 'network' : 'platform';
}
