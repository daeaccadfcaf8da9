import type { Placement } from '../inventory/asset.js';
import type { LinkTo } from '../inventory/plan.js';
import type { WantedSite } from '../inventory/site.js';
import type { Company, RmmSite } from '../inventory/types.js';
import type { RunContext } from './context.js';
import { planAgainstHalo, wantSites } from './sites.js';
import type { Group, GroupCompany } from './subject.js';

/** Where in Halo the RMM's sites stand. */
export interface Places {
  links: ReadonlyMap<string, LinkTo>;
  /** Why a site has no place in Halo, where it is more than that no site run has made it yet. */
  reasons: ReadonlyMap<string, string>;
}

/**
 * Where in Halo the RMM's sites stand: their links and, for sites that have none yet, what a site run would
 * find there. Sites that are not in Halo are not made here: that is the site run's work.
 */
export async function placeSites(context: RunContext, rmmSites: readonly RmmSite[]): Promise<Places> {
  const links = await context.links.sites.get(rmmSites.map((site) => site.id));
  const reasons = new Map<string, string>();
  const unlinked = await wantSites(
    context,
    rmmSites.filter((site) => !links.has(site.id)),
  );
  const unsettled = context.look === 'changed' ? await context.unsettled.sites.among(unlinked) : new Map();
  for (const { rmmId, reason } of unsettled.values()) reasons.set(rmmId, reason);
  const found = await findSites(
    context,
    unlinked.filter(({ rmmId }) => !unsettled.has(rmmId)),
    reasons,
  );
  return { links: new Map([...links, ...found]), reasons };
}

/** Finds sites in Halo, remembers their links, and adds to `reasons` why others are not found. */
async function findSites(
  context: RunContext,
  wanted: readonly WantedSite[],
  reasons: Map<string, string>,
): Promise<Map<string, LinkTo>> {
  const found = new Map<string, LinkTo>();
  if (wanted.length === 0) return found;
  const plan = await planAgainstHalo(context, wanted);
  for (const { rmmId, haloId, clientId } of plan.changes) {
    // Without a fingerprint, so that the next site run looks at it in full.
    if (haloId !== null && clientId !== undefined) found.set(rmmId, { haloId, clientId, fingerprint: '' });
  }
  await context.links.sites.remember(found);
  await context.unsettled.sites.add(plan.leftAlone.map((item) => ({ ...item, as: 'skipped' })));
  for (const { rmmId, reason } of plan.leftAlone) reasons.set(rmmId, reason);
  return found;
}

const NOT_MADE_YET = 'The site is not in Halo yet: run "halo-integrator import sites" first.';

/** A company with its sites, each with its place in Halo. */
export function withSites(
  company: Company,
  rmmSites: readonly RmmSite[],
  { links, reasons }: Places,
): GroupCompany {
  const own = rmmSites.filter((site) => site.company.id === company.id);
  const sites = own.map(({ id, name }) => {
    const { haloId = null, clientId = null } = links.get(id) ?? {};
    return { id, name, haloSiteId: haloId, haloClientId: clientId, why: reasons.get(id) ?? NOT_MADE_YET };
  });
  return { ...company, sites };
}

/** Where the asset of a device of this site shall stand; `null`: its site has no place in Halo yet. */
export function placementOf(
  group: Group,
  device: { companyId: string; siteId: string | null },
): Placement | null {
  const company = group.companies.find((each) => each.id === device.companyId);
  const site = company?.sites.find((each) => each.id === device.siteId);
  if (!company || !site || site.haloSiteId === null || site.haloClientId === null) return null;
  const { haloSiteId, haloClientId } = site;
  return {
    company: { id: company.id, name: company.name },
    site: { id: site.id, name: site.name },
    haloSiteId,
    haloClientId,
  };
}
