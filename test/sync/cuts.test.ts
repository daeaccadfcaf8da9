import { beforeAll, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../src/demo/faults.js';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import type { HaloState } from '../../src/demo/halo-state.js';
import type { LinkTo } from '../../src/inventory/plan.js';
import type { Integrator } from '../support/integrator.js';
import { expectEachDeviceOnce, startPerTest, unlimited } from './support.js';

const start = startPerTest();

/** What an uncut import of sixty devices asks. Each of these requests is cut; the first tests hold the numbers true. */
const REQUESTS = { sites: 8, batches: 12, oneByOne: 66, rmm: 3 };

const BATCHES = { honoursReturnAll: true };
const ONE_BY_ONE = { honoursReturnAll: false };

const CUTS = [
  { when: 'before', action: { do: 'hangUp' } },
  { when: 'after', action: { do: 'hangUp', afterWork: true } },
] as const;

interface Cut {
  request: number;
  /** The work that was asked for. */
  when: 'before' | 'after';
  action: FaultAction;
  storesRmmId: boolean;
}

/** @param both whether each cut meets a Halo with and one without room for the RMM's id, or the two in turns. */
function eachCut(requests: number, both: boolean): Cut[] {
  const numbers = Array.from({ length: requests }, (_, index) => index + 1);
  return numbers.flatMap((request) =>
    CUTS.flatMap((cut) =>
      (both ? [true, false] : [request % 2 === 0]).map((storesRmmId) => ({ ...cut, request, storesRmmId })),
    ),
  );
}

function startWorld(fleet: Fleet, quirks: Partial<HaloQuirks>, state?: HaloState): Promise<Integrator> {
  const halo = { quirks: { ...unlimited, ...quirks }, ...(state && { state }) };
  return start({ rmm: { fleet, quirks: unlimited }, halo });
}

const sixtyDevices = () => makeFleet({ companies: 3, devicesPerCompany: 20, seed: 'cut' });

/** Halo after a site run, and the links to its sites. */
let withSites: { state: HaloState; links: Map<string, LinkTo> };

beforeAll(async () => {
  const all = await startWorld(sixtyDevices(), BATCHES);
  expect(await all.run('sites')).toMatchObject({ state: 'succeeded' });
  withSites = { state: all.halo.state, links: await all.app.links.sites.all() };
});

/** A world as a site run leaves it: without that run, which would take its time before each of the cuts. */
async function startWithSites(quirks: Partial<HaloQuirks>): Promise<Integrator> {
  const all = await startWorld(sixtyDevices(), quirks, structuredClone(withSites.state));
  await all.app.links.sites.remember(withSites.links);
  await all.app.rules(all.app.halo);
  return all;
}

/** The next run brings what is missing, and the one after it finds nothing to ask Halo. */
async function expectToSettle(all: Integrator): Promise<void> {
  expect(await all.run('assets')).toMatchObject({ state: 'succeeded', complete: true, errors: [] });
  await expectSixtyOnce(all);
  const before = structuredClone(all.halo.state);
  all.halo.requests.length = 0;
  expect(await all.run('assets')).toMatchObject({ counts: { unchanged: 60 }, requests: { halo: 0 } });
  expect(all.halo.requests).toEqual([]);
  expect(all.halo.state).toEqual(before);
}

/** No device twice: not by its tag, not by its RMM id where Halo keeps it, and each linked to its own asset. */
async function expectSixtyOnce(all: Integrator): Promise<void> {
  const { fleet } = all.rmm;
  const { state, quirks } = all.halo;
  expect(state.assets).toHaveLength(60);
  expectEachDeviceOnce(all, fleet);
  const ids = fleet.devices.map(({ id }) => id).sort();
  const stored = state.assets.flatMap(({ connectwisermm_id: id }) => id ?? []).sort();
  expect(stored).toEqual(quirks.storesRmmId ? ids : []);
  const tags = new Map(state.assets.map(({ id, inventory_number }) => [id, inventory_number]));
  const links = await all.app.links.assets.get(ids);
  const linked = fleet.devices.map(({ id }) => tags.get(links.get(id)?.haloId ?? 0));
  expect(linked).toEqual(fleet.devices.map(({ name }) => name));
}

describe('an uncut import of 60 devices takes as many requests as are cut below', () => {
  it('for its sites', async () => {
    const all = await startWorld(sixtyDevices(), BATCHES);
    expect((await all.run('sites')).requests).toMatchObject({ halo: REQUESTS.sites });
  });

  it.each([
    ['in batches', BATCHES, REQUESTS.batches],
    ['one by one', ONE_BY_ONE, REQUESTS.oneByOne],
  ])('for its assets, %s', async (_how, quirks, requests) => {
    for (const storesRmmId of [true, false]) {
      const all = await startWithSites({ ...quirks, storesRmmId });
      const run = await all.run('assets');
      expect(run).toMatchObject({ state: 'succeeded', requests: { halo: requests, rmm: REQUESTS.rmm } });
      await expectSixtyOnce(all);
    }
  });
});

describe.each([
  ['answers creates one to one', BATCHES, eachCut(REQUESTS.batches, true)],
  ['shows only the last object', ONE_BY_ONE, eachCut(REQUESTS.oneByOne, false)],
])('an import into a Halo that %s', (_what, quirks, cuts) => {
  it.each(cuts)(
    'brings each device once, cut $when the work of request $request; Halo stores the RMM id: $storesRmmId',
    async ({ request, when, action, storesRmmId }) => {
      const all = await startWithSites({ ...quirks, storesRmmId });
      const cut = all.halo.faults.failAtRequest(request, action);
      const run = await all.run('assets');
      expect(cut.hits).toBe(1);
      // What Halo did, the run itself finds out; what it did not do is left to the next run.
      if (when === 'after') expect(run).toMatchObject({ state: 'succeeded', counts: { created: 60 } });
      await expectToSettle(all);
    },
  );
});

describe('an import during which Halo goes away', () => {
  it.each(eachCut(REQUESTS.batches, false))(
    'brings each device once after Halo is back, cut $when the work of request $request; Halo stores the RMM id: $storesRmmId',
    async ({ request, action, storesRmmId }) => {
      const all = await startWithSites({ ...BATCHES, storesRmmId });
      const { faults } = all.halo;
      let seen = 0;
      faults.failAtRequest(request, action);
      faults.add({ match: () => ++seen > request, action: { do: 'hangUp' } });
      expect((await all.run('assets')).state).not.toBe('succeeded');
      faults.clear();
      await expectToSettle(all);
    },
  );
});

describe('an import', () => {
  it.each(eachCut(REQUESTS.rmm, true))(
    'brings each device once, cut $when the work of request $request to the RMM; Halo stores the RMM id: $storesRmmId',
    async ({ request, action, storesRmmId }) => {
      const all = await startWithSites({ storesRmmId });
      const cut = all.rmm.faults.failAtRequest(request, action);
      expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 60 } });
      expect(cut.hits).toBe(1);
      await expectToSettle(all);
    },
  );

  it.each(eachCut(REQUESTS.sites, false))(
    'brings each site once, cut $when the work of request $request of its site run',
    async ({ request, when, action }) => {
      const all = await startWorld(sixtyDevices(), BATCHES);
      const cut = all.halo.faults.failAtRequest(request, action);
      const run = await all.run('sites');
      expect(cut.hits).toBe(1);
      if (when === 'after') expect(run).toMatchObject({ state: 'succeeded', errors: [] });
      expect(await all.run('sites')).toMatchObject({ state: 'succeeded', errors: [] });
      const namesOf = ({ sites }: HaloState) =>
        sites.map(({ client_id, name }) => `${client_id} ${name}`).sort();
      expect(namesOf(all.halo.state)).toEqual(namesOf(withSites.state));
      expect((await all.run('sites')).requests.halo).toBe(0);
    },
  );
});
