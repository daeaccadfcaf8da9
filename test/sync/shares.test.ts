import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { checkOf, linesOfCheck } from '../support/probes.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const DEFAULT_CLIENT = 'Where the default client is not meant, add rows to sites.mappings.';
const EXPRESSIONS = 'ConnectWise RMM, expressions of the config';
const NAMES = 'ConnectWise RMM, names in the config';

let redis: TestRedis;
let world: Integrator;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => world.close());
afterAll(() => redis.stop());

const fleet = () => makeFleet({ companies: 3, devicesPerCompany: 8, seed: 'shares' });

async function start(options: World = {}): Promise<void> {
  world = await startIntegrator({ redis, rmm: { fleet: fleet() }, ...options });
}

/** What `check` says of one thing: a mark and a message. */
async function say(wanted: 'Sites' | 'Assets' | typeof EXPRESSIONS): Promise<string> {
  const [line = ''] = await linesOfCheck(world.app, new RegExp(`^${wanted}$`));
  return line.replace(`${wanted}: `, '');
}

/** How many devices the RMM has of each type. */
function countTypes(): { server: number; desktop: number; network: number } {
  const { devices } = world.rmm.fleet;
  const of = (type: string) => devices.filter(({ endpointType }) => endpointType === type).length;
  return { server: of('Server'), desktop: of('Desktop'), network: of('NetworkDevice') };
}

describe('check counts the sites', () => {
  it('by how they find their place, alike before and after they were linked', async () => {
    await start({ rmm: {} });
    const first = await say('Sites');
    const told =
      /^! (\d+) mapped \(0 by a row, (\d+) by name\), (\d+) under the default client, 0 unmapped\. Where the /;
    const [, mapped, byName, byDefault] = told.exec(first) ?? [];
    expect(mapped).toBe(byName);
    expect(Number(byName) + Number(byDefault)).toBe(11);
    await world.run('sites');
    expect(await say('Sites')).toBe(first);
  });

  it('those of a row, and those that no client was found for', async () => {
    const rmm = { company: 'Willow Interiors', site: '*' };
    const mappings = [{ rmm, halo: { client: 'Unmapped Customers' } }];
    await start({ rmm: {}, config: { sites: { defaultClient: undefined, mappings } } });
    const { companies, sites } = world.rmm.fleet;
    const known = companies.slice(0, 2).map(({ id }) => id);
    const byName = sites.filter(({ companyId }) => known.includes(companyId)).length;
    const willow = companies.find(({ name }) => name === rmm.company)?.id;
    const byRow = sites.filter(({ companyId }) => companyId === willow).length;
    const none = sites.length - byName - byRow;
    expect([byRow > 0, none > 0]).toEqual([true, true]);
    expect(await say('Sites')).toContain(
      `! ${byRow + byName} mapped (${byRow} by a row, ${byName} by name), 0 under the default client, ${none} unmapped. `,
    );
  });
});

describe('check counts the devices', () => {
  it('by how they come to their asset type, alike before and after the import', async () => {
    await start();
    const { server, desktop, network } = countTypes();
    expect(server + desktop + network).toBe(24);
    const types = [`${desktop} Desktop`, ...(network > 0 ? [`${network} NetworkDevice`] : [])].join(', ');
    const all = `✓ ${server} mapped by a row, ${desktop + network} of the default type (${types}), 0 unmapped`;
    expect(await say('Assets')).toBe(all);
    await world.run('sites');
    await world.run('assets');
    expect(await say('Assets')).toBe(all);
    expect(world.halo.state.assets.length).toBeGreaterThan(0);
  });

  it('apart that the config leaves out', async () => {
    const filter = 'endpointType = "Server"';
    await start({ config: { assets: { ...ASSETS, filter } } });
    const { server } = countTypes();
    expect(await say('Assets')).toBe(
      `✓ ${server} mapped by a row, 0 of the default type, 0 unmapped, ${24 - server} left out by assets.filter`,
    );
  });

  it('that have no place in Halo as unmapped, and their sites, too', async () => {
    await start({ config: { sites: { defaultClient: undefined, matchClientsByName: false } } });
    const sites = world.rmm.fleet.sites.length;
    expect(await say('Sites')).toMatch(
      new RegExp(
        `^! 0 mapped \\(0 by a row, 0 by name\\), 0 under the default client, ${sites} unmapped\\. `,
      ),
    );
    expect(await say('Assets')).toMatch(
      /^! 0 mapped by a row, 0 of the default type, 24 unmapped\. The unmapped /,
    );
  });

  it('of the old device API by its list alone', async () => {
    await start({ config: { rmm: { deviceApi: 'v1' } } });
    const { server } = countTypes();
    world.rmm.requests.length = 0;
    expect(await say('Assets')).toMatch(
      new RegExp(`^✓ ${server} mapped by a row, ${24 - server} of the default type \\(.*\\), 0 unmapped$`),
    );
    const paths = world.rmm.requests.map(({ path }) => path);
    expect(paths.filter((path) => path.includes('/device/'))).toHaveLength(3);
    expect(await say(EXPRESSIONS)).toBe(
      '– not asked, since the old device API lists no fields. "halo-integrator plan assets" tries them.',
    );
  });

  it('of the old device API that an expression fails on, and counts the others all the same', async () => {
    const typeFrom = '(endpointType ~> /Server/) ? endpointType - 1 : endpointType';
    await start({ config: { rmm: { deviceApi: 'v1' }, assets: { ...ASSETS, typeFrom } } });
    const { server } = countTypes();
    const counts = `! 0 mapped by a row, ${24 - server} of the default type .*, 0 unmapped, ${server} failing`;
    expect(await say('Assets')).toMatch(
      new RegExp(`^${counts}\\. An expression of the config fails on them\\. device \\S+: .*\\.$`),
    );
    const [{ counts: told } = {}] = await checkOf(world.app, /^Assets$/);
    const expected = { mapped: 0, default: 24 - server, unmapped: 0, failing: server, leftOut: 0 };
    expect(told).toEqual(expected);
  });

  it('of the old device API not where the list does not tell', async () => {
    await start({ config: { rmm: { deviceApi: 'v1' }, assets: { ...ASSETS, typeFrom: 'system.category' } } });
    expect(await say('Assets')).toBe(
      '– not asked, since with rmm.deviceApi v1, what assets.typeFrom or assets.filter looks at takes a request for each ' +
        'device. "halo-integrator plan assets" counts them.',
    );
  });

  it('that can be listed, where the RMM does not show those of a company', async () => {
    await start({ config: { rmm: { companiesPerRequest: 1 } } });
    const [company] = world.rmm.fleet.companies;
    const match = ({ body }: { body: unknown }) => JSON.stringify(body).includes(company?.id ?? 'no company');
    world.rmm.faults.add({ match, action: { do: 'answer', status: 400, body: { message: 'no' } } });
    expect(await say('Assets')).toMatch(
      /^! \d+ mapped by a row, \d+ of the default type \(.*\), 0 unmapped\. Not every device could be listed, /,
    );
  });
});

describe('check names what of the config fits nothing in ConnectWise RMM', () => {
  it('companies, sites and fields', async () => {
    const mappings = [{ rmm: { company: 'Harbour Dental', site: '*' }, halo: { client: 1 } }];
    await start({
      config: {
        companies: { exclude: ['Ackme*'] },
        sites: { defaultClient: 'Unmapped Customers', mappings },
        assets: { ...ASSETS, fields: [{ halo: 'Serial Number', rmm: 'bios.serialnumber' }] },
      },
    });
    expect(await say('Sites')).toContain(DEFAULT_CLIENT);
    expect(await linesOfCheck(world.app, new RegExp(`${NAMES}|${EXPRESSIONS}`))).toEqual([
      '✓ ConnectWise RMM, companies.include[0]: "*" fits 3 companies',
      '! ConnectWise RMM, companies.exclude[0]: "Ackme*" fits no company of ConnectWise RMM.',
      '! ConnectWise RMM, sites.mappings[0]: "Harbour Dental / *" fits no site of ConnectWise RMM. Did you mean "Harbor Dental / *"?',
      '! ConnectWise RMM, assets.fields[0].rmm: (bios.serialnumber) gave no value for any of 24 devices. Is it spelled as the RMM spells it?',
    ]);
  });

  it('nothing, where all fits', async () => {
    await start({ config: { companies: { include: ['Harbor Dental', '*'] } } });
    const [harbor] = world.rmm.fleet.companies;
    expect(await linesOfCheck(world.app, new RegExp(`${NAMES}|${EXPRESSIONS}`))).toEqual([
      `✓ ConnectWise RMM, companies.include[0]: "Harbor Dental" is the company ${harbor?.id}`,
      '✓ ConnectWise RMM, companies.include[1]: "*" fits 3 companies',
      '✓ ConnectWise RMM, expressions of the config: each gives a value for some device, or there are too few devices to tell',
    ]);
  });
});

const ASSETS = { defaultType: 'Workstation', typeMappings: [{ rmm: 'Server', halo: 'Server' }] };
