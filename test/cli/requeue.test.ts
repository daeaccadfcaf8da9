import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import { alertsConfig, TOKEN, untilSettled } from '../alerts/support.js';
import { runCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;
let daemon: Daemon;
beforeEach(async () => {
  world = await startIntegrator({ config: alertsConfig() });
  daemon = await startDaemon(world.app);
});
afterEach(async () => {
  await daemon.stop('the test is over');
  await world.close();
});

const requeue = (...args: string[]) => runCommand(['requeue', ...args, '--config', world.configPath]);
const seeHow = (...calls: string[]) =>
  `See how it goes:\n${calls.map((call) => `  halo-integrator ${call} --config ${world.configPath}\n`).join('')}`;
const status = (...args: string[]) => runCommand(['status', ...args, '--config', world.configPath]);

/** An alert that Halo refuses in whatever form. @returns its id. */
async function deadAlert(summary: string): Promise<string> {
  world.halo.quirks.requiredTicketProperty = 'category_1';
  const query = new URLSearchParams({ token: TOKEN, summary, deviceName: summary });
  const answer = await fetch(`${daemon.webhookUrl}/api/notify/connectwisermm?${query}`);
  const { alertId } = JSON.parse(await answer.text());
  await untilSettled(world);
  return alertId;
}

function mendHalo(): void {
  world.halo.quirks.requiredTicketProperty = null;
}

async function metrics(): Promise<string> {
  return (await fetch(`${daemon.adminUrl}/metrics`)).text();
}

const summaries = () => world.halo.state.tickets.map(({ summary }) => summary).sort();

describe('an alert that Halo refuses', () => {
  it('is shown as given up, and becomes a ticket once it is put back', async () => {
    const id = await deadAlert('Disk full');
    expect((await status()).stdout).toMatch(
      /^! 1 alert given up\. It has no ticket: .* halo-integrator requeue --all --queue alerts$/m,
    );
    expect(JSON.parse((await status('--json')).stdout).queues.alerts).toMatchObject({ failed: 1 });
    expect(await metrics()).toContain('halo_integrator_dead_alerts 1\n');
    expect(await metrics()).toContain('halo_integrator_alerts_handled{outcome="ticket"} 0\n');
    expect(summaries()).toEqual([]);

    mendHalo();
    const { code, stdout, stderr } = await requeue(id);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${id} is put back.\n${seeHow(`jobs show ${id}`)}`,
      stderr: '',
    });
    await untilSettled(world);
    expect(summaries()).toEqual(['Disk full']);
    expect((await status()).stdout).not.toContain('given up');
    expect(await metrics()).toContain('halo_integrator_dead_alerts 0\n');
    expect(await metrics()).toContain('halo_integrator_alerts_handled{outcome="ticket"} 1\n');
  });

  it('dies again with fresh attempts where Halo has not been mended, and can be put back again', async () => {
    const id = await deadAlert('Disk full');
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await requeue(id, '--wait');
      expect(stdout).toMatch(new RegExp(`^${id} is put back\\.\n${id} has failed again: .*category_1.*\n$`));
      expect(code).toBe(1);
      const job = await world.app.queues.alerts.getJob(id);
      expect({ state: await job?.getState(), attempts: job?.attemptsMade }).toEqual({
        state: 'failed',
        attempts: 1,
      });
    }
  });

  it('is put back with all others', async () => {
    const ids = [await deadAlert('Disk full'), await deadAlert('Fan broken')];
    mendHalo();
    const { code, stdout } = await requeue('--all', '--json');
    expect(JSON.parse(stdout)).toEqual(ids.map((id) => ({ id, queue: 'alerts', result: 'put back' })));
    expect(code).toBe(0);
    await untilSettled(world);
    expect(summaries()).toEqual(['Disk full', 'Fan broken']);
    const nothing = await requeue('--all');
    expect([nothing.code, nothing.stdout]).toEqual([0, 'Nothing has failed.\n']);
  });

  it('is put back with those of its queue only, and runs with those of theirs', async () => {
    const id = await deadAlert('Disk full');
    const fault = world.rmm.faults.add({
      match: ({ path }) => path.includes('/companies'),
      action: { do: 'answer', status: 403, body: { error: 'the key is frozen' } },
    });
    const run = await world.run('sites');
    mendHalo();
    fault.remove();
    expect((await requeue('--all', '--queue', 'alerts')).stdout).toBe(
      `${id} is put back.\n${seeHow(`jobs show ${id}`)}`,
    );
    const { code, stdout } = await requeue('--all', '--queue', 'runs', '--wait');
    expect(stdout).toMatch(
      new RegExp(
        `^${run.id} \\(failed, 1 item failed\\): run (sites-\\S+) is queued, and does its work again\\.\nRun \\1 succeeded\\.\n`,
      ),
    );
    expect(code).toBe(0);
  });
});

describe('requeue', () => {
  it('says what it did not find and what has not failed, puts back the rest, and exits 1', async () => {
    const dead = await deadAlert('Disk full');
    mendHalo();
    const answer = await fetch(`${daemon.webhookUrl}/api/notify/connectwisermm?token=${TOKEN}&id=a`);
    const { alertId: done } = JSON.parse(await answer.text());
    await untilSettled(world);
    const { code, stdout, stderr } = await requeue('alert-nowhere', done, dead, dead);
    expect(stdout).toBe(
      'alert-nowhere was not found: there is no job of that id in the queues runs, tasks, alerts, and no run. ' +
        'See "halo-integrator jobs" and "halo-integrator runs" for the ids.\n' +
        `${done} has not failed: it is completed.\n${dead} is put back.\n${seeHow(`jobs show ${dead}`)}`,
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('puts all back of a run that failed with its tasks, and exits 0', async () => {
    const { app, rmm, halo } = world;
    await world.run('sites');
    rmm.faults.add({
      match: ({ path }) => path.endsWith('/endpoints'),
      action: { do: 'answer', status: 403, body: { error: 'no' } },
    });
    halo.faults.add({
      match: ({ path }) => path.toLowerCase() === '/api/asset',
      action: { do: 'answer', status: 403, body: { error: 'no' } },
    });
    const { id } = await world.run('assets');
    const counts = await Promise.all(
      [app.queues.runs, app.queues.tasks].map((queue) => queue.getJobCountByTypes('failed')),
    );
    expect(counts[1]).toBeGreaterThan(0);
    rmm.faults.clear();
    halo.faults.clear();
    const { code, stdout } = await requeue('--all');
    const [first = '', ...more] = stdout.split('\n');
    const queued =
      /^assets-\S+ \(was given up\): run (assets-\S+) is queued, and does its work again\.$/.exec(first);
    const again = queued?.[1] ?? 'none';
    expect(more.join('\n')).toMatch(
      new RegExp(
        `^(${id}-\\S+ \\(was given up\\): run ${again}, which was queued before, .*\n)+See how it goes:\n`,
      ),
    );
    expect(stdout.match(/^ {2}halo-integrator/gm)).toHaveLength(1);
    expect(code).toBe(0);
    expect(JSON.parse((await status('--json')).stdout).queues).toMatchObject({
      runs: { failed: 0 },
      tasks: { failed: 0 },
    });
  });

  it.each([
    ['an unknown queue', ['--all', '--queue', 'bogus'], 'Allowed choices are runs, tasks, alerts'],
    ['neither a job nor --all', [], 'name the jobs, or give --all'],
    ['both', ['alert-1', '--all'], 'name the jobs, or give --all'],
  ])('exits 2 where it is given %s', async (_, args, said) => {
    const { code, stdout, stderr } = await requeue(...args);
    expect(stderr).toContain(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('requeue where no daemon is up', () => {
  const ITSELF = 'No daemon is up, so this command works them itself.\n';

  it('works an alert itself, and says so where it fails again', async () => {
    const id = await deadAlert('Disk full');
    await daemon.stop('the test stops it');
    const again = await requeue(id);
    expect(again.stdout).toMatch(
      new RegExp(`^${id} is put back\\.\\n${ITSELF}${id} has failed again: .*category_1`),
    );
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 1, stderr: '' });

    mendHalo();
    const { code, stdout } = await requeue(id);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${id} is put back.\n${ITSELF}${id} is done.\n` });
    expect(summaries()).toEqual(['Disk full']);
  });

  it('keeps an alert where alerts are switched off', async () => {
    const id = await deadAlert('Disk full');
    await daemon.stop('the test stops it');
    const config = await readFile(world.configPath, 'utf8');
    await writeFile(world.configPath, config.replace('enabled: true', 'enabled: false'));
    const { code, stdout } = await requeue(id);
    expect(stdout).toBe(
      `${id} is put back.\n${ITSELF}${id} is kept until alerts are switched on (alerts.enabled).\n`,
    );
    expect(code).toBe(0);
  });

  it('works a run anew for a group and for a write that failed', async () => {
    const { app, redis, rmm, halo, run, configPath, close } = await startIntegrator({
      config: { rmm: { companiesPerRequest: 1 } },
    });
    onTestFinished(close);
    await run('sites');
    const [first] = rmm.fleet.companies;
    rmm.faults.add({
      match: ({ path, body }) =>
        path.endsWith('/endpoints') && JSON.stringify(body).includes(first?.id ?? '-'),
      action: { do: 'answer', status: 403, body: { error: 'no' } },
    });
    // Only once there is something to write, nobody may sign in to Halo any more.
    halo.faults.add({
      match: ({ method, path }) => (method === 'POST' && /\/asset$/i.test(path)) || path.endsWith('/token'),
      action: { do: 'answer', status: 401, body: { error: 'no' } },
    });
    const failedRun = await run('assets');
    rmm.faults.clear();
    halo.faults.clear();
    const failed = await app.queues.tasks.getFailed();
    expect(new Set(failed.map(({ data }) => data.task))).toEqual(new Set(['list', 'write']));
    // As if the ten seconds were over in which a sign-in that was refused is not repeated.
    await app.redis.client.del(await app.redis.client.keys(`${redis.prefix}:token:*`));
    const asset = () => halo.state.assets.length;
    expect(asset()).toBe(0);

    const { code, stdout } = await runCommand(['requeue', '--all', '--json', '--config', configPath]);
    const answers: { run?: { id: string; state: string } }[] = JSON.parse(stdout);
    expect(answers.map((each) => each.run?.state)).toEqual(failed.map(() => 'succeeded'));
    expect(new Set(answers.map((each) => each.run?.id)).size).toBe(1);
    expect(answers[0]?.run?.id).not.toBe(failedRun.id);
    expect(code).toBe(0);
    expect(asset()).toBe(rmm.fleet.devices.length);
    expect(await app.queues.tasks.getFailedCount()).toBe(0);
  });
});
