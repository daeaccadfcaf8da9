import type { JobSchedulerJson } from 'bullmq';
import type { Logger } from 'pino';
import type { Config, Schedule } from '../config/config.js';
import { firesBetween } from '../config/cron.js';
import { counted } from '../inventory/sentence.js';
import { RUN_KINDS, type RunKind } from '../store/runs.js';
import { hurryDelayed } from './delayed.js';
import type { Queues } from './queues.js';

const RECONCILE_EVERY_MS = 15_000;
/** The clocks of two daemons may differ, and each takes its own for right. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * Brings BullMQ's Job Schedulers in line with the config. They live in Redis and are gone when it is emptied, and fire
 * an hour late when the clock was set back by one, without any error: so this is done again and again, not only at start.
 * @returns the kinds whose schedule was set or removed.
 */
export async function reconcileSchedules(queues: Queues, schedules: Config['schedules']): Promise<RunKind[]> {
  const existing = new Map((await queues.runs.getJobSchedulers()).map((each) => [each.key, each]));
  const changed: RunKind[] = [];
  for (const kind of RUN_KINDS) {
    const found = existing.get(kind);
    if (isInLine(schedules[kind], schedules.timezone, found)) continue;
    // Changed in its place, it would go on from when it was to fire next, were that ever so far ahead.
    if (found) await queues.runs.removeJobScheduler(kind);
    await setSchedule(queues, kind, schedules[kind], schedules.timezone);
    changed.push(kind);
  }
  return changed;
}

function isInLine(schedule: Schedule, timezone: string, found: JobSchedulerJson | undefined): boolean {
  if (schedule.kind === 'off') return found === undefined;
  if (!found || isTooFarAhead(schedule, timezone, found)) return false;
  if (schedule.kind === 'every') return found.every === schedule.everyMs;
  return found.pattern === schedule.pattern && found.tz === timezone;
}

function isTooFarAhead(
  schedule: Exclude<Schedule, { kind: 'off' }>,
  timezone: string,
  { next = 0 }: JobSchedulerJson,
): boolean {
  const nowMs = Date.now();
  const dueMs = next - CLOCKS_DIFFER_MS;
  if (schedule.kind === 'every') return dueMs > nowMs + schedule.everyMs;
  return firesBetween(schedule.pattern, timezone, nowMs, dueMs);
}

/**
 * An interval begins with a run at once, but for a verify: on the first day it would read what has just been written.
 * The job is only a trigger: scheduled jobs cannot be deduplicated, the run that it asks for is. */
async function setSchedule(queues: Queues, kind: RunKind, schedule: Schedule, tz: string): Promise<void> {
  if (schedule.kind === 'off') return;
  const times =
    schedule.kind === 'every'
      ? { every: schedule.everyMs, ...(kind === 'verify' && { startDate: Date.now() + schedule.everyMs }) }
      : { pattern: schedule.pattern, tz };
  const data = {
    kind,
    trigger: 'schedule',
    force: false,
    step: 'list',
    pass: 0,
    chunks: 0,
    isRefused: false,
  } as const;
  await queues.runs.upsertJobScheduler(kind, times, {
    name: 'trigger',
    data,
    opts: { removeOnComplete: true },
  });
}

const POLL = 'poll';
type Polling = Pick<Config['alerts'], 'enabled' | 'pollMs'>;

/** The same for the look at the RMM's tickets. @returns whether it was set or removed. */
async function reconcilePoll({ alerts }: Queues, { enabled, pollMs }: Polling): Promise<boolean> {
  const found = (await alerts.getJobSchedulers()).find(({ key }) => key === POLL);
  const wantedMs = enabled ? pollMs : null;
  const isLate = (found?.next ?? 0) > Date.now() + (wantedMs ?? 0) + CLOCKS_DIFFER_MS;
  if ((found?.every ?? null) === wantedMs && !isLate) return false;
  if (found) await alerts.removeJobScheduler(POLL);
  if (wantedMs !== null) {
    // One that fails is not tried again: the next one looks just as far back.
    const opts = { removeOnComplete: true, removeOnFail: true };
    await alerts.upsertJobScheduler(POLL, { every: wantedMs }, { name: POLL, data: { task: POLL }, opts });
  }
  return true;
}

/** Keeps the schedules in line, and what waits from waiting too long, until it is stopped. */
export function keepSchedules(
  queues: Queues,
  config: Pick<Config, 'schedules'> & { alerts: Polling },
  log: Logger,
): { stop(): void } {
  const reconcileAll = async () => {
    const changed = await reconcileSchedules(queues, config.schedules);
    const hurried = await hurryDelayed(queues);
    if (hurried > 0)
      log.warn(`The clock was set back: ${counted(hurried, 'job')} would have waited for too long.`);
    return (await reconcilePoll(queues, config.alerts)) ? [...changed, POLL] : changed;
  };
  const reconcile = () =>
    reconcileAll().then(
      (changed) => changed.length > 0 && log.info(`Schedules set: ${changed.join(', ')}.`),
      (error) => log.warn(`The schedules could not be checked: ${String(error.message ?? error)}`),
    );
  void reconcile();
  const timer = setInterval(() => void reconcile(), RECONCILE_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
