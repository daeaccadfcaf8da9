import { z } from 'zod';
import { ApiError } from '../api/error.js';
import { describeMismatch } from '../api/problem.js';
import type { Api } from '../api/types.js';
import type { Device, DeviceCategory, RmmRecord } from '../inventory/types.js';
import { readDevice, respell } from './device.js';
import { hasStatus } from './device-pages.js';
import { type CompanyToList, createSiteFinder } from './device-sites.js';
import { readPages } from './pages.js';
import { type ItemProblem, idShape } from './rows.js';

const DEVICES = '/api/platform/v1/device';

/** A device as the old list shows it: who it is and whose, and no more. */
export interface DeviceHead {
  id: string;
  companyId: string;
  /** `null`: it stands in no site that the company has. */
  siteId: string | null;
  /** The six fields of the list, and nothing else that a tenant may add, such as a date that changes by the hour. */
  row: RmmRecord;
}

const listShape = z
  .union(
    [z.array(z.unknown()), z.looseObject({ endpoints: z.array(z.unknown()).nullable() })],
    'expected a list of endpoints',
  )
  .transform((reply) => (Array.isArray(reply) ? reply : (reply.endpoints ?? [])));

const recordShape = z.record(z.string(), z.unknown());

const rowShape = recordShape.transform(respell).pipe(
  z.object({
    endpointId: idShape,
    clientId: idShape.nullable().catch(null),
    siteId: idShape.nullable().catch(null),
    regId: z.unknown().optional(),
    endpointType: z.unknown().optional(),
    osType: z.unknown().optional(),
  }),
);

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
  const findSite = createSiteFinder((owner, siteId) => listIdsOfSite(api, owner, siteId));
  const heads = new Map<string, DeviceHead>();
  const problems: ItemProblem[] = [];
  for (const [index, listed] of rows.entries()) {
    const { data: row, error } = rowShape.safeParse(listed);
    if (error) problems.push(toProblem(company, index + 1, describeMismatch(error.issues)));
    else if (!heads.has(row.endpointId)) {
      const id = row.endpointId;
      const named = company.siteIds.find((siteId) => siteId === row.siteId);
      heads.set(id, { id, companyId: company.id, siteId: named ?? (await findSite(company, id)), row });
    }
  }
  return { heads: [...heads.values()], problems };
}

function toProblem({ id: companyId, name }: CompanyToList, position: number, mismatch: string): ItemProblem {
  const item = `row ${position}`;
  return {
    item,
    companyId,
    message: `The device in ${item} of ${name} could not be read from ConnectWise RMM (${mismatch}).`,
  };
}

async function listIdsOfSite(api: Api, company: CompanyToList, siteId: string): Promise<string[]> {
  const doing = `Listing the devices of site ${siteId} of ${company.name}`;
  const rows = await listRows(api, doing, `${DEVICES}/clients/${company.id}/sites/${siteId}/endpoints`);
  return rows.flatMap((row) => rowShape.safeParse(row).data?.endpointId ?? []);
}

/**
 * An owner without devices is answered with 404 (seen on real tenants). A later page that is not found is an error:
 * nobody has seen this list in pages, and what is taken for its end would make the rest look deleted.
 */
async function listRows(api: Api, doing: string, path: string): Promise<unknown[]> {
  const pages = readPages(
    doing,
    async (query) => {
      const page = api.request({ doing, method: 'GET', path, query, shape: listShape });
      const isFirst = Object.keys(query).length === 0;
      const answer = await (isFirst ? orNotFound(page) : page);
      return { rows: answer?.data ?? [], link: answer?.headers.link };
    },
    (row) => rowShape.safeParse(row).data?.endpointId ?? JSON.stringify(row),
  );
  const rows: unknown[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

/** @returns `null` for what is answered with 404. */
async function orNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return null;
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
  const first = await requestDetail(api, head);
  const detail = first && !hasName(first) ? await requestDetail(api, head) : first;
  return detail && { device: toDevice(head, detail), isComplete: hasName(detail) };
}

function hasName(detail: RmmRecord): boolean {
  return nameShape.safeParse(detail).success;
}

async function requestDetail(api: Api, { id }: DeviceHead): Promise<RmmRecord | null> {
  const doing = `Reading device ${id} of ConnectWise RMM`;
  const call = { doing, method: 'GET', path: `${DEVICES}/endpoints/${id}`, shape: recordShape } as const;
  return (await orNotFound(api.request(call)))?.data ?? null;
}

/** Whose it is was asked of the list: the detail's own ids may be missing, or in another numbering. */
function toDevice(head: DeviceHead, detail: RmmRecord): Device {
  const { id, companyId, siteId, row } = head;
  const category = categoryOf(row) ?? categoryOf(detail) ?? 'platform';
  const read = readDevice({ ...row, ...respell(detail), endpointId: id }, category, companyId);
  if ('mismatch' in read)
    throw new ApiError('unexpected', `Device ${id} could not be read (${read.mismatch}).`);
  const { name, record } = read.draft;
  return { id, name, companyId, siteId, category, record: { ...record, siteId } };
}

/** @returns `null` where the record does not say. */
function categoryOf({ endpointType }: RmmRecord): DeviceCategory | null {
  if (!endpointType) return null;
  return endpointType === 'NetworkDevice' ? 'network' : 'platform';
}
