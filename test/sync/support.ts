import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { FaultRule } from '../../src/demo/faults.js';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { FleetDevice } from '../../src/demo/fleet-device.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { startRedis, type TestRedis } from '../support/redis.js';

/** Gives a file its `start`. All of its tests share one Redis, and what a test starts is closed after it. */
export function startPerTest(): (world?: World) => Promise<Integrator> {
  let redis: TestRedis;
  const started: Integrator[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((integrator) => integrator.close()));
  });
  afterAll(() => redis.stop());
  return async (world) => {
    const integrator = await startIntegrator({ redis, ...world });
    started.push(integrator);
    return integrator;
  };
}

/** Quirk of either simulator: no rate limit that a test could meet. */
export const unlimited = { rateLimit: { requests: 1_000_000, windowMs: 300_000 } };

/** Three companies with four devices each. */
export function small(): Fleet {
  return makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'small' });
}

/** The first device of a fleet. */
export function firstOf({ devices }: Fleet): FleetDevice {
  const [device] = devices;
  if (!device) throw new Error('The fleet has no device.');
  return device;
}

/** Imports sites and assets, and expects that nothing went wrong. */
export async function importAll({ run }: Integrator): Promise<void> {
  expect(await run('sites')).toMatchObject({ state: 'succeeded', errors: [] });
  expect(await run('assets')).toMatchObject({ state: 'succeeded', errors: [] });
}

/** Each device stands in Halo exactly once: found by its tag, which the fleet has only once. */
export function expectEachDeviceOnce({ halo }: Integrator, fleet: Fleet): void {
  const tags = halo.state.assets.map((asset) => asset.inventory_number).sort();
  expect(tags).toEqual(fleet.devices.map((device) => device.name).sort());
}

/** Forgets links, runs and all else that Redis keeps of this integrator; the Redis may be others', too. */
export async function emptyRedis({ app, redis }: Integrator): Promise<void> {
  for await (const keys of app.redis.client.scanStream({ match: `${redis.prefix}*` })) {
    if (keys.length > 0) await app.redis.client.del(keys);
  }
}

type Match = FaultRule['match'];

/** POST /Asset of Halo: creates and updates. */
export const isAssetPost: Match = ({ method, path }) =>
  method === 'POST' && path.toLowerCase() === '/api/asset';

/** GET of one of Halo's lists: Client, Site, Asset. */
export function isHaloList(room: string): Match {
  return ({ method, path }) => method === 'GET' && path.toLowerCase() === `/api/${room.toLowerCase()}`;
}

/** The RMM's list of the devices of some companies. */
export const isDeviceList: Match = ({ path }) => path.includes('/device/categories/');

/** The n-th of the requests that match, and no other. */
export function nth(n: number, match: Match): Match {
  let seen = 0;
  return (request) => match(request) && ++seen === n;
}
