import { UnrecoverableError } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestRepair, requestRun } from '../../src/queue/request.js';
import type { RunKind } from '../../src/store/runs.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type Hands, openByHand, TOKEN } from './hands.js';

const RETRY = { attempts: 3, backoffMs: 60_000 };

let server: TestRedis;
let hands: Hands;

beforeAll(async () => {
  server = await startRedis();
});

beforeEach(async () => {
  hands = await openByHand(server);
});

afterEach(() => hands.close());
afterAll(() => server.stop());

const request = (kind: RunKind = 'assets') =>
  requestRun(hands.queues, { kind, trigger: 'test', force: false }, RETRY);

/** Brings the run of assets, which waits, into a state. */
const INTO_STATE: [state: string, bring: () => Promise<unknown>][] = [
  ['prioritized', async () => {}],
  ['active', () => hands.takeNext()],
  ['delayed', async () => (await hands.takeNext()).moveToFailed(new Error('Halo is away.'), TOKEN)],
  [
    'waiting-children',
    async () => {
      const job = await hands.takeNext();
      const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
      const part = { task: 'write', kind: 'assets', pass: 0, number: 0, look: 'changed' } as const;
      const data = { ...part, runId: job.id ?? '' };
      await hands.queues.tasks.add('write', data, { parent });
      await job.moveToWaitingChildren(TOKEN);
    },
  ],
];

describe('asking for a run', () => {
  it('queues it, under an id that tells kind and time', async () => {
    const { runId, joined } = await requestRun(
      hands.queues,
      { kind: 'sites', trigger: 'command line', force: true },
      RETRY,
    );
    expect(joined).toBe(false);
    expect(runId).toMatch(/^sites-\d{8}-\d{6}-[0-9a-f]{4}$/);
    const job = await hands.takeNext();
    expect(job).toMatchObject({
      id: runId,
      name: 'run',
      data: {
        kind: 'sites',
        trigger: 'command line',
        force: true,
        step: 'list',
        pass: 0,
        chunks: 0,
        isRefused: false,
      },
      opts: { attempts: 3, backoff: { type: 'fixed', delay: 60_000 } },
    });
  });

  describe.each(INTO_STATE)('of a kind that has one, %s', (state, bring) => {
    it('joins that one, and does not join another kind', async () => {
      const { runId } = await request();
      await bring();
      expect(await hands.queues.runs.getJobState(runId)).toBe(state);
      expect(await request()).toEqual({ runId, joined: true });
      expect(await request('sites')).toMatchObject({ joined: false });
      expect(await hands.queues.runs.getJobCountByTypes('prioritized', 'active', 'delayed')).toBe(
        state === 'waiting-children' ? 1 : 2,
      );
    });
  });

  it('joins a run that came back from its tasks and failed, in order to be tried again', async () => {
    const { runId } = await request();
    await INTO_STATE[3]?.[1]();
    const [task] = await hands.queues.tasks.getWaiting();
    await task?.remove();
    expect(await request()).toEqual({ runId, joined: true });
    await (await hands.takeNext()).moveToFailed(new Error('Halo is away.'), TOKEN);
    expect(await hands.queues.runs.getJobState(runId)).toBe('delayed');
    expect(await request()).toEqual({ runId, joined: true });
  });

  it.each([
    ['completed', async () => (await hands.takeNext()).moveToCompleted(undefined, TOKEN, false)],
    ['failed', async () => (await hands.takeNext()).moveToFailed(new UnrecoverableError('No.'), TOKEN)],
    [
      'lost',
      async () => {
        const { client } = hands.redis;
        const [key = ''] = await client.keys(`${hands.prefix}:bull:runs:assets-*`);
        await client.del(key);
      },
    ],
  ])('starts a new one once the last is %s', async (_state, end) => {
    const { runId } = await request();
    await end();
    const next = await request();
    expect(next.joined).toBe(false);
    expect(next.runId).not.toBe(runId);
  });

  it('makes one run of many who ask at once, from several processes', async () => {
    const others = await Promise.all([1, 2, 3].map(() => openByHand(server, hands.prefix)));
    const wanted = { kind: 'assets', trigger: 'test', force: false } as const;
    const asking = others.flatMap(({ queues }) =>
      [1, 2, 3, 4, 5].map(() => requestRun(queues, wanted, RETRY)),
    );
    const answers = await Promise.all(asking);
    await Promise.all(others.map((each) => each.close()));
    expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
    expect(answers.filter(({ joined }) => !joined)).toHaveLength(1);
  });

  it('has sites worked before assets, whichever was asked for first', async () => {
    await request('assets');
    await request('sites');
    const order = [await hands.takeNext(), await hands.takeNext()].map((job) => job.data.kind);
    expect(order).toEqual(['sites', 'assets']);
  });
});

describe('asking for a run that works again what was mended', () => {
  const LATER_MS = Date.now() + 3_600_000;
  const repair = (askedAtMs = LATER_MS) => requestRepair(hands.queues, 'assets', RETRY, askedAtMs);

  it('joins one that is still to list', async () => {
    const { runId } = await request();
    expect(await repair()).toEqual({ runId, joined: true });
  });

  it.each([
    ['plan', 0],
    ['write', 0],
    ['report', 0],
    ['list', 1],
  ] as const)('comes behind one that has looked already, at %s of pass %d', async (step, pass) => {
    const { runId } = await request();
    const job = await hands.takeNext();
    await job.updateData({ ...job.data, step, pass });
    const behind = await repair();
    expect(behind).toMatchObject({ joined: false });
    expect(behind.runId).not.toBe(runId);
    expect(await repair()).toEqual({ runId: behind.runId, joined: true });
  });

  it('shares one run among all that are asked for at once, however far it has got', async () => {
    const askedAtMs = Date.now();
    const { runId } = await repair(askedAtMs);
    const job = await hands.takeNext();
    await job.updateData({ ...job.data, step: 'plan' });
    expect(await repair(askedAtMs)).toEqual({ runId, joined: true });
  });
});
