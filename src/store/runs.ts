import type { Redis } from 'ioredis';
import { z } from 'zod';
import { COUNT_NAMES, emptyTally, sumTallies, type Tally } from '../inventory/tally.js';

export const RUN_KINDS = ['sites', 'assets', 'deactivation', 'verify'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Older ones are forgotten. */
export const KEPT_RUNS = 200;

const tallyShape = z.object({
  counts: z.record(z.enum(COUNT_NAMES), z.number()),
  requests: z.object({ rmm: z.number(), halo: z.number() }),
  errors: z.array(z.object({ item: z.string(), message: z.string() })),
  unreadable: z.number(),
});

const headShape = z.object({
  id: z.string(),
  kind: z.enum(RUN_KINDS),
  state: z.enum(['running', 'succeeded', 'partial', 'failed', 'refused']),
  /** What started it: `schedule`, or who asked for it. */
  trigger: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Every company of the RMM was listed to its end. */
  complete: z.boolean(),
  progress: z.object({ phase: z.enum(['listing', 'planning', 'writing', 'done']), total: z.number() }),
});

export type RunHead = z.infer<typeof headShape>;
export type RunState = RunHead['state'];

/** One run, with the sum of what its jobs have done so far. */
export type RunRecord = RunHead & Tally;

/** When the last runs of a kind ended, in milliseconds since 1970. What never happened is left out. */
export interface RunEnds {
  attemptMs?: number;
  successMs?: number;
  /** Of the last one that did its work: it succeeded, only some items failed of all that were listed, or the guard refused. */
  doneMs?: number;
}

/** What the last run of a kind that ended came to. */
export interface RunReport {
  id: string;
  state: RunState;
  durationMs: number;
  /** Named as the version that ran it did: it outlives an update. */
  counts: Record<string, number>;
}

/** Whether a run has ended, and left something undone that another one may do. */
export function isToRepair({ state }: Pick<RunRecord, 'state'>): boolean {
  return state === 'failed' || state === 'partial';
}

/** How a run ended. */
export interface RunEnd {
  state: RunState;
  /** Every company of the RMM was listed to its end. */
  complete: boolean;
}

/** The history of runs, the newest 200 of them. */
export interface Runs {
  /** Opens a run, or leaves it as it is where it is open already. */
  open(run: { id: string; kind: RunKind; trigger: string }): Promise<void>;
  progress(id: string, phase: RunHead['progress']['phase'], total: number): Promise<void>;
  /** What one job of the run has done so far; replaces what it saved before. */
  saveTally(id: string, job: string, tally: Tally): Promise<void>;
  /** What an earlier attempt of this job saved. */
  loadTally(id: string, job: string): Promise<Tally>;
  close(id: string, end: RunEnd): Promise<void>;
  read(id: string): Promise<RunRecord | null>;
  /** When the last runs of each kind ended, also of kinds whose runs were trimmed. */
  lastEnds(): Promise<Map<RunKind, RunEnds>>;
  /** What the last run of each kind came to, also of kinds whose runs were trimmed. */
  lastReports(): Promise<Map<RunKind, RunReport>>;
  /** How many are kept. */
  count(): Promise<number>;
  /** The newest first. */
  list(limit: number): Promise<RunRecord[]>;
}

/** The error of the last run that ended. What has succeeded since is no trouble any more. @param runs the newest first. */
export function lastErrorOf(runs: readonly RunRecord[]): { run: string; at: string; message: string } | null {
  const last = runs.find((run) => run.finishedAt !== null);
  if (!last?.finishedAt || last.state === 'succeeded') return null;
  return { run: last.id, at: last.finishedAt, message: last.errors[0]?.message ?? last.state };
}

/** What another version has left may lack some of it, or know other states. */
const reportShape = z.object({
  id: z.string().default(''),
  state: headShape.shape.state.catch('succeeded'),
  durationMs: z.number(),
  counts: z.record(z.string(), z.number()),
});

/** `assets successMs`, for one. What another version has noted is left out. */
const endShape = z
  .string()
  .transform((field) => field.split(' '))
  .pipe(z.tuple([z.enum(RUN_KINDS), z.enum(['attemptMs', 'successMs', 'doneMs'])]))
  .transform(([kind, what]) => ({ kind, what }));

function endsOf(kind: RunKind, { state, complete }: RunEnd, nowMs: number): Record<string, number> {
  const isDone = state === 'succeeded' || state === 'refused' || (state === 'partial' && complete);
  return {
    [`${kind} attemptMs`]: nowMs,
    ...(state === 'succeeded' && { [`${kind} successMs`]: nowMs }),
    ...(isDone && { [`${kind} doneMs`]: nowMs }),
  };
}

/** @param prefix of the keys: `<prefix>:runs`, `<prefix>:runs:ends`, `<prefix>:runs:reports`, `<prefix>:run:<id>`, `<prefix>:run:<id>:tallies`. */
export function createRuns(redis: Redis, prefix: string): Runs {
  const index = `${prefix}:runs`;
  const endsKey = `${prefix}:runs:ends`;
  const reportsKey = `${prefix}:runs:reports`;
  const key = (id: string) => `${prefix}:run:${id}`;
  const talliesKey = (id: string) => `${prefix}:run:${id}:tallies`;

  async function readHead(id: string): Promise<RunHead | null> {
    const text = await redis.get(key(id));
    return text === null ? null : headShape.parse(JSON.parse(text));
  }

  async function patch(id: string, changes: Partial<RunHead>): Promise<void> {
    const head = await readHead(id);
    if (head) await redis.set(key(id), JSON.stringify({ ...head, ...changes }));
  }

  async function trim(): Promise<void> {
    const old = await redis.zrange(index, 0, `-${KEPT_RUNS + 1}`);
    if (old.length === 0) return;
    await redis
      .multi()
      .del(...old.map(key), ...old.map(talliesKey))
      .zrem(index, ...old)
      .exec();
  }

  async function read(id: string): Promise<RunRecord | null> {
    const [head, tallies] = await Promise.all([readHead(id), redis.hvals(talliesKey(id))]);
    return head && { ...head, ...sumTallies(tallies.map((text) => tallyShape.parse(JSON.parse(text)))) };
  }

  return {
    async open({ id, kind, trigger }) {
      const now = new Date();
      const head: RunHead = {
        id,
        kind,
        state: 'running',
        trigger,
        startedAt: now.toISOString(),
        finishedAt: null,
        complete: false,
        progress: { phase: 'listing', total: 0 },
      };
      await redis.set(key(id), JSON.stringify(head), 'NX');
      await redis.zadd(index, 'NX', now.getTime(), id);
      await trim();
    },
    progress: (id, phase, total) => patch(id, { progress: { phase, total } }),
    async saveTally(id, job, tally) {
      await redis.hset(talliesKey(id), job, JSON.stringify(tally));
    },
    async loadTally(id, job) {
      const text = await redis.hget(talliesKey(id), job);
      return text === null ? emptyTally() : tallyShape.parse(JSON.parse(text));
    },
    async close(id, { state, complete }) {
      const now = new Date();
      await patch(id, {
        state,
        complete,
        finishedAt: now.toISOString(),
        progress: { phase: 'done', total: 0 },
      });
      const run = await read(id);
      if (!run) return;
      const durationMs = Math.max(0, now.getTime() - Date.parse(run.startedAt));
      const report: RunReport = { id, state, durationMs, counts: run.counts };
      await redis.hset(endsKey, endsOf(run.kind, { state, complete }, now.getTime()));
      await redis.hset(reportsKey, run.kind, JSON.stringify(report));
    },
    async lastEnds() {
      const ends = new Map<RunKind, RunEnds>();
      for (const [field, text] of Object.entries(await redis.hgetall(endsKey))) {
        const { data } = endShape.safeParse(field);
        if (data) ends.set(data.kind, { ...ends.get(data.kind), [data.what]: Number(text) });
      }
      return ends;
    },
    async lastReports() {
      const reports = new Map<RunKind, RunReport>();
      const stored = await redis.hgetall(reportsKey);
      for (const kind of RUN_KINDS) {
        const text = stored[kind];
        if (text !== undefined) reports.set(kind, reportShape.parse(JSON.parse(text)));
      }
      return reports;
    },
    read,
    count: () => redis.zcard(index),
    async list(limit) {
      const ids = await redis.zrevrange(index, 0, limit - 1);
      const records = await Promise.all(ids.map(read));
      return records.filter((record) => record !== null);
    },
  };
}
