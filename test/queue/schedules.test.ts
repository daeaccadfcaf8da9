import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config, Schedule } from '../../src/config/config.js';
import { hurryDelayed } from '../../src/queue/delayed.js';
import { keepSchedules, reconcileSchedules } from '../../src/queue/schedules.js';
import { startWorkers } from '../../src/queue/workers.js';
import { startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';
import { type Hands, openByHand } from './hands.js';

const OFF: Schedule = { kind: 'off' };
const every = (everyMs: number): Schedule => ({ kind: 'every', everyMs });
const cron = (pattern: string): Schedule => ({ kind: 'cron', pattern });

function schedules(parts: Partial<Config['schedules']>): Config['schedules'] {
  return { timezone: 'UTC', sites: OFF, assets: OFF, deactivation: OFF, verify: OFF, ...parts };
}

let server: TestRedis;
let hands: Hands;

beforeAll(async () => {
  // Its own: a test empties it.
  server = await startRedis({ own: true });
});

beforeEach(async () => {
  hands = await openByHand(server);
});

afterEach(() => hands.close());
afterAll(() => server.stop());

const reconcile = (wanted: Partial<Config['schedules']>) =>
  reconcileSchedules(hands.queues, schedules(wanted));

/** What Redis holds, by kind. */
async function stored() {
  const found = await hands.queues.runs.getJobSchedulers();
  return new Map(found.map((each) => [each.key, each]));
}

/** Does something while the clock of this process is an hour ahead. */
async function anHourAhead<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  return work().finally(() => vi.useRealTimers());
}

describe('jobs that are delayed', () => {
  const add = (jobId: string, delay: number) =>
    hands.queues.alerts.add('read', { task: 'read' }, { jobId, delay });

  it('go on where they would wait for an hour, because the clock was set back', async () => {
    await add('soon', 5 * 60_000);
    await anHourAhead(() => add('late', 1_000));
    await reconcile({ assets: cron('0 6 1 * *') });
    expect(await hurryDelayed(hands.queues)).toBe(1);
    const { alerts, runs } = hands.queues;
    expect(await Promise.all([alerts.getJobState('soon'), alerts.getJobState('late')])).toEqual([
      'delayed',
      'waiting',
    ]);
    expect(await runs.getJobCountByTypes('delayed')).toBe(1);
    expect(await hurryDelayed(hands.queues)).toBe(0);
  });
});

describe('reconciling the schedules', () => {
  it('begins an interval with a run at once, but for a verify, which would read what has just been written', async () => {
    await reconcile({ assets: every(3_600_000), verify: every(3_600_000) });
    const found = await stored();
    const in59Minutes = Date.now() + 59 * 60_000;
    expect(found.get('assets')?.next).toBeLessThanOrEqual(Date.now());
    expect(found.get('verify')?.next).toBeGreaterThan(in59Minutes);
    expect(await reconcile({ assets: every(3_600_000), verify: every(3_600_000) })).toEqual([]);
  });

  it('sets those that are missing, each as a trigger of its kind of run', async () => {
    expect(await reconcile({ sites: every(3_600_000), assets: cron('0 6 * * *') })).toEqual([
      'sites',
      'assets',
    ]);
    const found = await stored();
    expect([...found.keys()].sort()).toEqual(['assets', 'sites']);
    expect(found.get('sites')).toMatchObject({ every: 3_600_000, name: 'trigger' });
    expect(found.get('assets')).toMatchObject({ pattern: '0 6 * * *', tz: 'UTC', name: 'trigger' });
    expect(found.get('assets')?.template?.data).toEqual({
      kind: 'assets',
      trigger: 'schedule',
      force: false,
      step: 'list',
      pass: 0,
      chunks: 0,
      isRefused: false,
    });
  });

  it.each([
    ['an interval', every(3_600_000)],
    ['a cron pattern', cron('15 6 * * 1-5')],
    ['a cron pattern with seconds', cron('30 15 6 * * *')],
  ])('leaves %s that is in line as it is, with its next time', async (_what, schedule) => {
    await reconcile({ assets: schedule, timezone: 'Europe/London' });
    const before = await stored();
    expect(await reconcile({ assets: schedule, timezone: 'Europe/London' })).toEqual([]);
    expect(await stored()).toEqual(before);
    expect(before.get('assets')?.next).toBeGreaterThan(0);
  });

  it.each<[string, Partial<Config['schedules']>, Partial<Config['schedules']>, object]>([
    ['another interval', { assets: every(60_000) }, { assets: every(90_000) }, { every: 90_000 }],
    [
      'another pattern',
      { assets: cron('0 6 * * *') },
      { assets: cron('0 7 * * *') },
      { pattern: '0 7 * * *' },
    ],
    [
      'another time zone',
      { assets: cron('0 6 * * *') },
      { assets: cron('0 6 * * *'), timezone: 'Asia/Tokyo' },
      { tz: 'Asia/Tokyo' },
    ],
    [
      'a pattern in place of an interval',
      { assets: every(60_000) },
      { assets: cron('0 6 * * *') },
      { pattern: '0 6 * * *' },
    ],
    [
      'an interval in place of a pattern',
      { assets: cron('0 6 * * *') },
      { assets: every(60_000) },
      { every: 60_000 },
    ],
  ])('changes the schedule for %s, and is then in line', async (_what, before, after, expected) => {
    await reconcile(before);
    expect(await reconcile(after)).toEqual(['assets']);
    expect((await stored()).get('assets')).toMatchObject(expected);
    expect(await reconcile(after)).toEqual([]);
  });

  it.each<[string, Partial<Config['schedules']>]>([
    ['an interval', { assets: every(60_000) }],
    ['a cron pattern', { assets: cron('0 * * * *') }],
    ['a verify, which begins later', { verify: every(60_000) }],
  ])('sets %s anew that is due too late, because the clock was set back', async (_what, wanted) => {
    await anHourAhead(() => reconcile(wanted));
    const [kind] = Object.keys(wanted);
    expect(await reconcile(wanted)).toEqual([kind]);
    const [found] = (await stored()).values();
    expect(found?.next).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(await reconcile(wanted)).toEqual([]);
  });

  it('does not mind another time zone where a schedule is an interval', async () => {
    await reconcile({ assets: every(60_000) });
    expect(await reconcile({ assets: every(60_000), timezone: 'Asia/Tokyo' })).toEqual([]);
  });

  it('removes those that are off, together with the trigger that waited', async () => {
    await reconcile({ sites: every(3_600_000), assets: cron('0 6 * * *') });
    expect(await reconcile({ sites: every(3_600_000) })).toEqual(['assets']);
    expect([...(await stored()).keys()]).toEqual(['sites']);
    expect(await hands.queues.runs.getJobCountByTypes('delayed')).toBe(0);
    expect(await reconcile({ sites: every(3_600_000) })).toEqual([]);
  });

  it('brings them back after Redis was emptied', async () => {
    const wanted = { sites: every(3_600_000), assets: cron('0 6 * * *') };
    await reconcile(wanted);
    await hands.redis.client.flushall();
    expect(await stored()).toEqual(new Map());
    expect(await reconcile(wanted)).toEqual(['sites', 'assets']);
    expect([...(await stored()).keys()].sort()).toEqual(['assets', 'sites']);
  });

  it('reads a cron pattern in the time zone of the config', async () => {
    await reconcile({ assets: cron('30 6 * * *'), timezone: 'Asia/Tokyo' });
    const next = new Date((await stored()).get('assets')?.next ?? 0);
    expect(next.toISOString()).toMatch(/T21:30:00/);
  });

  it('may be done by several daemons at once', async () => {
    const wanted = { sites: every(3_600_000), assets: cron('0 6 * * *') };
    const others = await Promise.all([1, 2, 3].map(() => openByHand(server, hands.prefix)));
    await Promise.all(others.map(({ queues }) => reconcileSchedules(queues, schedules(wanted))));
    await Promise.all(others.map((each) => each.close()));
    expect([...(await stored()).keys()].sort()).toEqual(['assets', 'sites']);
    const { runs } = hands.queues;
    expect((await runs.getJobCountByTypes('wait', 'prioritized', 'delayed')) <= 2).toBe(true);
    expect(await reconcile(wanted)).toEqual([]);
  });
});

describe('keeping the schedules', () => {
  const NO_POLL = { enabled: true, pollMs: null };

  /** Keeps them until something was said. */
  async function keep(config: Parameters<typeof keepSchedules>[1]): Promise<string[]> {
    const { log, messages } = recordLog();
    const kept = keepSchedules(hands.queues, config, log);
    await waitFor(() => messages.length > 0);
    kept.stop();
    return messages;
  }

  it('sets them at once and says so', async () => {
    const said = await keep({ schedules: schedules({ assets: every(60_000) }), alerts: NO_POLL });
    expect(said).toEqual(['info: Schedules set: assets.']);
    expect([...(await stored()).keys()]).toEqual(['assets']);
  });

  it('sets, changes and removes the look at the tickets of the RMM', async () => {
    const { alerts } = hands.queues;
    const times = async () => (await alerts.getJobSchedulers()).map(({ key, every }) => [key, every]);
    const polled = (pollMs: number | null, enabled = true) =>
      keep({ schedules: schedules({}), alerts: { enabled, pollMs } });
    expect(await polled(60_000)).toEqual(['info: Schedules set: poll.']);
    expect(await times()).toEqual([['poll', 60_000]]);
    expect(await polled(90_000)).toEqual(['info: Schedules set: poll.']);
    expect(await times()).toEqual([['poll', 90_000]]);
    await polled(90_000, false);
    expect(await times()).toEqual([]);
    await polled(60_000);
    await polled(null);
    expect(await times()).toEqual([]);
  });

  it('warns where Redis cannot be asked', async () => {
    await hands.queues.close();
    hands.redis.connection('queue').disconnect();
    const said = await keep({ schedules: schedules({}), alerts: NO_POLL });
    expect(said).toEqual([expect.stringMatching(/^warn: The schedules could not be checked: ./)]);
  });
});

it('starts a run by its schedule', async () => {
  const integrator = await startIntegrator({ config: { schedules: { sites: '1h', assets: 'off' } } });
  const { app, config } = integrator;
  const workers = startWorkers(app, app.redis, 'daemon');
  try {
    await reconcileSchedules(app.queues, config.schedules);
    const run = await waitFor(async () => (await app.runs.list(10)).find(({ finishedAt }) => finishedAt));
    expect(run).toMatchObject({ kind: 'sites', trigger: 'schedule', state: 'succeeded' });
    expect(await app.queues.runs.getJobCounts('failed')).toEqual({ failed: 0 });
  } finally {
    await workers.close();
    await integrator.close();
  }
});
