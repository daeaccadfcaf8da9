import { afterEach, expect, it } from 'vitest';
import { addClient } from '../../src/demo/halo-rows.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let all: Integrator;

afterEach(() => all.close());

const assets = { defaultType: 'Workstation', matching: undefined, typeMappings: [], fields: [] };

it('names every unknown and every ambiguous name at once', async () => {
  all = await startIntegrator({
    config: {
      sites: {
        defaultClient: 'Nobody',
        mappings: [
          { rmm: { company: 'Blue Fern', site: '*' }, halo: { client: 'Harbor Dental', site: 'Attic' } },
          { rmm: { company: 'Cedar', site: '*' }, halo: { client: 'Cedar Ridge Logistics', site: 'Attic' } },
        ],
      },
      assets: { ...assets, defaultType: 'Workstatoin', fields: [{ halo: 'Colour', rmm: 'os.product' }] },
    },
  });
  addClient(all.halo.state, { name: 'Harbor Dental' });
  const error = await all.app.rules(all.app.halo).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    mistakes: [
      expect.stringMatching(
        /^sites\.mappings\[0\]\.halo\.client: Halo has several clients called "Harbor Dental"/,
      ),
      expect.stringMatching(
        /^sites\.mappings\[1\]\.halo\.site: Halo has no site of that client called "Attic"/,
      ),
      expect.stringMatching(/^sites\.defaultClient: Halo has no client called "Nobody"/),
      'assets.defaultType: Halo has no asset type called "Workstatoin". Did you mean "Workstation"?',
      expect.stringMatching(
        /^assets\.fields\[0\]\.halo: Halo has no asset field called "Colour"\. It has: Device Name, /,
      ),
    ],
  });
});

it('takes ids as they are, and reads only the lists that the config needs', async () => {
  all = await startIntegrator({
    config: { sites: { defaultClient: 1 }, assets: { ...assets, defaultType: 1 } },
  });
  expect((await all.app.rules(all.app.halo)).assets.defaultTypeId).toBe(1);
  const paths = all.halo.requests
    .map(({ path }) => path.toLowerCase())
    .filter((path) => path.startsWith('/api/'));
  expect(paths).toEqual(['/api/assettype']);
});

it('tries again after Halo was away', async () => {
  all = await startIntegrator({});
  all.halo.faults.add({ match: ({ path }) => path.startsWith('/api'), times: 3, action: { do: 'hangUp' } });
  await expect(all.app.rules(all.app.halo)).rejects.toThrow(/Halo/);
  expect((await all.app.rules(all.app.halo)).assets.typeNames.size).toBeGreaterThan(0);
});

it('counts what it costs Halo into the run that first needs it', async () => {
  all = await startIntegrator({});
  const apiRequests = () => all.halo.requests.filter(({ path }) => !path.endsWith('/token')).length;
  const first = await all.run('sites');
  expect(first.requests.halo).toBe(apiRequests());
  const second = await all.run('assets');
  expect(first.requests.halo + second.requests.halo).toBe(apiRequests());
});
