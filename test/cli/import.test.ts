import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  hasTerminal,
  runCommand,
  runWithInput,
  startCommand,
  startInTerminal,
  withoutColours,
} from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

let world: Integrator;
beforeEach(async () => {
  world = await startIntegrator();
});
afterEach(() => world.close());

const args = (...more: string[]) => ['import', 'sites', ...more, '--config', world.configPath];

describe('import', () => {
  it('lists, asks, and leaves Halo alone where the answer is no', async () => {
    const { code, stdout, stderr } = await runWithInput(args(), 'n\n');
    expect(stdout).toMatch(
      /^ACTION .*Plan for sites: 11 read: 10 to create, 1 unchanged\.\nNothing was changed\.\n$/s,
    );
    expect(stderr).toContain('Go ahead with these 11 sites? [y/N]');
    expect(code).toBe(0);
    expect(world.posts()).toEqual([]);
  });

  it('imports where the answer is yes, and sums up', async () => {
    const { code, stdout } = await runWithInput(args(), 'y\n');
    expect(stdout).toMatch(/Run sites-\S+ succeeded\.\n {2}11 read: 10 created, 1 unchanged\n/);
    expect(code).toBe(0);
    expect(await world.app.links.sites.count()).toBe(11);
  });

  it('changes nothing, says so and exits 1 where there is nobody to answer', async () => {
    const { code, stderr } = await runCommand(args());
    expect(stderr).toContain('Nothing was changed. With --yes, import does not ask.');
    expect(code).toBe(1);
    expect(world.posts()).toEqual([]);
  });

  it('asks nothing with --yes, and nothing where there is nothing to do', async () => {
    const first = await runCommand(args('--yes'));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const second = await runCommand(args());
    expect(second).toEqual({ code: 0, stdout: 'Plan for sites: 11 read: 11 unchanged.\n', stderr: '' });
  });

  it('prints the run alone as one JSON document, and wants --yes for that', async () => {
    const { code, stdout } = await runCommand(args('--yes', '--json'));
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'sites',
      state: 'succeeded',
      trigger: 'import',
      complete: true,
      counts: { created: 10 },
      errors: [],
    });
    expect(code).toBe(0);
    expect(await runCommand(args('--json'))).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('import that is interrupted', () => {
  it('says that the run is not lost, and the next run brings it to its end without a duplicate', async () => {
    const slow = world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/site$/i.test(path),
      action: { do: 'delay', ms: 300 },
    });
    const command = startCommand(args('--yes'));
    await waitFor(() => world.posts().length > 0, { timeoutMs: 10_000 });
    command.child.kill('SIGINT');
    const { code, stderr } = await command.end();
    expect(stderr).toMatch(/Run sites-\S+ .*Stopped by SIGINT.* stays queued/);
    expect(code).toBe(1);

    slow.remove();
    await runCommand(['run', 'sites', '--config', world.configPath]);
    await runCommand(['run', 'sites', '--config', world.configPath]);
    const places = world.halo.state.sites.map((site) => `${site.client_id} ${site.name}`);
    expect(new Set(places).size).toBe(places.length);
    expect(await world.app.links.sites.count()).toBe(11);
  });
});

describe.skipIf(!hasTerminal)('import on a terminal', () => {
  it('changes nothing where Ctrl+C answers the question', async () => {
    const terminal = startInTerminal(args(), 80);
    await terminal.says('[y/N]');
    terminal.types('\u0003');
    const { code, stdout } = await terminal.end();
    expect(stdout).toContain('Nothing was changed.');
    expect(code).toBe(1);
    expect(world.posts()).toEqual([]);
  });

  it('shows a progress bar that names the phase and counts what is written', async () => {
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/site$/i.test(path),
      action: { do: 'delay', ms: 400 },
    });
    const terminal = startInTerminal(args(), 80);
    await terminal.says('[y/N]');
    terminal.types('y\r');
    const { code, stdout } = await terminal.end();
    expect(stdout).toMatch(/writing \[[=-]{20}\] [1-9]\/10/);
    expect(withoutColours(stdout)).toMatch(/Run sites-\S+ succeeded\./);
    expect(code).toBe(0);
  });

  it('wipes the bar before a line of the log, and lets it end below that line', async () => {
    await world.close();
    world = await startIntegrator({ config: { log: { level: 'info' } } });
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/site$/i.test(path),
      times: 1,
      action: { do: 'answer', status: 429, headers: { 'retry-after': '1' }, body: 'slow down' },
    });
    const { stdout } = await startInTerminal(args('--yes'), 80).end();
    const logged = stdout.split('\r\u001b[K').filter((part) => part.includes('WARN'));
    expect(logged.length).toBeGreaterThan(0);
    for (const line of logged) {
      expect(line.replace(/\s+/g, ' ')).toMatch(/ Halo answered 429: slow down\. /);
      expect(line).toContain('\r\n\u001b7');
    }
  });
});
