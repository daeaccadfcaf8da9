import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasTerminal,
  runCommand,
  startCommand,
  startInTerminal,
  withoutColours,
} from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;
beforeAll(async () => {
  world = await startIntegrator({
    config: { schedules: { sites: '90m', assets: '0 6 * * *' }, log: { level: 'info' } },
  });
});
afterAll(() => world.close());

const status = (...args: string[]) => runCommand(['status', ...args, '--config', world.configPath]);

const away = () => ({ sinceMs: Date.now() - 5 * 60_000, why: 'Halo answered 503: Not now.' });

describe('status', () => {
  it('says that no daemon is up, what the schedules are, and which side does not answer', async () => {
    world.app.absences.note('Halo', 'bulk', away());
    const { code, stdout, stderr } = await status();
    expect(stdout).toMatch(/^Daemons {3}none is up, so nothing runs by schedule/);
    expect(stdout).toMatch(/^sites +every 90 min +- +- +-$/m);
    expect(stdout).toMatch(/^assets +0 6 \* \* \* +- +- +-$/m);
    expect(stdout).toMatch(/^Limit +rmm: 0 of 100000 requests used$/m);
    expect(stdout).toMatch(
      /^! Halo has not answered since \d\d:\d\d UTC \(5 min\): runs wait\. Halo answered 503: Not now\.$/m,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('shows the last error until a later run has succeeded', async () => {
    const fault = world.rmm.faults.add({
      match: ({ path }) => path.includes('/companies'),
      action: { do: 'answer', status: 403, body: { error: 'the key is frozen' } },
    });
    const failed = await world.run('sites');
    world.app.absences.note('ConnectWise RMM', 'bulk', away());
    const { schedules, away: told } = JSON.parse((await status('--json')).stdout);
    const [before] = schedules;
    expect(told).toMatchObject([{ api: 'ConnectWise RMM', waiting: ['runs'], since: expect.any(String) }]);
    expect(before).toMatchObject({ kind: 'sites', lastSuccess: null, lastError: { run: failed.id } });
    expect(before.lastError.message).toContain('the key is frozen');
    expect((await status()).stdout).toMatch(
      new RegExp(`^sites .* ago \\(\\S+Z\\): .*the key is frozen.*${failed.id}`, 'm'),
    );

    world.app.absences.note('ConnectWise RMM', 'bulk', null);
    fault.remove();
    const done = await world.run('sites');
    const after = JSON.parse((await status('--json')).stdout).schedules[0];
    expect(after).toMatchObject({ lastSuccess: done.finishedAt, lastError: null });
  });

  it.skipIf(!hasTerminal)('shows each schedule in a block of its own where a table has no room', async () => {
    const { stdout } = await startInTerminal(['status', '--config', world.configPath], 40).end();
    expect(stdout).toContain('\u001b[33mnone is up, so nothing runs');
    const lines = withoutColours(stdout).split('\r\n');
    const [kind, ...block] = lines.slice(lines.indexOf('sites'));
    expect([kind, ...block.slice(0, 2)]).toEqual([
      'sites',
      '  SCHEDULE every 90 min',
      expect.stringMatching(/^ {2}LAST SUCCESS (<1|\d+) s ago \(\S+Z\)$/),
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('names the daemons and the next run of each schedule', async () => {
    const daemon = startCommand(['start', '--config', world.configPath]);
    await daemon.says('Schedules set');
    const { stdout } = await status();
    daemon.child.kill('SIGTERM');
    await daemon.end();
    expect(stdout).toMatch(new RegExp(`^Daemons {3}\\S+/${daemon.child.pid}$`, 'm'));
    expect(stdout).toMatch(/^sites +every 90 min +(in \d+ min \(\S+Z\)|running now) /m);
    expect(stdout).toMatch(/^assets +0 6 \* \* \* +in \d+ (h|min) \(\S+Z\) /m);
  });
});
