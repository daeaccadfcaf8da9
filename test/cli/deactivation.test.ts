import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { requestRun } from '../../src/queue/request.js';
import { runCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;

/** Two companies with twelve devices each, imported; the grace is two runs, however close together. */
beforeEach(async () => {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 12, seed: 'gone' });
  world = await startIntegrator({
    rmm: { fleet },
    config: { deactivation: { missingRuns: 2, missingFor: '0s' } },
  });
  await world.run('sites');
  await world.run('assets');
});
afterEach(() => world.close());

const command = (...args: string[]) => runCommand([...args, '--config', world.configPath]);

/** The RMM forgets so many devices, and two runs miss them. */
async function retire(count: number): Promise<void> {
  world.rmm.fleet.devices.splice(0, count);
  await world.run('assets');
  await world.run('assets');
}

const inactive = () => world.halo.state.assets.filter((asset) => asset.inactive).length;

describe('deactivation at the command line', () => {
  it('is planned with each asset, when it was last seen and how often missed, and then done', async () => {
    const [gone] = world.rmm.fleet.devices;
    await retire(1);
    const planned = await command('plan', 'deactivation', '--detailed-exitcode');
    expect(planned.stdout).toMatch(
      new RegExp(
        `^deactivate +Harbor Dental / ${gone?.name} +\\d+ +gone from ConnectWise RMM: last listed 20\\d\\d-\\d\\d-\\d\\d ` +
          'pp:pp UTC, then missing in 2 complete runs\\. inactive: no → yes$'.replace(
            'pp:pp',
            '\\d\\d:\\d\\d',
          ),
        'm',
      ),
    );
    expect(planned.stdout).toMatch(/Plan for deactivation: 1 read: 1 to deactivate\.\n$/);
    expect(planned.code).toBe(4);
    expect(inactive()).toBe(0);
    const done = await command('run', 'deactivation');
    expect(done.stdout).toMatch(
      /succeeded\.\n {2}1 read: 1 deactivated\n {2}Requests: 0 to ConnectWise RMM, 2 to Halo\.\n$/,
    );
    expect(done.code).toBe(0);
    expect(inactive()).toBe(1);
  });

  it('lists those that are in their grace, which status counts', async () => {
    world.rmm.fleet.devices.splice(0, 1);
    await world.run('assets');
    const { stdout, code } = await command('plan', 'deactivation');
    expect(stdout).toContain('still in its grace');
    expect(stdout).toContain('missing in 1 complete run of 2');
    expect(code).toBe(0);
    const status = await command('status');
    expect(status.stdout).toMatch(/^Missing {3}1 device, 0 of them past their grace$/m);
    expect(JSON.parse((await command('status', '--json')).stdout).missing).toEqual({
      devices: 1,
      graceOver: 0,
      refusal: null,
    });
  });

  it('is refused over a limit, exits 3, says how to lift it, stands in status, and is lifted by --force', async () => {
    await retire(4);
    for (const args of [['plan'], ['run'], ['run', '--json']]) {
      const [verb = '', ...options] = args;
      const { stdout, code } = await command(verb, 'deactivation', ...options);
      expect(code).toBe(3);
      expect(stdout).toContain('4 of 12 (33 %) of the linked assets of Harbor Dental');
      expect(stdout).toContain('deactivation.maxPercent is 10');
      expect(stdout).toContain('halo-integrator run deactivation --force');
    }
    expect(inactive()).toBe(0);
    const status = await command('status');
    expect(status.stdout).toMatch(/^! The sweep is refused since .*deactivation\.maxPercent.*\n\nRUN /m);
    expect(status.stdout.match(/Nothing at all was deactivated/g)).toHaveLength(1);
    expect(status.stdout).toMatch(/^deactivation .* refused, see above \(deactivation-/m);
    const forced = await command('run', 'deactivation', '--force');
    expect(forced).toMatchObject({ code: 0, stdout: expect.stringContaining('4 deactivated') });
    expect(inactive()).toBe(4);
    expect((await command('status')).stdout).not.toContain('refused since');
  });

  it('does not join with --force a sweep that was asked for without', async () => {
    const { runId } = await requestRun(
      world.app.queues,
      { kind: 'deactivation', trigger: 'schedule', force: false },
      world.app.retry,
    );
    const { code, stderr } = await command('run', 'deactivation', '--force');
    expect(stderr).toContain(`Run ${runId} was asked for without --force, and has not ended.`);
    expect(code).toBe(1);
  });
});
