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

const COMPANIES = ['Harbor Dental', 'harbor  dental', 'Blue Fern', 'Unmapped'];
const SITES = ['Main office', 'main  office', 'Warehouse'];
const RMM_IDS = ['s1', 's2', 's3', 's4'];
const SITE_IDS = [1, 2, 3];
/** A site that was deleted by hand, while its link stands. */
const DELETED_ID = 9;
/** Client 14 is one that Halo does not list. */
const clientId = fc.integer({ min: 11, max: 14 });
const company = fc.constantFrom(...COMPANIES);
const phone = fc.constantFrom('', '555-1', '555-2');

const sitePart = fc.record({
  rmmId: fc.constantFrom(...RMM_IDS),
  name: fc.constantFrom(...SITES),
  companyName: company,
  mapping: fc.option(fc.record({ clientId, siteId: fc.option(fc.constantFrom(...SITE_IDS), { freq: 2 }) }), {
    freq: 1,
  }),
  phone,
});

const haloPart = fc.record({
  id: fc.constantFrom(...SITE_IDS),
  clientId,
  name: fc.constantFrom(...SITES, '', 'Harbor Dental - Main office', 'Blue Fern - Warehouse'),
  phone,
});

/**
 * Few distinct clients and names, so that they collide often. Rows name the right client of their Halo site
 * most of the time.
 * @param linked `false`: nothing is remembered.
 */
export function siteWorlds({ linked } = { linked: true }): fc.Arbitrary<SiteWorld> {
  return fc
    .record({
      sites: fc.uniqueArray(sitePart, { minLength: 2, selector: ({ rmmId }) => rmmId }),
      halo: fc.uniqueArray(haloPart, { minLength: 2, selector: ({ id }) => id }),
      clients: fc.tuple(
        ...[11, 12, 13].map((id) => fc.record({ id: fc.constant(id), name: company, inactive })),
      ),
      linkedIds: fc.shuffledSubarray([...SITE_IDS, DELETED_ID], {
        maxLength: linked ? SITE_IDS.length + 1 : 0,
      }),
      defaultClientId: fc.constantFrom(null, 11, 12),
      matchClientsByName: fc.boolean(),
    })
    .map(({ sites, halo, clients, linkedIds, ...rules }) => ({
      sites: sites.map((site) => makeSite(site, halo)),
      clients: clients.map(({ id, name, inactive: isInactive }) => client(id, name, isInactive)),
      halo: {
        items: halo.map((site) => haloSite(site.id, site.clientId, site.name, { phonenumber: site.phone })),
        links: new Map(linkedIds.map((haloId, index) => [RMM_IDS[index] ?? '', haloId])),
      },
      rules: siteRules(rules),
    }));
}

const inactive = fc.integer({ min: 0, max: 4 }).map((dice) => dice === 0);

type Made<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

function makeSite(part: Made<typeof sitePart>, halo: readonly Made<typeof haloPart>[]): WantedSite {
  const { phone: number, mapping, ...rest } = part;
  const named = halo.find(({ id }) => id === mapping?.siteId && mapping.clientId !== 14);
  return wantedSite({
    ...rest,
    mapping: mapping && named ? { ...mapping, clientId: named.clientId } : mapping,
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
