/** A company whose devices are listed. Ids in lower case. */
export interface CompanyToList {
  id: string;
  name: string;
  siteIds: string[];
}

/** Lists the ids, in lower case, of the devices of one site; none where the API does not find any. */
export type SiteLister = (company: CompanyToList, siteId: string) => Promise<string[]>;

/** Tells the site of a device that was listed without one; `null` where it stands in no site of the company. */
export type SiteFinder = (company: CompanyToList, deviceId: string) => Promise<string | null>;

/**
 * Not every tenant's listing says, in the numbering of the list of sites, which site a device belongs to. A company
 * with one site leaves no question; of another, each site is listed by itself, once, to see which devices it brings.
 * @returns a function that rejects with ApiError, as `list` does.
 */
export function createSiteFinder(list: SiteLister): SiteFinder {
  const known = new Map<string, Map<string, string>>();
  return async (company, deviceId) => {
    const [firstSite, ...otherSites] = company.siteIds;
    if (firstSite === undefined) return null;
    if (otherSites.length === 0) return firstSite;
    const sites = known.get(company.id) ?? (await learnSites(list, company));
    known.set(company.id, sites);
    return sites.get(deviceId) ?? null;
  };
}

async function learnSites(list: SiteLister, company: CompanyToList): Promise<Map<string, string>> {
  const siteOfDevice = new Map<string, string>();
  for (const siteId of company.siteIds) {
    for (const deviceId of await list(company, siteId)) siteOfDevice.set(deviceId, siteId);
  }
  return siteOfDevice;
}
