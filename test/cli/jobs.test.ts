import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import { alertsConfig, TOKEN, untilSettled } from '../alerts/support.js';
import { hasTerminal, runCommand, startInTerminal, withoutColours } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;
let daemon: Daemon;
let dead: string;
let done: string;

/** One alert that Halo refuses in whatever form, and one that becomes a ticket. */
beforeAll(async () => {
  world = await startIntegrator({ config: alertsConfig() });
  daemon = await startDaemon(world.app);
  world.halo.quirks.requiredTicketProperty = 'category_1';
  dead = await alert({ summary: 'Disk \u001b[31mfull', apiKey: 'hunter2', said: `it was ${TOKEN}` });
  world.halo.quirks.requiredTicketProperty = null;
  done = await alert({ summary: 'Fan broken' });
});
afterAll(async () => {
  await daemon.stop('the test is over');
  await world.close();
});

const jobs = (...args: string[]) => runCommand(['jobs', ...args, '--config', world.configPath]);

/** @returns its id, once it has come to its end. */
async function alert(payload: Record<string, string>): Promise<string> {
  const answer = await fetch(`${daemon.webhookUrl}/api/notify/connectwisermm?token=${TOKEN}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
  const { alertId } = JSON.parse(await answer.text());
  await untilSettled(world);
  return alertId;
}

describe('jobs', () => {
  it('lists the newest first, each with what became of it', async () => {
    const { code, stdout, stderr } = await jobs('--queue', 'alerts');
    const [head, first, second] = stdout.split('\n');
    expect(head).toMatch(/^JOB +QUEUE +STATE +WHEN +ATTEMPTS +ERROR$/);
    expect(first).toMatch(new RegExp(`^${done} +alerts +completed +\\d+ s ago \\(\\S+Z\\) +1 +-$`));
    expect(second).toMatch(
      new RegExp(`^${dead} +alerts +failed +\\d+ s ago \\(\\S+Z\\) +1 +\\S.*category_1`),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('lists those of one state, and says where there is none', async () => {
    expect((await jobs('--state', 'failed')).stdout).not.toContain(done);
    expect((await jobs('--state', 'failed')).stdout).toContain(dead);
    expect((await jobs('--state', 'prioritized')).stdout).toBe('There is no such job.\n');
    expect(JSON.parse((await jobs('--state', 'active', '--json')).stdout)).toEqual({ count: 0, jobs: [] });
  });

  it('prints one JSON document', async () => {
    const { stdout } = await jobs('--state', 'failed', '--json');
    const at = expect.stringMatching(/^20.*Z$/);
    const error = expect.stringContaining('category_1');
    expect(JSON.parse(stdout)).toEqual({
      count: 1,
      jobs: [{ id: dead, queue: 'alerts', state: 'failed', at, attempts: 1, error }],
    });
  });

  it('says that there are more than it shows', async () => {
    const data = { task: 'poll' } as const;
    const opts = (number: number) => ({ jobId: `later-${number}`, delay: 3_600_000 });
    const later = Array.from({ length: 52 }, (_, number) => ({ name: 'poll', data, opts: opts(number) }));
    const added = await world.app.queues.alerts.addBulk(later);
    try {
      const { stdout } = await jobs('--state', 'delayed', '--queue', 'alerts');
      expect(stdout.match(/^later-\d+ +alerts +delayed +in 60 min \(\S+Z\) +0 +-$/gm)).toHaveLength(50);
      expect(stdout).toMatch(/^The newest 50 of 52 are shown\. Narrow them down /m);
      const one = (await jobs('show', 'later-7')).stdout;
      expect(one).toMatch(/^State {5}delayed\nAttempts {2}0 of 1\n/m);
      expect(one).toMatch(/^Started {3}not yet\nDue {7}in 60 min \(\S+Z\)\nEnded {5}not yet$/m);
    } finally {
      await Promise.all(added.map((job) => job.remove()));
    }
  });

  it.skipIf(!hasTerminal).each(['jobs', 'jobs show'])(
    'fits a narrow terminal, in colours that no payload can choose: %s',
    async (command) => {
      const about = command === 'jobs' ? [] : [dead];
      const args = [...command.split(' '), ...about, '--config', world.configPath];
      const { stdout } = await startInTerminal(args, 60).end();
      expect(stdout).toContain('\u001b[31mfailed\u001b[39m');
      const text = withoutColours(stdout);
      expect(text).toContain(dead);
      expect(text).toContain('category_1');
      for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(60);
      expect(text).not.toContain('\u001b');
      expect(stdout).not.toContain('\u001b[31mfull');
    },
  );

  it.each([
    ['--state', 'lost'],
    ['--queue', 'letters'],
    ['nonsense', ''],
  ])('exits 2 for %s %s', async (...args) => {
    const { code, stdout } = await jobs(...args.filter(Boolean));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('jobs show', () => {
  it('shows everything of one that failed, without a secret or an escape sequence', async () => {
    const { code, stdout, stderr } = await jobs('show', dead);
    const lines = stdout.split('\n');
    const time = '\\d+ s ago \\(\\d\\d:\\d\\d:\\d\\dZ\\)';
    expect(lines.slice(0, 7)).toEqual([
      `Job       ${dead} of the queue alerts`,
      'State     failed',
      'Attempts  1 of 5',
      expect.stringMatching(new RegExp(`^Created {3}${time}$`)),
      expect.stringMatching(new RegExp(`^Started {3}${time}$`)),
      expect.stringMatching(new RegExp(`^Ended {5}${time}$`)),
      expect.stringMatching(/^Error {5}.*category_1/),
    ]);
    expect(lines).toContain('    "apiKey": "***",');
    expect(lines).toContain('    "said": "it was ***"');
    expect(stdout).not.toMatch(new RegExp(`${TOKEN}|hunter2|\\u001b`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('shows the result and the log of one that went well', async () => {
    await (await world.app.queues.alerts.getJob(done))?.log(`Signed in with ${TOKEN}.`);
    const { stdout } = await jobs('show', done);
    expect(stdout).toMatch(/^Result {4}\S.*$/m);
    expect(stdout).toMatch(/^Log\n {2}Signed in with \*\*\*\.$/m);
    expect(stdout).not.toMatch(/^(Error|Due) /m);
  });

  it('prints one JSON document', async () => {
    const { stdout } = await jobs('show', dead, '--json');
    expect(JSON.parse(stdout)).toEqual({
      id: dead,
      queue: 'alerts',
      state: 'failed',
      attempts: 1,
      attemptsAllowed: 5,
      createdAt: expect.any(String),
      startedAt: expect.any(String),
      endedAt: expect.any(String),
      dueAt: null,
      error: expect.any(String),
      about: expect.stringContaining('full'),
      log: [],
      result: null,
    });
    expect(stdout).not.toMatch(new RegExp(`${TOKEN}|hunter2`));
  });

  it('shows a run and its parts by their ids', async () => {
    const run = await world.run('sites');
    const { stdout } = await jobs('show', run.id);
    expect(stdout).toMatch(/^State {5}completed\n/m);
    expect(stdout).toMatch(/^About\n {2}sites$/m);
    const [task] = JSON.parse((await jobs('--queue', 'tasks', '--json')).stdout).jobs;
    expect((await jobs('--queue', 'tasks')).stdout).toMatch(new RegExp(`^${task.id} +tasks `, 'm'));
    expect((await jobs('show', task.id)).stdout).toMatch(/of the queue tasks\n/);
  });

  it('exits 1 for a job that it does not know', async () => {
    const { code, stdout, stderr } = await jobs('show', 'alert-nowhere');
    expect(stderr).toMatch(/^There is no job alert-nowhere\. .*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
