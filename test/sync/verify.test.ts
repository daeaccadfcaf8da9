import { afterEach, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let all: Integrator;

/** Twelve devices and their sites, imported. */
async function startImported(world: World = {}): Promise<Integrator> {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'small' });
  all = await startIntegrator({ ...world, rmm: { fleet, ...world.rmm } });
  expect(await all.run('sites')).toMatchObject({ state: 'succeeded' });
  expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 12 } });
  return all;
}

afterEach(() => all.close());

const OPERATING_SYSTEM = 124;

function assetOf(position: number) {
  const asset = all.halo.state.assets[position];
  if (!asset) throw new Error(`There is no asset ${position}.`);
  return asset;
}

/** What stands in Halo. A field that is written empty is the same as one that is not there. */
function assetsNow() {
  const filled = ({ value }: { value: string }) => value !== '';
  return structuredClone(all.halo.state.assets).map((asset) => ({
    ...asset,
    fields: asset.fields.filter(filled),
  }));
}

describe('a verify run', () => {
  it('reads every site and asset, and writes nothing where nothing drifted', async () => {
    const { halo, run, posts } = await startImported();
    halo.requests.length = 0;
    const sites = all.rmm.fleet.sites.length;
    expect(await run('verify')).toMatchObject({
      kind: 'verify',
      state: 'succeeded',
      complete: true,
      counts: { read: 12 + sites, unchanged: 12 + sites, updated: 0, created: 0, moved: 0 },
      errors: [],
    });
    expect(posts()).toEqual([]);
    expect((await run('assets')).requests.halo).toBe(0);
  });

  it('corrects what was changed by hand in Halo: tag, type, field, site and the name of a site', async () => {
    const { halo, run } = await startImported();
    const before = structuredClone(halo.state);
    const assetsBefore = assetsNow();
    assetOf(0).inventory_number = 'renamed by hand';
    assetOf(1).assettype_id = halo.state.assetTypes.at(-1)?.id ?? 0;
    Object.assign(assetOf(2).fields.find(({ id }) => id === OPERATING_SYSTEM) ?? {}, { value: 'DOS' });
    const [firstSite] = halo.state.sites;
    Object.assign(assetOf(3), { site_id: firstSite?.id, client_id: firstSite?.client_id });
    const [link] = [...(await all.app.links.sites.all()).values()];
    Object.assign(halo.state.sites.find(({ id }) => id === link?.haloId) ?? {}, { name: 'Odd name' });

    expect((await run('assets')).counts).toMatchObject({ unchanged: 12, updated: 0 });
    expect(await run('verify')).toMatchObject({
      state: 'succeeded',
      counts: { updated: 4, moved: 1, created: 0 },
    });
    expect(assetsNow()).toEqual(assetsBefore);
    expect(halo.state.sites).toEqual(before.sites);
    expect((await run('verify')).counts).toMatchObject({ updated: 0, moved: 0 });
  });

  it('makes an asset again that was deleted by hand, and leaves one that was deactivated by hand', async () => {
    const { halo, run } = await startImported();
    const deleted = assetOf(0).inventory_number;
    halo.state.assets.splice(0, 1);
    assetOf(0).inactive = true;
    const verified = await run('verify');
    expect(verified).toMatchObject({ counts: { created: 1, reactivated: 0, skipped: 1 } });
    expect(verified.errors[0]?.message).toContain('Manual');
    expect(halo.state.assets.filter((each) => each.inventory_number === deleted)).toHaveLength(1);
    expect(assetOf(0).inactive).toBe(true);
  });

  it.each([true, false])('finds lost links again, Halo stores the RMM id: %s', async (storesRmmId) => {
    const { app, halo, run } = await startImported({ halo: { quirks: { storesRmmId } } });
    const before = [await app.links.sites.all(), await app.links.assets.all()];
    await app.redis.client.flushall();
    halo.requests.length = 0;
    expect((await run('verify')).counts).toMatchObject({ created: 0, failed: 0, skipped: 0 });
    expect([await app.links.sites.all(), await app.links.assets.all()]).toEqual(before);
  });

  it('goes on with what is left to be corrected where it was cut off', async () => {
    const { halo, run } = await startImported({ config: { halo: { batchSize: 2 } } });
    const before = assetsNow();
    for (const asset of halo.state.assets) asset.inventory_number += ' by hand';
    let writes = 0;
    const match = ({ method }: { method: string }) => method === 'POST' && ++writes >= 3;
    // An update is sent three times, by each of three attempts.
    halo.faults.add({ match, times: 9, action: { do: 'hangUp' } });
    const cut = await run('verify');
    expect(cut).toMatchObject({ state: 'partial', counts: { updated: 4, failed: 8 } });
    expect((await run('assets')).counts).toMatchObject({ updated: 8, unchanged: 4 });
    expect(assetsNow()).toEqual(before);
  });
});
