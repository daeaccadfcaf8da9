import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../../src/inventory/group.js';
import { normaliseValue } from '../../src/inventory/junk.js';
import {
  applyPlan,
  planUntilQuiet,
  planWorld,
  type SiteWorld,
  siteWorlds,
} from '../support/arbitrary-sites.js';
import { holds, RUNS, rmmIds, sorted } from '../support/plans.js';

function siteOf(world: SiteWorld, { rmmId }: { rmmId: string }) {
  const found = world.sites.find((site) => site.rmmId === rmmId);
  if (!found) throw new Error(`${rmmId} is not among the sites.`);
  return found;
}

function forgetful(world: SiteWorld): SiteWorld {
  return { ...world, halo: { ...world.halo, links: new Map() } };
}

describe('a plan of sites, whatever stands in Halo', () => {
  it('says one thing of each site', () => {
    holds(siteWorlds(), (world) => {
      const { changes, settled, leftAlone } = planWorld(world);
      const said = [...rmmIds(changes), ...rmmIds(settled), ...rmmIds(leftAlone)];
      expect(said.sort()).toEqual(rmmIds(world.sites).sort());
    });
  });

  it('is empty once it was applied', () => {
    holds(siteWorlds(), (world) => {
      const plan = planWorld(world);
      const next = planWorld(applyPlan(world, plan));
      const isFreed = plan.changes.some(({ before, haloId, rmmId }) => {
        const linkedId = world.halo.links.get(rmmId);
        return before.name !== undefined || before.client !== undefined || (linkedId ?? haloId) !== haloId;
      });
      if (!isFreed) expect(next.changes).toEqual([]);
      // What kept a site from being decided is gone with this plan, so that it can be decided now.
      expect(rmmIds(plan.leftAlone)).toEqual(expect.arrayContaining(rmmIds(next.changes)));
    });
  });

  it('comes to an end when it is made and applied again and again', () => {
    holds(siteWorlds(), (world) => {
      expect(() => planUntilQuiet(world)).not.toThrow();
    });
  });

  it('is the same in whatever order sites and clients are listed', () => {
    const whole = <Item>(items: readonly Item[]) =>
      fc.shuffledSubarray([...items], { minLength: items.length });
    const shuffled = siteWorlds().chain((world) =>
      fc.record({
        world: fc.constant(world),
        sites: whole(world.sites),
        clients: whole(world.clients),
        items: whole(world.halo.items),
        links: whole([...world.halo.links]).map((links) => new Map(links)),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ world, sites, clients, items, links }) => {
        const other = { ...world, sites, clients, halo: { items, links } };
        expect(sorted(planWorld(other))).toEqual(sorted(planWorld(world)));
      }),
      RUNS,
    );
  });

  it('lets two sites of the RMM share one in Halo only where a row of the mapping table names it', () => {
    holds(siteWorlds(), (world) => {
      const { links } = planUntilQuiet(world).world.halo;
      for (const [haloId, sharing] of groupBy(links.keys(), (rmmId) => links.get(rmmId))) {
        const byRow = world.sites.filter((site) => site.mapping?.siteId === haloId);
        const others = sharing.filter((rmmId) => !rmmIds(byRow).includes(rmmId));
        expect(others.length).toBeLessThanOrEqual(1);
      }
    });
  });

  it('never creates a site twice, nor one that a client has already', () => {
    holds(siteWorlds(), (world) => {
      const created = planUntilQuiet(world).plans.flatMap((plan) =>
        plan.changes.filter((change) => change.action === 'create'),
      );
      expect(new Set(rmmIds(created)).size).toBe(created.length);
      const places = world.halo.items.map((site) => `${site.clientId} ${normaliseValue(site.name)}`);
      const inFirst = planWorld(world).changes.filter((change) => change.action === 'create');
      for (const { clientId, values } of inFirst) {
        expect(places).not.toContain(`${clientId} ${normaliseValue(values.name ?? '')}`);
      }
    });
  });

  it('says of a create that it has its place to itself only where it is alone there afterwards', () => {
    holds(siteWorlds(), (world) => {
      const plan = planWorld(world);
      const after = applyPlan(world, plan).halo;
      const places = after.items.map((site) => `${site.clientId} ${normaliseValue(site.name)}`);
      for (const { hasOwnPlace, values, action } of plan.changes) {
        if (action !== 'create') expect(hasOwnPlace).toBeUndefined();
        const own = `${values.clientId} ${normaliseValue(values.name ?? '')}`;
        if (hasOwnPlace) expect(places.filter((place) => place === own)).toHaveLength(1);
      }
    });
  });

  it('touches a site that is not linked only by a row or a name', () => {
    holds(siteWorlds(), (world) => {
      for (const change of planWorld(world).changes.filter(({ haloId }) => haloId !== null)) {
        const wanted = siteOf(world, change);
        const site = world.halo.items.find(({ id }) => id === change.haloId);
        const names = [wanted.name, wanted.nameUnderDefaultClient].map(normaliseValue);
        if (wanted.mapping?.siteId === change.haloId) expect(change.reason).toBe('mapping row');
        else if (world.halo.links.get(change.rmmId) === change.haloId) expect(change.reason).toBe('linked');
        else {
          expect(change.reason).toMatch(/^same name under /);
          expect(names).toContain(normaliseValue(site?.name ?? ''));
        }
      }
    });
  });

  it('never renames or moves a site that a row of the mapping table names', () => {
    holds(siteWorlds(), (world) => {
      const { changes } = planWorld(world);
      for (const { values } of changes.filter(({ reason }) => reason === 'mapping row')) {
        expect(Object.keys(values)).not.toContain('name');
        expect(Object.keys(values)).not.toContain('clientId');
      }
    });
  });
});

describe('a plan of sites when all links are lost', () => {
  it('creates nothing again', () => {
    holds(siteWorlds({ linked: false }), (world) => {
      const { world: end } = planUntilQuiet(world);
      const created = planWorld(forgetful(end)).changes.filter(({ action }) => action === 'create');
      expect(created).toEqual([]);
    });
  });

  it('finds each site again', () => {
    holds(siteWorlds({ linked: false }), (world) => {
      const { world: end } = planUntilQuiet(world);
      const again = applyPlan(forgetful(end), planWorld(forgetful(end)));
      expect(new Map([...again.halo.links].sort())).toEqual(new Map([...end.halo.links].sort()));
    });
  });
});
