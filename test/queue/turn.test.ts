import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestRun } from '../../src/queue/request.js';
import { createTurn, type Turn } from '../../src/queue/turn.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type Hands, openByHand, TOKEN } from './hands.js';

const NO_RETRY = { attempts: 1, backoffMs: 1 };

let server: TestRedis;
let hands: Hands;
let turn: Turn;

beforeAll(async () => {
  server = await startRedis();
});

beforeEach(async () => {
  hands = await openByHand(server);
  turn = createTurn(hands.redis.client, `${hands.prefix}:turn`, hands.queues.runs);
});

afterEach(() => hands.close());
afterAll(() => server.stop());

/** Asks for a run, which then waits to be worked. */
async function request(): Promise<string> {
  const wanted = { kind: 'assets', trigger: 'test', force: false } as const;
  return (await requestRun(hands.queues, wanted, NO_RETRY)).runId;
}

describe('the turn', () => {
  it('is had by the first who asks, as often as it asks', async () => {
    const owner = await request();
    expect(await turn.take(owner)).toBe(owner);
    expect(await turn.take(owner)).toBe(owner);
    expect(await turn.has(owner)).toBe(true);
  });

  it('is nobody’s before somebody asked', async () => {
    expect(await turn.has('assets-1')).toBe(false);
  });

  it('stays with a run that waits, is under way, is put off or waits for its tasks', async () => {
    const owner = await request();
    await turn.take(owner);
    const stays = async () => {
      expect(await turn.take('sites-1')).toBe(owner);
      expect(await turn.has('sites-1')).toBe(false);
    };
    await stays();
    const job = await hands.takeNext();
    await stays();
    const parent = { id: owner, queue: job.queueQualifiedName };
    await hands.queues.tasks.add(
      'write',
      { task: 'write', runId: owner, kind: 'assets', pass: 0, number: 0, look: 'changed' },
      { parent },
    );
    await job.moveToDelayed(Date.now() + 60_000, TOKEN);
    expect(await job.getState()).toBe('delayed');
    await stays();
    await job.promote();
    await (await hands.takeNext()).moveToWaitingChildren(TOKEN);
    expect(await job.getState()).toBe('waiting-children');
    await stays();
  });

  it('passes on once the run that has it is completed', async () => {
    const owner = await request();
    await turn.take(owner);
    await (await hands.takeNext()).moveToCompleted(undefined, TOKEN, false);
    expect(await turn.take('sites-1')).toBe('sites-1');
    expect(await turn.has(owner)).toBe(false);
  });

  it('passes on once the run that has it has failed', async () => {
    const owner = await request();
    await turn.take(owner);
    await (await hands.takeNext()).moveToFailed(new Error('No more attempts.'), TOKEN);
    expect(await turn.take('sites-1')).toBe('sites-1');
  });

  it('passes on where Redis knows nothing of the run that has it', async () => {
    await turn.take('lost');
    expect(await turn.take('sites-1')).toBe('sites-1');
  });

  it('can only be given back by the run that has it', async () => {
    const owner = await request();
    await turn.take(owner);
    await turn.release('sites-1');
    expect(await turn.has(owner)).toBe(true);
    await turn.release(owner);
    expect(await turn.has(owner)).toBe(false);
    expect(await hands.redis.client.exists(`${hands.prefix}:turn`)).toBe(0);
    expect(await turn.take('sites-1')).toBe('sites-1');
  });

  it.each([
    ['nobody has it', null],
    ['the run that had it is lost', 'lost'],
  ])('goes to exactly one of many who ask at once, where %s', async (_where, owner) => {
    const processes = await Promise.all([1, 2, 3, 4].map(() => openByHand(server, hands.prefix)));
    const turns = processes.map(({ redis, queues }) =>
      createTurn(redis.client, `${hands.prefix}:turn`, queues.runs),
    );
    if (owner) await turn.take(owner);
    const kinds = ['sites', 'assets', 'deactivation', 'verify'] as const;
    const runIds = await Promise.all(
      kinds.map(
        async (kind) =>
          (await requestRun(hands.queues, { kind, trigger: 't', force: false }, NO_RETRY)).runId,
      ),
    );
    const answers = await Promise.all(turns.flatMap((each) => runIds.map((runId) => each.take(runId))));
    await Promise.all(processes.map((each) => each.close()));
    expect(new Set(answers).size).toBe(1);
    expect(runIds).toContain(answers[0]);
    expect(await turn.has(answers[0] ?? '')).toBe(true);
  });
});
