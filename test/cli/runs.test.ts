import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkers } from '../../src/queue/workers.js';
import { hasTerminal, runCommand, startInTerminal, withoutColours } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

let world: Integrator;
beforeAll(async () => {
  world = await startIntegrator();
});
afterAll(() => world.close());

const runs = (...args: string[]) => runCommand(['runs', ...args, '--config', world.configPath]);

describe('runs', () => {
  it('says where there has been none, and gives an empty list as JSON', async () => {
    expect(await runs()).toEqual({ code: 0, stdout: 'There has been no run yet.\n', stderr: '' });
    expect(JSON.parse((await runs('--json')).stdout)).toEqual([]);
  });

  it('lists the newest first, each with its counts, and shows one of them with every item', async () => {
    const sites = await world.run('sites');
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/asset$/i.test(path),
      action: { do: 'answer', status: 400, body: { message: 'tag must be unique' } },
    });
    const assets = await world.run('assets');

    const [head, first, second, ...more] = (await runs()).stdout.trim().split('\n');
    expect(head).toMatch(/^RUN +STATE +STARTED +TOOK +WHAT$/);
    expect(first).toMatch(new RegExp(`^${assets.id} +partial .* 41 read: 41 failed$`));
    expect(second).toMatch(new RegExp(`^${sites.id} +succeeded .* 11 read: 10 created, 1 unchanged$`));
    expect(more).toEqual([]);

    const one = await runs(assets.id);
    expect(one.stdout).toMatch(
      /^Started (<1|\d+) s ago \(\S+Z\) by test, ended (<1|\d+) s ago \(\S+Z\)\.\nRun assets-\S+ partial\.\n/,
    );
    expect(one.stdout.match(/^ {2}! .*tag must be unique/gm)).toHaveLength(41);
    expect(one.code).toBe(0);

    expect(one.stdout).toMatch(new RegExp(`\nWork it again: halo-integrator requeue ${assets.id}\n$`));

    const newest = (await runs('--limit', '1')).stdout.split('\n');
    expect(newest.slice(1)).toEqual([expect.stringContaining(assets.id), '1 more: --limit 2', '']);

    const { id, kind, state, startedAt, finishedAt, complete, counts, requests, errors } = assets;
    expect(JSON.parse((await runs(id, '--json')).stdout)).toEqual({
      id,
      kind,
      state,
      trigger: 'test',
      startedAt,
      finishedAt,
      complete,
      counts,
      requests,
      errors,
    });
    expect(JSON.parse((await runs('--json')).stdout)).toMatchObject([{ id: assets.id }, { id: sites.id }]);
  });

  it.skipIf(!hasTerminal)('shows a table on a terminal, with the id of a run in one line', async () => {
    const { stdout } = await startInTerminal(['runs', '--config', world.configPath], 80).end();
    const [newest] = await world.app.runs.list(1);
    expect(stdout).toContain(`${newest?.id}  \u001b[33mpartial\u001b[39m `);
    const lines = withoutColours(stdout).split('\r\n');
    expect(lines[0]).toMatch(/^RUN +STATE +STARTED +TOOK +WHAT$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.skipIf(!hasTerminal)('shows each run in a block of its own where a table has no room', async () => {
    const { stdout } = await startInTerminal(['runs', '--config', world.configPath], 40).end();
    const [newest] = await world.app.runs.list(1);
    const lines = withoutColours(stdout).split('\r\n');
    expect(lines.slice(0, 6)).toEqual([
      newest?.id,
      expect.stringMatching(/^ {2}STATE partial( {2}|$)/),
      expect.stringMatching(/^ {2}STARTED (<1|\d+) s ago \(\S+Z\)/),
      expect.stringMatching(/^ {2}(TOOK <1 s {2})?WHAT 41 read: 41 failed$/),
      '',
      expect.stringMatching(/^sites-/),
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('has colours in a pipe where they are forced, but never in JSON', async () => {
    const forced = (...args: string[]) =>
      runCommand(['runs', ...args, '--config', world.configPath], { FORCE_COLOR: '1' });
    const [newest] = await world.app.runs.list(1);
    expect((await forced(newest?.id ?? '')).stdout).toContain('\n\u001b[33m  ! \u001b[39m');
    expect((await forced('--json')).stdout).not.toContain('\u001b');
  });

  it('exits 1 for a run that it does not know', async () => {
    const { code, stdout, stderr } = await runs('sites-20200101-000000-0000');
    expect(stderr).toMatch(/^There is no run sites-20200101-000000-0000\. The last 200 are kept/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('says of a run that was left that nobody works on it, and when it goes on', async () => {
    const id = 'verify-20260101-000000-0000';
    await world.app.runs.open({ id, kind: 'verify', trigger: 'test' });
    const said =
      /^Nobody works on what has not ended\. It goes on when a daemon is up, or with the next "run" or "import"\.$/m;
    expect((await runs()).stdout).toMatch(said);
    expect((await runs(id)).stdout).toMatch(said);
    expect(JSON.parse((await runs(id, '--json')).stdout)).toMatchObject({ id, state: 'running' });
    expect(JSON.parse((await runs('--json', '--limit', '1')).stdout)).toMatchObject([{ id }]);
    const [, ended] = await world.app.runs.list(2);
    expect((await runs(ended?.id ?? '')).stdout).not.toContain('Nobody');

    const workers = startWorkers(world.app, world.app.redis, 'command');
    try {
      await waitFor(async () => (await world.app.queues.runs.getWorkers()).length > 0);
      expect((await runs(id)).stdout).not.toContain('Nobody');
    } finally {
      await workers.close();
    }
  });
});
