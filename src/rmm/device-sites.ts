import { readDevice } from './device.js';
import { type DeviceReader, hasStatus } from './device-pages.js';

/** A company whose devices are listed. Ids in lower case. */
export interface CompanyToList {
  id: string;
  name: string;
  siteIds: string[];
}

/** Tells the site of a device whose group names none; `null` where it stands in no site of the company. */
export type SiteFinder = (company: CompanyToList, deviceId: string) => Promise<string | null>;

/**
 * Not every tenant's listing says which site a group of devices belongs to. A company with one site leaves no
 * question; of another, each site is listed by itself, once, to see which devices it brings.
 * @returns a function that rejects with ApiError.
 */
export function createSiteFinder(read: DeviceReader): SiteFinder {
  const known = new Map<string, Map<string, string>>();
  return async (company, deviceId) => {
    const [firstSite, ...otherSites] = company.siteIds;
    if (firstSite === undefined) return null;
    if (otherSites.length === 0) return firstSite;
    const sites = known.get(company.id) ?? (await learnSites(read, company));
    known.set(company.id, sites);
    return sites.get(deviceId) ?? null;
  };
}

async function learnSites(read: DeviceReader, company: CompanyToList): Promise<Map<string, string>> {
  const siteOfDevice = new Map<string, string>();
  for (const siteId of company.siteIds) {
    for (const deviceId of await listDeviceIds(read, company, siteId)) siteOfDevice.set(deviceId, siteId);
  }
  return siteOfDevice;
}

async function listDeviceIds(read: DeviceReader, company: CompanyToList, siteId: string): Promise<string[]> {
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
