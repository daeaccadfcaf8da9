import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import type { Device } from '../inventory/types.js';
import { type DeviceDraft, nameOfRow, readDevice } from './device.js';
import {
  createDeviceReader,
  type DeviceListOptions,
  type DeviceReader,
  type DeviceRow,
  hasStatus,
} from './device-pages.js';
import { type CompanyToList, createSiteFinder, type SiteFinder } from './device-sites.js';
import type { ItemProblem } from './rows.js';

export type { DeviceListOptions } from './device-pages.js';
export type { CompanyToList } from './device-sites.js';

/** A page of devices, and the rows of it that could not be read. */
export interface DevicePage {
  devices: Device[];
  problems: ItemProblem[];
}

/** A row together with the company that it was listed for. */
interface OwnedRow extends DeviceRow {
  company: CompanyToList;
}

/**
 * Lists the devices of a few companies (at most 4 at once are known to work), page by page, each device once.
 * A row that cannot be read is a problem of its own; the generator throws ApiError where a whole page cannot be
 * had, and what it gave until then is not all.
 */
export async function* listDevices(
  api: Api,
  options: DeviceListOptions,
  companies: CompanyToList[],
): AsyncGenerator<DevicePage> {
  const read = createDeviceReader(api, options);
  const findSite = createSiteFinder((company, siteId) => listIdsOfSite(read, company, siteId));
  const seen = new Set<string>();
  let position = 0;
  for await (const rows of listRows(read, companies)) {
    const page: DevicePage = { devices: [], problems: [] };
    for (const row of rows) {
      position += 1;
      const result = readDevice(row.device, row.category, row.company.id);
      if ('mismatch' in result) {
        page.problems.push(toProblem(row, position, result.mismatch));
      } else if (!seen.has(result.draft.id)) {
        seen.add(result.draft.id);
        page.devices.push(await toDevice(row, result.draft, findSite));
      }
    }
    yield page;
  }
}

/**
 * The API answers 404 for a company without devices, and nobody has seen what it answers for such a company
 * among others: so after a 404 for several, each is asked for alone.
 */
async function* listRows(read: DeviceReader, companies: CompanyToList[]): AsyncGenerator<OwnedRow[]> {
  if (companies.length === 0) return;
  const doing = `Listing the devices of ${companies.map((company) => company.name).join(', ')}`;
  const resources = companies.map((company) => company.id);
  try {
    for await (const rows of read({ doing, resourceType: 'company', resources })) {
      yield rows.map((row) => ({ ...row, company: findOwner(doing, row, companies) }));
    }
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    if (companies.length > 1) for (const company of companies) yield* listRows(read, [company]);
  }
}

async function listIdsOfSite(read: DeviceReader, company: CompanyToList, siteId: string): Promise<string[]> {
  const ids: string[] = [];
  const doing = `Listing the devices of site ${siteId} of ${company.name}`;
  try {
    for await (const rows of read({ doing, resourceType: 'site', resources: [siteId] })) {
      for (const { device, category } of rows) {
        const result = readDevice(device, category, company.id);
        if ('draft' in result) ids.push(result.draft.id);
      }
    }
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
  return ids;
}

/**
 * A group of a company that was not asked for means that the request was not understood, as where a proxy drops
 * the body of a GET: taken as it is, the devices would land with the wrong company, or the right ones be missed.
 */
function findOwner(doing: string, row: DeviceRow, companies: CompanyToList[]): CompanyToList {
  const owner = companies.find((company) => company.id === row.companyId);
  if (owner) return owner;
  const [only, ...others] = companies;
  if (row.companyId === null && only && others.length === 0) return only;
  const got =
    row.companyId === null ? 'does not say whose devices it lists' : `lists company ${row.companyId}, too`;
  throw new ApiError('unexpected', `${doing}: ConnectWise RMM ${got}. Try the other rmm.deviceListMethod.`);
}

async function toDevice(row: OwnedRow, draft: DeviceDraft, findSite: SiteFinder): Promise<Device> {
  const { category, company } = row;
  const { id, name, ownSiteId, record } = draft;
  // Like its clientId, a device's own site may be in another numbering: it counts where the company has it.
  const named = row.siteId ?? company.siteIds.find((siteId) => siteId === ownSiteId);
  const siteId = named ?? (await findSite(company, id));
  return { id, name, companyId: company.id, siteId, category, record: { ...record, siteId } };
}

function toProblem(row: OwnedRow, position: number, mismatch: string): ItemProblem {
  const name = nameOfRow(row.device);
  const item = `row ${position}`;
  const what = `The device ${name || `in ${item}`} of ${row.company.name}`;
  return {
    item,
    companyId: row.company.id,
    ...(name && { name }),
    message: `${what} could not be read from ConnectWise RMM (${mismatch}).`,
  };
}
