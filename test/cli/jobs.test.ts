import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import { JOB_STATES, type JobState, listJobs } from '../../src/queue/jobs.js';
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

/** The newest runs, as the command reads them. */
const list = (states: readonly JobState[]) =>
  listJobs(world.app, { queues: ['runs'], states, most: 20 }, (text) => text);

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
    expect(first).toMatch(new RegExp(`^${done} +alerts +completed +(<1|\\d+) s ago \\(\\S+Z\\) +1 +-$`));
    expect(second).toMatch(
      new RegExp(`^${dead} +alerts +failed +(<1|\\d+) s ago \\(\\S+Z\\) +1 +\\S.*category_1`),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('lists those of one state, and says where there is none', async () => {
    const failed = (await jobs('--state', 'failed')).stdout;
    expect(failed).not.toContain(done);
    expect(failed).toContain(dead);
    expect((await jobs('--state', 'prioritized')).stdout).toBe(
      'There is no job in the state prioritized in any of the queues runs, tasks, alerts.\n',
    );
    expect(JSON.parse((await jobs('--state', 'active', '--json')).stdout)).toEqual({ count: 0, jobs: [] });
  });

  it('prints one JSON document', async () => {
    const { stdout } = await jobs('--state', 'failed', '--json');
    const at = expect.stringMatching(/^20.*Z$/);
    const error = expect.stringContaining('category_1');
    expect(JSON.parse(stdout)).toEqual({
      count: 1,
      jobs: [{ id: dead, queue: 'alerts', state: 'failed', at, attempts: 1, error, failedItems: 0 }],
    });
  });

  it('says that there are more than it shows', async () => {
    const data = { task: 'poll' } as const;
    // What is delayed for longer than any alert is, the daemon lets go on.
    const opts = (number: number) => ({ jobId: `later-${number}`, delay: 320_000 });
    const later = Array.from({ length: 22 }, (_, number) => ({ name: 'poll', data, opts: opts(number) }));
    const added = await world.app.queues.alerts.addBulk(later);
    try {
      const { stdout } = await jobs('--state', 'delayed', '--queue', 'alerts');
      expect(stdout.match(/^later-\d+ +alerts +delayed +in 5 min \(\S+Z\) +0 +-$/gm)).toHaveLength(20);
      expect(stdout).toMatch(/\n2 more: --limit 22\n$/);
      const one = (await jobs('show', 'later-7')).stdout;
      expect(one).toMatch(/^State {5}delayed\nAttempts {2}0 of 1\n/m);
      expect(one).toMatch(/^Started {3}not yet\nDue {7}in 5 min \(\S+Z\)\nEnded {5}not yet$/m);
    } finally {
      await Promise.all(added.map((job) => job.remove()));
    }
  });

  it('shows what a schedule has put ahead to those only who ask for delayed jobs', async () => {
    const { runs } = world.app.queues;
    const data = { kind: 'sites', trigger: 'schedule', force: false, isRefused: false } as const;
    const template = { name: 'trigger', data: { ...data, step: 'list', pass: 0, chunks: 0 } } as const;
    await runs.upsertJobScheduler('test', { every: 3_600_000, startDate: Date.now() + 1e8 }, template);
    try {
      const delayed = await list(['delayed']);
      expect(delayed).toMatchObject({ count: 1, jobs: [{ id: expect.stringMatching(/^repeat:test:/) }] });
      expect(await list(JOB_STATES)).toEqual({ count: 0, jobs: [] });
    } finally {
      await runs.removeJobScheduler('test');
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
    ['--limit', '0'],
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
    const time = '(<1|\\d+) s ago \\(\\d\\d:\\d\\d:\\d\\dZ\\)';
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
      failedItems: 0,
      runId: null,
      items: [],
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

  it('names the items that failed within a job that came to its end, and says how many more', async () => {
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/asset$/i.test(path),
      action: { do: 'answer', status: 400, body: { message: `No ${TOKEN}` } },
    });
    const { id, counts } = await world.run('assets');
    world.halo.faults.clear();
    const { stdout } = await jobs('show', `${id}-0-write-0`);
    expect(stdout).toMatch(/^State {5}completed\n/m);
    expect(stdout).toContain(`\nItems that failed (${counts.failed}) or want a look\n`);
    expect(stdout.match(/^ {2}.*No \*\*\*/gm)).toHaveLength(20);
    expect(stdout).toContain(`\n  ${counts.failed - 20} more: halo-integrator runs ${id}\n`);
    const [listed] = (await list(['completed'])).jobs;
    expect(listed).toMatchObject({ id, failedItems: counts.failed });
    await (await world.app.queues.runs.getJob(id))?.remove();
    expect((await jobs('show', id)).stderr).toBe(
      `The job of run ${id} is not kept any more: see "halo-integrator runs ${id}".\n`,
    );
  });

  it('exits 1 for a job that it does not know', async () => {
    const { code, stdout, stderr } = await jobs('show', 'alert-nowhere');
    expect(stderr).toMatch(/^There is no job alert-nowhere\. .*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
