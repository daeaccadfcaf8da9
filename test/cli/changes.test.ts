import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { runCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;
beforeEach(async () => {
  world = await startIntegrator({
    rmm: { fleet: makeFleet({ companies: 2, devicesPerCompany: 3, seed: 'changes' }) },
  });
});
afterEach(() => world.close());

const changes = (...words: string[]) => runCommand(['changes', ...words, '--config', world.configPath]);

it('shows what runs did, to which item of which company, and why', async () => {
  const { rmm, halo, run } = world;
  expect((await changes()).stdout).toBe('No run has changed anything yet.\n');
  await run('sites');
  const { id } = await run('assets');
  const [device] = rmm.fleet.devices;
  const [company] = rmm.fleet.companies;
  if (!device || !company) throw new Error('The fleet is empty');
  const was = device.name;
  device.name = '\u001b[31mRENAMED\u202e-\u009b1m1';
  await run('assets');

  const asset = halo.state.assets.find(({ connectwisermm_id: rmmId }) => rmmId === device.id);
  const { stdout, code } = await changes('update', company.name);
  expect(stdout).toMatch(
    new RegExp(
      `\\n(<1|\\d+) s ago \\(\\S+Z\\) +update +.*RENAMED-1 +${company.name} +${asset?.id} +.*tag: ${was} → RENAMED-1`,
    ),
  );
  expect(stdout).not.toContain('\u001b');
  expect(code).toBe(0);

  const made = JSON.parse((await changes(id, '--json')).stdout);
  expect(made).toHaveLength(6);
  expect(made[0]).toMatchObject({ run: id, action: 'create', at: expect.stringMatching(/^20.*Z$/) });
  // What is shown is what can be found, and what another program reads stays as it is.
  const found = await changes('renamed-1', '--json');
  expect(JSON.parse(found.stdout)[0]).toMatchObject({ name: device.name });
  expect(found.stdout).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  expect((await changes('nobody knows this')).stdout).toBe('No change fits that.\n');
});
