import { afterEach, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';

let all: Integrator;

afterEach(() => all.close());

/** Everything in Redis but what requests leave there (rate limits, access tokens), and what BullMQ says of itself. */
async function contentsOfRedis(): Promise<Record<string, string>> {
  const { client } = all.app.redis;
  const keys = (await client.keys('*')).filter((key) => !/:(gate|token):|:bull:\w+:meta$/.test(key)).sort();
  const dumps = await Promise.all(
    keys.map(async (key) => [key, (await client.dumpBuffer(key))?.toString('base64') ?? '']),
  );
  return Object.fromEntries(dumps);
}

const FALLS_TO_DEFAULT = {
  sites: expect.stringMatching(
    /^Lakeside Legal has no client in Halo: \d sites? would go under the default client Unmapped Customers\./,
  ),
  assets: expect.stringMatching(
    /^\d+ devices of type Desktop would be of the default asset type Workstation\./,
  ),
};

it('says what the run will do, and writes nothing anywhere', async () => {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'small' });
  all = await startIntegrator({ rmm: { fleet } });
  for (const kind of ['sites', 'assets'] as const) {
    const [halo, redis] = [structuredClone(all.halo.state), await contentsOfRedis()];
    const plan = await all.plan(kind);
    expect(all.halo.state).toEqual(halo);
    expect(await contentsOfRedis()).toEqual(redis);
    expect(plan).toMatchObject({ kind, warnings: [FALLS_TO_DEFAULT[kind]], guard: null });
    expect((await all.run(kind)).counts).toEqual(plan.counts);
    expect((await all.plan(kind)).changes).toEqual([]);
  }
});

it('shows each change with what and why, field by field', async () => {
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 2, seed: 'small' });
  all = await startIntegrator({ rmm: { fleet } });
  await all.run('sites');
  await all.run('assets');
  const [device] = fleet.devices;
  const was = device?.os.product;
  if (device) device.os.product = 'Microsoft Windows 12 Pro';
  expect((await all.plan('assets')).changes).toEqual([
    {
      action: 'update',
      rmmId: device?.id,
      haloId: expect.any(Number),
      name: device?.name,
      reason: 'linked',
      before: { 'Operating System': was },
      after: { 'Operating System': 'Microsoft Windows 12 Pro' },
    },
  ]);
});

it('is done by the run, which logs each change with its reason', async () => {
  const { log, messages } = recordLog();
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 1, seed: 'small' });
  all = await startIntegrator({ rmm: { fleet }, log });
  await all.run('sites');
  const plan = await all.plan('assets');
  await all.run('assets');
  const [change] = plan.changes;
  expect(messages).toContainEqual(
    expect.stringContaining(`info: ${change?.name}: create (${change?.reason}): tag, site, type, `),
  );
});

it('warns of devices whose site is not in Halo, one line per site', async () => {
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 4, seed: 'small' });
  fleet.sites.splice(1);
  for (const site of fleet.sites) site.name = 'Attic';
  for (const device of fleet.devices) device.siteId = fleet.sites[0]?.id ?? '';
  all = await startIntegrator({ rmm: { fleet } });
  const plan = await all.plan('assets');
  expect(plan.counts).toMatchObject({ read: 4, created: 0, skipped: 4 });
  expect(plan.warnings).toEqual([expect.stringContaining('4 devices left out. The site is not in Halo yet')]);
});
