import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { hasTerminal, runCommand, runInShell, startInTerminal, withoutColours } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let world: Integrator;
beforeAll(async () => {
  const fleet = makeFleet({ companies: 10, devicesPerCompany: 40, seed: 'plan' });
  const quirks = { rateLimit: { requests: 100_000, windowMs: 300_000 } };
  world = await startIntegrator({ rmm: { fleet, quirks }, halo: { quirks } });
});
afterAll(() => world.close());

const plan = (args: string, env?: Record<string, string>) =>
  runCommand(['plan', ...args.split(' '), '--config', world.configPath], env);

describe('plan', () => {
  it('shows a row for each change, unbroken in a pipe, and writes nothing to Halo nor to Redis', async () => {
    const { code, stdout, stderr } = await plan('sites');
    const rows = stdout.split('\n').filter((line) => /^(create|link) /.test(line));
    expect(rows).toHaveLength(world.rmm.fleet.sites.length);
    expect(rows.filter((row) => row.includes('new under Unmapped Customers')).length).toBeGreaterThan(5);
    expect(stdout).toMatch(/Plan for sites: \d+ read: \d+ to create, 1 unchanged\.\n$/);
    expect(stdout).toContain(
      '! Lakeside Legal has no client in Halo: 2 sites would go under the default client',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

    expect(world.posts()).toEqual([]);
    const keys = await world.app.redis.client.keys(`*${world.redis.prefix}*`);
    expect(keys.filter((key) => !/:(gate|token):|:probe$|:bull:\w+:meta$/.test(key))).toEqual([]);
  });

  it('prints one JSON document, and exits 4 for changes where that was asked for', async () => {
    const { code, stdout } = await plan('sites --json --detailed-exitcode');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: 'sites', guard: null });
    for (const warning of report.warnings)
      expect(warning).toMatch(/ has no client in Halo: \d sites? would go /);
    expect(report.warnings.length).toBeGreaterThan(1);
    expect(report.counts).toMatchObject({ read: world.rmm.fleet.sites.length, failed: 0 });
    expect(Object.keys(report.changes[0]).sort()).toEqual(
      ['action', 'after', 'before', 'haloId', 'name', 'reason', 'rmmId'].sort(),
    );
    expect(code).toBe(4);
  });

  it('exits 0 where there are no changes, though --detailed-exitcode was given', async () => {
    await world.run('sites');
    const { code, stdout } = await plan('sites --detailed-exitcode');
    expect(stdout).toMatch(/^Plan for sites: (\d+) read: \1 unchanged\.\n$/);
    expect(code).toBe(0);
  });

  it('is told whole to a slow reader, however long it is', async () => {
    const { code, stdout } = await runInShell('"$@" | (sleep 1; cat)', [
      'plan',
      'assets',
      '--json',
      '--config',
      world.configPath,
    ]);
    expect(stdout.length).toBeGreaterThan(100_000);
    expect(JSON.parse(stdout).changes).toHaveLength(400);
    expect(code).toBe(0);
  });

  it('does not complain of a reader that has seen enough', async () => {
    const { stdout, stderr } = await runInShell('"$@" | head -n 1', [
      'plan',
      'assets',
      '--config',
      world.configPath,
    ]);
    expect(stdout).toMatch(/^ACTION +NAME +HALO +WHY AND WHAT\n$/);
    expect(stderr).toBe('');
  });

  it.skipIf(!hasTerminal).each([80, 120])('fits into a terminal of %i columns', async (columns) => {
    const terminal = startInTerminal(['plan', 'assets', '--config', world.configPath], columns);
    const { stdout } = await terminal.end();
    const lines = withoutColours(stdout).split('\r\n');
    expect(lines.length).toBeGreaterThan(700);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });
});

describe('plan of what cannot be planned', () => {
  let other: Integrator | undefined;
  afterEach(() => other?.close());

  const planOther = async (args: string, options: World, env?: Record<string, string>) => {
    other = await startIntegrator(options);
    return runCommand(['plan', args, '--config', other.configPath], env);
  };

  it('names each client and type that Halo does not have, and exits 2', async () => {
    const { code, stdout, stderr } = await planOther('sites', {
      config: { sites: { defaultClient: 'Nobody' }, assets: { defaultType: 'Toaster' } },
    });
    const [client, type, ...more] = stderr.trim().split('\n');
    expect(client).toMatch(/^- sites\.defaultClient: Halo has no client called "Nobody"\./);
    expect(type).toMatch(/^- assets\.defaultType: Halo has no asset type called "Toaster"\./);
    expect({ code, stdout, more }).toEqual({ code: 2, stdout: '', more: [] });
  });

  it.each([
    {
      variable: 'HALO_CLIENT_SECRET',
      said: 'Halo refused the sign-in (401: invalid_client: The specified client',
    },
    { variable: 'RMM_CLIENT_SECRET', said: 'ConnectWise RMM refused the sign-in (401: invalid_client)' },
  ])('says in one sentence which side refused $variable', async ({ variable, said }) => {
    const { stderr, ...rest } = await planOther('sites', {}, { [variable]: 'not-the-secret' });
    expect(stderr).toContain(said);
    expect(stderr).toContain(variable);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(rest).toEqual({ stdout: '', code: 1 });
  });

  it('shows the rest, and exits 1, where some companies cannot be listed', async () => {
    const fault = world.rmm.faults.add({
      match: ({ path, body }) =>
        path.endsWith('/endpoints') && JSON.stringify(body).includes(world.rmm.fleet.companies[0]?.id ?? '-'),
      action: { do: 'answer', status: 403, body: { error: 'no such luck' } },
    });
    const { code, stdout } = await plan('assets');
    fault.remove();
    expect(stdout).toMatch(/^! .*no such luck/m);
    expect(stdout).toMatch(/Plan for assets: \d+ read: \d+ to create, 1 failed\./);
    expect(code).toBe(1);
  });
});
