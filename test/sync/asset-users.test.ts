import { afterEach, describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { addUser } from '../../src/demo/halo-rows.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let all: Integrator;
let fleet: Fleet;

const FROM = { user: { from: 'lastLoggedOnUser.username', matchBy: 'username' } };

/** Two companies, the first of which Halo knows; every device has a last user. */
async function start(world: World & { user?: object } = {}): Promise<Integrator> {
  fleet = makeFleet({ companies: 2, devicesPerCompany: 4, seed: 'users' });
  for (const [index, device] of fleet.devices.entries()) device.lastUser = `HDG\\user${index}`;
  const assets = {
    defaultType: 'Workstation',
    fields: [{ halo: 'Operating System', rmm: 'os.product' }],
    ...(world.user ?? FROM),
  };
  const config = { ...world.config, assets };
  all = await startIntegrator({ ...world, rmm: { fleet, ...world.rmm }, config });
  await all.run('sites');
  return all;
}

afterEach(() => all.close());

/** Enters the last user of each device as a user of its client in Halo. */
async function enterUsers(): Promise<void> {
  const links = await all.app.links.sites.all();
  for (const { siteId, lastUser } of fleet.devices) {
    const login = lastUser?.replace('HDG\\', '') ?? '';
    const site_id = links.get(siteId)?.haloId ?? 0;
    addUser(all.halo.state, {
      name: `Person ${login}`,
      site_id,
      login,
      emailaddress: `${login}@hdg.example`,
    });
  }
}

function userOf(device: { name: string } | undefined): string | undefined {
  const { assets, users } = all.halo.state;
  const asset = assets.find((each) => each.inventory_number === device?.name);
  return users.find(({ id }) => id === asset?.users[0]?.id)?.name;
}

const isState = ({ path }: { path: string }) => /systemstate|system-state-info|heartbeat/.test(path);

describe("the asset's user", () => {
  it.each(['v2', 'v1'])('is the last user of its device, by the device API %s', async (deviceApi) => {
    await start({ config: { rmm: { deviceApi } } });
    await enterUsers();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 8 }, errors: [] });
    for (const [index, device] of fleet.devices.entries()) expect(userOf(device)).toBe(`Person user${index}`);
    all.halo.requests.length = 0;
    expect(await all.run('verify')).toMatchObject({ counts: { updated: 0 }, errors: [] });
    expect(all.posts()).toEqual([]);
  });

  it('follows the device', async () => {
    await start();
    await enterUsers();
    await all.run('assets');
    const [device, other] = fleet.devices;
    if (device && other) device.lastUser = other.lastUser;
    expect((await all.run('assets')).counts).toMatchObject({ updated: 1, unchanged: 7 });
    expect(userOf(device)).toBe('Person user1');
  });

  it('is left as it is where Halo knows no such user, and the report says so in one line', async () => {
    await start();
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'succeeded', counts: { created: 8, skipped: 0, failed: 0 } });
    expect(run.errors).toEqual([
      {
        item: 'users',
        message: expect.stringMatching(
          /^The last user of 8 devices is not a user of the same client in Halo/,
        ),
      },
    ]);
    expect((await all.run('assets')).requests.halo).toBe(0);
  });

  it('costs no device where the RMM or Halo does not tell its users', async () => {
    await start();
    await enterUsers();
    const refused = { do: 'answer', status: 403, body: { message: 'client has no access' } } as const;
    const fault = all.rmm.faults.add({ match: isState, action: refused });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'succeeded', complete: true, counts: { created: 8, failed: 0 } });
    expect(run.errors[0]?.message).toContain('The devices are synced without');
    fault.remove();
    all.halo.faults.add({ match: ({ path }) => path.toLowerCase() === '/api/users', action: refused });
    const second = await all.run('assets');
    expect(second).toMatchObject({ state: 'succeeded', counts: { unchanged: 8 } });
    expect(second.errors[0]?.message).toContain('Assets keep the users that they have');
  });

  it.each([
    ['refuses it', { do: 'answer', status: 403, body: { message: 'client has no access' } } as const],
    ['fails without a word, as described', { do: 'answer', status: 500, body: '' } as const],
  ])('costs no device where the old API %s, and is asked for once per group then', async (_what, action) => {
    await start({ config: { rmm: { deviceApi: 'v1' } } });
    await enterUsers();
    const fault = all.rmm.faults.add({ match: isState, action });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'succeeded', complete: true, counts: { created: 8, failed: 0 } });
    expect(run.errors).toEqual([
      { item: expect.any(String), message: expect.stringContaining('synced without') },
    ]);
    expect(fault.hits).toBeLessThanOrEqual(3);
  });

  it('is given by the next run where Halo did not show its users', async () => {
    await start();
    await enterUsers();
    const refused = { do: 'answer', status: 403, body: { message: 'no' } } as const;
    const fault = all.halo.faults.add({
      match: ({ path }) => path.toLowerCase() === '/api/users',
      action: refused,
    });
    expect(await all.run('assets')).toMatchObject({ counts: { created: 8 } });
    expect(userOf(fleet.devices[0])).toBeUndefined();
    fault.remove();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { updated: 8 }, errors: [] });
    expect(userOf(fleet.devices[0])).toBe('Person user0');
    expect((await all.run('assets')).requests.halo).toBe(0);
  });

  it('is not asked for where the config does not name it', async () => {
    await start({ user: {} });
    await all.run('assets');
    expect(all.rmm.requests.filter(isState)).toEqual([]);
    expect(all.halo.requests.filter(({ path }) => path.toLowerCase() === '/api/users')).toEqual([]);
  });
});

it('a field may hold the heartbeat, which is asked for only then', async () => {
  const fields = [{ halo: 'Operating System', rmm: 'heartbeat.availability ? "online" : "offline"' }];
  await start({ user: { fields } });
  const [device] = fleet.devices;
  for (const each of fleet.devices) each.online = each !== device;
  await all.run('assets');
  expect(all.rmm.requests.filter(isState).map(({ path }) => path.split('/').at(-1))).toEqual(['heartbeat']);
  const offline = all.halo.state.assets.filter((asset) =>
    asset.fields.some(({ value }) => value === 'offline'),
  );
  expect(offline.map((asset) => asset.inventory_number)).toEqual([device?.name]);
});
