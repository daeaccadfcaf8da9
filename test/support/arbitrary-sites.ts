import fc from 'fast-check';
import type { Plan } from '../../src/inventory/plan.js';
import type { SiteRules, WantedSite } from '../../src/inventory/site.js';
import { planSites } from '../../src/inventory/site-plan.js';
import type { HaloClient, HaloSite } from '../../src/inventory/types.js';
import { applyToSites, type Model } from './halo-model.js';
import { client, haloSite, siteRules, wantedSite } from './inventory.js';

/** Some sites of the RMM, a Halo, and what is remembered of it. */
export interface SiteWorld {
  sites: WantedSite[];
  clients: HaloClient[];
  halo: Model<HaloSite>;
  rules: SiteRules;
}

const COMPANIES = ['Harbor Dental', 'harbor  dental', 'Blue Fern'];
const SITES = ['Main office', 'main  office', 'Warehouse'];
const RMM_IDS = ['s1', 's2', 's3', 's4'];
const SITE_IDS = [1, 2, 3];
/** A site that was deleted by hand, while its link stands. */
const DELETED_ID = 9;
/** Client 14 is one that Halo does not list. */
const clientId = fc.constantFrom(11, 11, 12, 12, 13, 14);
const siteId = fc.constantFrom(...SITE_IDS);
const phone = fc.constantFrom('', '555-1', '555-2');

const sitePart = fc.record({
  rmmId: fc.constantFrom(...RMM_IDS),
  name: fc.constantFrom(...SITES),
  companyName: fc.constantFrom(...COMPANIES),
  /** No row, one that names a client, or one that names a Halo site: of its own client, unless that is unknown. */
  row: fc.constantFrom('none', 'none', 'client', 'site', 'wrong'),
  clientId,
  siteId,
  phone,
});

const haloPart = fc.record({
  id: fc.constantFrom(...SITE_IDS),
  clientId,
  name: fc.constantFrom(...SITES, '', 'Harbor Dental - Main office', 'Blue Fern - Warehouse'),
  phone,
});

/**
 * Few distinct clients and names, so that they collide often.
 * @param linked `false`: nothing is remembered.
 */
export function siteWorlds({ linked } = { linked: true }): fc.Arbitrary<SiteWorld> {
  return fc
    .record({
      sites: fc.uniqueArray(sitePart, { minLength: 2, selector: ({ rmmId }) => rmmId }),
      halo: fc.uniqueArray(haloPart, { minLength: 2, selector: ({ id }) => id }),
      clientName: fc.constantFrom('Unmapped', ...COMPANIES),
      isInactive: fc.boolean(),
      linkedIds: fc.shuffledSubarray([...SITE_IDS, DELETED_ID], { maxLength: linked ? 2 : 0 }),
      defaultClientId: fc.constantFrom(null, 11, 14),
      matchClientsByName: fc.constantFrom(true, true, false),
    })
    .map(({ sites, halo, clientName, isInactive, linkedIds, ...rules }) => ({
      sites: sites.map((site) => makeSite(site, halo)),
      clients: [client(11, 'Unmapped'), client(12, 'Harbor Dental'), client(13, clientName, isInactive)],
      halo: {
        items: halo.map((site) => haloSite(site.id, site.clientId, site.name, { phonenumber: site.phone })),
        links: new Map(linkedIds.map((haloId, index) => [RMM_IDS[index] ?? '', haloId])),
      },
      rules: siteRules(rules),
    }));
}

type Made<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

function makeSite(part: Made<typeof sitePart>, halo: readonly Made<typeof haloPart>[]): WantedSite {
  const { phone: number, row, siteId: haloSiteId, clientId: anyClientId, ...rest } = part;
  const owner = halo.find(({ id }) => id === haloSiteId)?.clientId ?? anyClientId;
  const rows = {
    none: null,
    client: { clientId: anyClientId, siteId: null },
    site: { clientId: owner, siteId: haloSiteId },
    wrong: { clientId: anyClientId, siteId: haloSiteId },
  };
  return wantedSite({
    ...rest,
    mapping: rows[row],
    properties: number === '' ? {} : { phonenumber: number },
    fingerprint: `print of ${rest.rmmId}`,
  });
}

/** What `planSites` decides in this world. */
export function planWorld({ sites, clients, halo, rules }: SiteWorld): Plan {
  return planSites(sites, { clients, sites: halo.items, links: halo.links }, rules);
}

/** The world when a plan was applied. */
export function applyPlan(world: SiteWorld, plan: Plan): SiteWorld {
  return { ...world, halo: applyToSites(world.halo, plan) };
}

/**
 * The plans that follow from one another until nothing is left to be done, and the world then.
 * @throws Error where there is no end to it.
 */
export function planUntilQuiet(start: SiteWorld): { plans: Plan[]; world: SiteWorld } {
  const plans: Plan[] = [];
  let world = start;
  for (let plan = planWorld(world); plan.changes.length > 0; plan = planWorld(world)) {
    if (plans.length > RMM_IDS.length) throw new Error('Planning does not come to an end.');
    plans.push(plan);
    world = applyPlan(world, plan);
  }
  return { plans, world };
}
