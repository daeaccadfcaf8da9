import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RedisHandle } from '../store/redis.js';
import { RUN_KINDS } from '../store/runs.js';
import { LOOKS } from '../sync/context.js';

/** A run, or the trigger by which a schedule asks for one. */
export const runJobShape = z.object({
  kind: z.enum(RUN_KINDS),
  trigger: z.string(),
  /** Lifts the safety guard for this one run. */
  force: z.boolean(),
  /** The mark of the list that a person has looked at: the guard is lifted for that list alone. */
  confirmed: z.string().exactOptional(),
  /** How far the run has got; a job that is worked again goes on there. */
  step: z.enum(['list', 'plan', 'write', 'report']),
  /** Which of the passes of its kind it is at; each goes through all steps but the report. */
  pass: z.number(),
  /** The safety guard let nothing pass. */
  isRefused: z.boolean(),
  /** How many chunks of changes the plan came to. */
  chunks: z.number(),
});
export type RunJob = z.infer<typeof runJobShape>;

const groupShape = z.object({
  companies: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      sites: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          haloSiteId: z.number().nullable(),
          haloClientId: z.number().nullable(),
          why: z.string(),
        }),
      ),
    }),
  ),
});

const partOfRun = {
  runId: z.string(),
  kind: z.enum(RUN_KINDS),
  pass: z.number(),
  number: z.number(),
  look: z.enum(LOOKS),
};

/** A part of a run: one group of companies to be listed, or one chunk of changes to be written. */
export const taskJobShape = z.discriminatedUnion('task', [
  z.object({ task: z.literal('list'), ...partOfRun, group: groupShape }),
  z.object({ task: z.literal('write'), ...partOfRun }),
]);
export type TaskJob = z.infer<typeof taskJobShape>;

/** Names a task within its run: its job's id ends so, and its tally is kept under it. */
export function taskName({ pass, task, number }: Pick<TaskJob, 'pass' | 'task' | 'number'>): string {
  return `${pass}-${task}-${number}`;
}

/** An alert on its way to its ticket; a look for those that the webhook has missed; a look at Halo's open tickets. */
export const alertJobShape = z.discriminatedUnion('task', [
  z.object({
    task: z.literal('webhook'),
    receivedAtMs: z.number(),
    payload: z.record(z.string(), z.unknown()),
    /** Something was sent to Halo for it. */
    isSent: z.boolean(),
  }),
  z.object({
    task: z.literal('ticket'),
    receivedAtMs: z.number(),
    status: z.enum(['raised', 'resolved']),
    atMs: z.number(),
    /** The ticket as the RMM sent it. */
    record: z.record(z.string(), z.unknown()),
    isSent: z.boolean(),
  }),
  z.object({ task: z.literal('poll') }),
  z.object({ task: z.literal('read') }),
]);
export type AlertJob = z.infer<typeof alertJobShape>;

/** The parents of flows, and the schedules that start them. */
export const RUNS_QUEUE = 'runs';
/** Their children. */
export const TASKS_QUEUE = 'tasks';
export const ALERTS_QUEUE = 'alerts';

export const QUEUE_NAMES = [RUNS_QUEUE, TASKS_QUEUE, ALERTS_QUEUE] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

export interface Queues {
  runs: Queue<RunJob>;
  tasks: Queue<TaskJob>;
  alerts: Queue<AlertJob>;
  prefix: string;
  /** For what BullMQ does not tell. Fails at once where Redis is away. */
  redis: Redis;
  close(): Promise<void>;
}

/** BullMQ types the queues apart; what is asked of a queue by its name, all of them have. */
export function queueOf(
  queues: Queues,
  name: QueueName,
): Pick<Queue, 'getJob' | 'getJobs' | 'getJobCountByTypes' | 'getJobLogs' | 'getFailed' | 'getFailedCount'> {
  return queues[name];
}

/** Opens the queues under `<keyPrefix>:bull`. They fail fast: who adds a job wants to know that Redis is away. */
export function openQueues(redis: RedisHandle, keyPrefix: string): Queues {
  const prefix = `${keyPrefix}:bull`;
  const connection = redis.connection('queue');
  const kept = { removeOnComplete: { count: 200 }, removeOnFail: { count: 1000 } };
  const runs = new Queue<RunJob>(RUNS_QUEUE, { connection, prefix, defaultJobOptions: kept });
  const tasks = new Queue<TaskJob>(TASKS_QUEUE, { connection, prefix, defaultJobOptions: kept });
  // A dead alert is kept until somebody puts it back: it is nowhere else.
  const keptAlerts = { removeOnComplete: { count: 5000, age: 7 * 24 * 3600 }, removeOnFail: false };
  const alerts = new Queue<AlertJob>(ALERTS_QUEUE, { connection, prefix, defaultJobOptions: keptAlerts });
  const all = [runs, tasks, alerts];
  // The connection's errors are logged where it is opened. Unheard, BullMQ prints them, past the log that masks secrets.
  for (const queue of all) queue.on('error', () => undefined);
  const close = async () => {
    await Promise.all(all.map((queue) => queue.close()));
  };
  return { runs, tasks, alerts, prefix, redis: connection, close };
}
