import { Worker } from 'bullmq';
import { afterEach, expect, it, vi } from 'vitest';
import { RUNS_QUEUE, runJobShape, taskJobShape } from '../../src/queue/queues.js';
import { DEFAULT_HOLD, workerOptions } from '../../src/queue/workers.js';
import { startRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';
import { openByHand } from './hands.js';

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of toClose.splice(0).reverse()) await close();
});

it('prints nothing of an eviction policy past the log, which tells of it once', async () => {
  const server = await startRedis({ own: true });
  toClose.push(server.stop);
  const { redis, queues, close } = await openByHand(server);
  toClose.push(close);
  await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const worker = new Worker(RUNS_QUEUE, null, workerOptions(queues, redis, 'command', DEFAULT_HOLD));
  toClose.push(() => worker.close());
  await Promise.all([queues.runs.waitUntilReady(), worker.waitUntilReady()]);
  expect(printed).not.toHaveBeenCalled();
});

it('refuses at once where Redis is away, and prints nothing past the log', async () => {
  const server = await startRedis({ own: true });
  toClose.push(server.stop);
  const { redis, queues, close } = await openByHand(server);
  toClose.push(close);
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  let errors = 0;
  redis.connection('queue').on('error', () => {
    errors += 1;
  });
  await queues.runs.waitUntilReady();
  await server.kill();
  await waitFor(() => errors >= 3);
  const wanted = {
    kind: 'sites',
    trigger: 'test',
    force: false,
    step: 'list',
    pass: 0,
    chunks: 0,
    isRefused: false,
  } as const;
  await expect(queues.runs.add('run', wanted)).rejects.toThrow('enableOfflineQueue');
  expect(printed).not.toHaveBeenCalled();
});

it.each([
  [
    'an unknown kind',
    { kind: 'tickets', trigger: 't', force: false, step: 'list', pass: 0, chunks: 0, isRefused: false },
  ],
  [
    'an unknown step',
    { kind: 'sites', trigger: 't', force: false, step: 'dance', pass: 0, chunks: 0, isRefused: false },
  ],
])('takes no run with %s', (_what, data) => {
  expect(runJobShape.safeParse(data).success).toBe(false);
});

it('takes no task without a group to list', () => {
  const data = { task: 'list', runId: 'assets-1', kind: 'assets', pass: 0, look: 'changed', number: 0 };
  expect(taskJobShape.safeParse(data).success).toBe(false);
  expect(taskJobShape.safeParse({ ...data, task: 'write' }).success).toBe(true);
});
