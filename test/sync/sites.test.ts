import { afterEach, describe, expect, it } from 'vitest';
import { addCompany, type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let integrator: Integrator | undefined;

async function start(world: World = {}): Promise<Integrator> {
  integrator = await startIntegrator(world);
  return integrator;
}

afterEach(async () => {
  await integrator?.close();
  integrator = undefined;
});

function emptyFleet(): Fleet {
  return makeFleet({ companies: 0, devicesPerCompany: 0, seed: 1 });
}

/** The sites of Halo as "client / site", less those that Halo makes with each client. */
function haloSites({ halo }: Integrator): string[] {
  const mains = new Set(halo.state.clients.map((client) => client.main_site_id));
  const ours = halo.state.sites.filter((site) => !mains.has(site.id));
  return ours
    .map((site) => `${halo.state.clients.find(({ id }) => id === site.client_id)?.name} / ${site.name}`)
    .sort();
}

describe('a site run', () => {
  it('puts sites under the client of the same name, else under the default client by company and site', async () => {
    const fleet = emptyFleet();
    addCompany(fleet, 'harbor dental', ['Clinic']);
    addCompany(fleet, 'Blue Fern', ['Main office']);
    addCompany(fleet, 'Red Oak', ['Main office']);
    const all = await start({ rmm: { fleet } });
    expect(await all.run('sites')).toMatchObject({ state: 'succeeded', counts: { created: 3 } });
    expect(haloSites(all)).toEqual([
      'Harbor Dental / Clinic',
      'Harbor Dental / Main office',
      'Unmapped Customers / Blue Fern - Main office',
      'Unmapped Customers / Red Oak - Main office',
    ]);
  });

  it('does not match clients by name where that is switched off', async () => {
    const fleet = emptyFleet();
    addCompany(fleet, 'Harbor Dental', ['Clinic']);
    const all = await start({ rmm: { fleet }, config: { sites: { matchClientsByName: false } } });
    await all.run('sites');
    expect(haloSites(all)).toContain('Unmapped Customers / Harbor Dental - Clinic');
  });

  it('follows mapping rows, by name, and leaves the name of a mapped site as it is', async () => {
    const fleet = emptyFleet();
    addCompany(fleet, 'Blue Fern', ['Main office', 'Warehouse']);
    const mappings = [
      { rmm: { company: 'Blue Fern', site: '*' }, halo: { client: 'Harbor Dental' } },
      { rmm: { company: 'blue fern', site: 'Main office' }, halo: { client: 'Harbor Dental', site: 'Main' } },
    ];
    const all = await start({ rmm: { fleet }, config: { sites: { mappings } } });
    const run = await all.run('sites');
    expect(run).toMatchObject({ state: 'succeeded', counts: { created: 1, unchanged: 1 } });
    expect(haloSites(all)).toEqual(['Harbor Dental / Main office', 'Harbor Dental / Warehouse']);
    const links = [...(await all.app.links.sites.all()).values()].map((link) => link.haloId);
    const client = all.halo.state.clients.find(({ name }) => name === 'Harbor Dental');
    expect(links).toContain(client?.main_site_id);
  });

  it('leaves companies out as the config says', async () => {
    const fleet = emptyFleet();
    addCompany(fleet, 'Blue Fern', ['Main office']);
    addCompany(fleet, 'Test Company', ['Main office']);
    const all = await start({ rmm: { fleet }, config: { companies: { exclude: ['test*'] } } });
    expect((await all.run('sites')).counts).toMatchObject({ read: 1, created: 1 });
  });

  it('renames a site that was renamed, and moves none when its company is renamed', async () => {
    const fleet = emptyFleet();
    const { company, sites } = addCompany(fleet, 'Harbor Dental', ['Clinic']);
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    const [site] = sites;
    if (site) site.name = 'Surgery';
    expect((await all.run('sites')).counts).toMatchObject({ updated: 1 });
    company.name = 'Harbor Dental Inc.';
    expect((await all.run('sites')).counts).toMatchObject({ moved: 0, updated: 0, unchanged: 1 });
    expect(haloSites(all)).toContain('Harbor Dental / Surgery');
  });

  it('reports sites that have no client where there is no default client', async () => {
    const fleet = emptyFleet();
    const { sites } = addCompany(fleet, 'Blue Fern', ['Main office']);
    const all = await start({ rmm: { fleet }, config: { sites: { defaultClient: undefined } } });
    const run = await all.run('sites');
    expect(run).toMatchObject({ state: 'succeeded', counts: { created: 0, skipped: 1 } });
    expect(run.errors).toEqual([
      { item: sites[0]?.id, message: expect.stringContaining('sites.defaultClient') },
    ]);
  });

  it('writes the properties that the config names', async () => {
    const fleet = emptyFleet();
    addCompany(fleet, 'Blue Fern', ['Main office']);
    const all = await start({
      rmm: { fleet },
      config: {
        sites: { fields: { phonenumber: 'primaryPhoneNumber.nationalNumber', notes: '"RMM " & id' } },
      },
    });
    await all.run('sites');
    const site = all.halo.state.sites.find(({ name }) => name === 'Blue Fern - Main office');
    expect(site?.notes).toBe(`RMM ${fleet.sites[0]?.id}`);
    expect((await all.run('sites')).requests.halo).toBe(0);
  });
});
