import { type Job, Worker } from 'bullmq';
import pino from 'pino';
import { openQueues, type Queues, type RunJob } from '../../src/queue/queues.js';
import { openRedis, type RedisHandle } from '../../src/store/redis.js';
import type { TestRedis } from '../support/redis.js';

/** Queues that are worked by hand, so that a test can hold a job in any of its states. */
export interface Hands {
  redis: RedisHandle;
  queues: Queues;
  prefix: string;
  /** Takes the next run as a worker would; it stays active until it is moved. */
  takeNext(): Promise<Job<RunJob>>;
  close(): Promise<void>;
}

/** What the jobs that `takeNext` took are locked with. */
export const TOKEN = 'by-hand';

let opened = 0;

/** Opens queues, as a process of its own would. @param prefix left out: one that no other test has. */
export async function openByHand(server: TestRedis, prefix = `${server.prefix}-${++opened}`): Promise<Hands> {
  const { url } = server;
  const redis = await openRedis({ url, prefix, dataDir: '/nowhere' }, pino({ level: 'silent' }));
  const queues = openQueues(redis, prefix);
  const options = { connection: redis.connection('worker'), prefix: queues.prefix, autorun: false };
  const worker = new Worker<RunJob>(queues.runs.name, null, options);
  worker.on('error', () => undefined);
  return {
    redis,
    queues,
    prefix,
    async takeNext() {
      const job = await worker.getNextJob(TOKEN, { block: false });
      if (!job) throw new Error('No run waits to be worked.');
      return job;
    },
    async close() {
      await worker.close();
      await queues.close();
      await redis.close();
    },
  };
}
