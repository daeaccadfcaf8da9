import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDaemons } from '../../src/queue/follow.js';
import { type Command, runCommand, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

let world: Integrator;
let daemon: Command | undefined;
beforeEach(async () => {
  world = await startIntegrator({
    config: { schedules: { sites: 'off', assets: 'off' }, log: { level: 'info' } },
  });
});
afterEach(async () => {
  daemon?.child.kill('SIGTERM');
  await daemon?.end();
  daemon = undefined;
  await world.close();
});

const run = (args: string, env?: Record<string, string>) =>
  runCommand(['run', ...args.split(' '), '--config', world.configPath], env);

async function startDaemon(): Promise<void> {
  daemon = startCommand(['start', '--config', world.configPath]);
  await waitFor(async () => (await listDaemons(world.app.queues)).length > 0, { timeoutMs: 15_000 });
}

describe('run where no daemon is up', () => {
  it('works the run in this process and prints its report', async () => {
    const { code, stdout, stderr } = await run('sites');
    expect(stdout).toMatch(
      /^Run sites-\S+ succeeded\.\n {2}11 read: 10 created, 1 unchanged\n {2}Requests: 2 to ConnectWise RMM, \d+ to Halo\.\n$/,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('names each item that Halo refused, once, and exits 1', async () => {
    refuseSites(/Warehouse/);
    const { code, stdout, stderr } = await run('sites');
    expect(stdout).toMatch(/^Run sites-\S+ partial\.\n {2}11 read: 6 created, 1 unchanged, 4 failed\n/);
    const refused = stdout.match(/^ {2}! .* \/ Warehouse: .*the name is not allowed.*$/gm);
    expect(new Set(refused)).toHaveLength(4);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('prints one JSON document in the shape that other programs rely on', async () => {
    refuseSites(/Warehouse/);
    const { code, stdout } = await run('sites --json');
    const record = JSON.parse(stdout);
    expect(Object.keys(record).sort()).toEqual(
      [
        'complete',
        'counts',
        'errors',
        'finishedAt',
        'id',
        'kind',
        'requests',
        'startedAt',
        'state',
        'trigger',
      ].sort(),
    );
    expect(record).toMatchObject({
      kind: 'sites',
      state: 'partial',
      trigger: 'command line',
      complete: true,
      counts: { read: 11, created: 6, updated: 0, unchanged: 1, moved: 0, failed: 4 },
      requests: { rmm: 2 },
    });
    expect(record.errors).toHaveLength(4);
    expect(record.errors[0]).toEqual({ item: expect.any(String), message: expect.any(String) });
    expect(code).toBe(1);
  });

  it('makes no run where the config names what Halo does not have, and exits 2', async () => {
    await world.close();
    world = await startIntegrator({ config: { assets: { defaultType: 'Toaster' } } });
    const { code, stdout, stderr } = await run('assets');
    expect(stderr).toMatch(/^- assets\.defaultType: Halo has no asset type called "Toaster"\./);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await world.app.runs.list(10)).toEqual([]);
  });

  it('exits 1 with the sentence of the side that refused the sign-in', async () => {
    const { code, stdout } = await run('sites', { RMM_CLIENT_SECRET: 'not-the-secret' });
    expect(stdout).toMatch(/^Run sites-\S+ failed\./);
    expect(stdout).toMatch(/ {2}! .*ConnectWise RMM refused the sign-in \(401: invalid_client\)\./);
    expect(code).toBe(1);
  });
});

describe('run where a daemon is up', () => {
  it('leaves the run to it and says how to follow it, or waits for its end', async () => {
    await startDaemon();
    const left = await run('sites --json');
    expect(left.code).toBe(0);
    expect(JSON.parse(left.stdout)).toEqual({ id: expect.stringMatching(/^sites-/), joined: false });
    const { code, stdout } = await run('assets --wait');
    expect(stdout).toMatch(/^Run assets-\S+ succeeded\./);
    expect(code).toBe(0);
    const told = await run('sites');
    expect(told.stdout).toMatch(
      /^Run (sites-\S+) is queued\. See how it goes:\n {2}halo-integrator runs \1 --config \S+\n$/,
    );
    const logged = daemon?.output() ?? '';
    expect(logged).toMatch(/Run assets-\S+ succeeded/);
  });
});

function refuseSites(name: RegExp): void {
  world.halo.faults.add({
    match: ({ method, path, body }) =>
      method === 'POST' && /\/site$/i.test(path) && name.test(JSON.stringify(body)),
    action: { do: 'answer', status: 400, body: { message: 'the name is not allowed' } },
  });
}
