import type { JobSchedulerJson } from 'bullmq';
import type { Logger } from 'pino';
import type { Config, Schedule } from '../config/config.js';
import { RUN_KINDS, type RunKind } from '../store/runs.js';
import type { Queues } from './queues.js';

const RECONCILE_EVERY_MS = 60_000;

/**
 * Brings BullMQ's Job Schedulers in line with the config. They live in Redis and are gone when it is emptied,
 * without any error: so this is done again every minute, not only at start.
 * @returns the kinds whose schedule was set or removed.
 */
export async function reconcileSchedules(queues: Queues, schedules: Config['schedules']): Promise<RunKind[]> {
  const existing = new Map((await queues.runs.getJobSchedulers()).map((each) => [each.key, each]));
  const changed: RunKind[] = [];
  for (const kind of RUN_KINDS) {
    const found = existing.get(kind);
    if (isInLine(schedules[kind], schedules.timezone, found)) continue;
    await setSchedule(queues, kind, schedules[kind], schedules.timezone);
    changed.push(kind);
  }
  return changed;
}

function isInLine(schedule: Schedule, timezone: string, found: JobSchedulerJson | undefined): boolean {
  if (schedule.kind === 'off') return found === undefined;
  if (!found) return false;
  if (schedule.kind === 'every') return found.every === schedule.everyMs;
  return found.pattern === schedule.pattern && found.tz === timezone;
}

/**
 * An interval begins with a run at once, but for a verify: on the first day it would read what has just been written.
 * The job is only a trigger: scheduled jobs cannot be deduplicated, the run that it asks for is. */
async function setSchedule(queues: Queues, kind: RunKind, schedule: Schedule, tz: string): Promise<void> {
  if (schedule.kind === 'off') {
    await queues.runs.removeJobScheduler(kind);
    return;
  }
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
  if ((found?.every ?? null) === wantedMs) return false;
  if (wantedMs === null) await alerts.removeJobScheduler(POLL);
  else {
    // One that fails is not tried again: the next one looks just as far back.
    const opts = { removeOnComplete: true, removeOnFail: true };
    await alerts.upsertJobScheduler(POLL, { every: wantedMs }, { name: POLL, data: { task: POLL }, opts });
  }
  return true;
}

/** Keeps the schedules in line until it is stopped. */
export function keepSchedules(
  queues: Queues,
  config: Pick<Config, 'schedules'> & { alerts: Polling },
  log: Logger,
): { stop(): void } {
  const reconcileAll = async () => {
    const changed = await reconcileSchedules(queues, config.schedules);
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
