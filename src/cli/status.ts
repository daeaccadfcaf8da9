import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import type { App } from '../app.js';
import { describeSchedule } from '../config/time.js';
import { isDue } from '../inventory/missing.js';
import { counted } from '../inventory/sentence.js';
import { listDaemons } from '../queue/follow.js';
import { describeAbsence } from '../store/absences.js';
import { KEPT_RUNS, lastErrorOf, RUN_KINDS } from '../store/runs.js';
import { duration, print, printJson, printNote, type Toned, when } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { printTable } from './table.js';

const REOPENED_WITHIN_MS = 500;
const NO_DAEMON: Toned = {
  text: 'none is up, so nothing runs by schedule: halo-integrator start',
  tone: 'warning',
};

/** `status`: daemons, schedules, queues, rate limits and links at a glance. */
export function statusCommand(done: (exitCode: number) => void): Command {
  return new Command('status')
    .description('show daemons, schedules, queues, rate limits and links')
    .option('--json', 'print one JSON document')
    .action(async (_options: unknown, command: Command) => {
      done(await status(commonOptions.parse(command.optsWithGlobals())));
    });
}

async function status(options: CommonOptions): Promise<number> {
  const now = await withApp(options, readStatus);
  if (options.json) printJson(now);
  else printStatus(now);
  return 0;
}

type Status = Awaited<ReturnType<typeof readStatus>>;

async function readStatus(app: App) {
  const redisTrouble = await app.redis.whyUnusable();
  const figures = await readFigures(app, redisTrouble === null).catch(async (error: unknown) => {
    if (redisTrouble === null) throw error;
    // A connection that learns that it leads to a replica is opened anew, and what was asked on it meanwhile fails.
    await pause(REOPENED_WITHIN_MS);
    return readFigures(app, false);
  });
  /** `redisTrouble`: why nothing can be kept there; `null`: it can. */
  return { redis: app.redis.describe, redisTrouble, ...figures };
}

/** @param isUsable whether Redis takes what it is told to keep. To ask the gate is to tidy it up. */
async function readFigures(app: App, isUsable: boolean) {
  const usageOf = (gate: App['gates']['halo']) => (isUsable ? gate.usage() : null);
  const [daemons, schedules, runs, tasks, alerts, rmm, halo, sites, assets, missing, away] =
    await Promise.all([
      listDaemons(app.queues),
      readSchedules(app),
      app.queues.runs.getJobCounts(),
      app.queues.tasks.getJobCounts(),
      app.queues.alerts.getJobCounts(),
      usageOf(app.gates.rmm),
      usageOf(app.gates.halo),
      app.links.sites.count(),
      app.links.assets.count(),
      readMissing(app),
      readAway(app),
    ]);
  return {
    daemons,
    schedules,
    queues: { runs, tasks, alerts },
    rateLimits: { rmm, halo },
    links: { sites, assets },
    missing,
    /** Which of the two APIs does not answer, since when, and whose requests wait for it. */
    away,
  };
}

async function readAway({ absences }: App) {
  const away = await absences.read();
  return away.map((each) => ({
    api: each.api,
    since: new Date(each.sinceMs).toISOString(),
    waiting: each.waiting,
    why: each.why,
    message: describeAbsence(each, Date.now()),
  }));
}

async function readMissing({ census, config, now }: App) {
  const [missing, refusal] = await Promise.all([census.missing(), census.refusal()]);
  const due = [...missing.values()].filter((each) => isDue(each, config.deactivation, now()));
  return {
    devices: missing.size,
    graceOver: due.length,
    refusal: refusal && { since: new Date(refusal.sinceMs).toISOString(), message: refusal.message },
  };
}

async function readSchedules(app: App) {
  const [schedulers, runs] = await Promise.all([
    app.queues.runs.getJobSchedulers(),
    app.runs.list(KEPT_RUNS),
  ]);
  return RUN_KINDS.map((kind) => {
    const next = schedulers.find((each) => each.key === kind)?.next;
    const ofKind = runs.filter((run) => run.kind === kind);
    return {
      kind,
      schedule: describeSchedule(app.config.schedules[kind]),
      next: next === undefined ? null : new Date(next).toISOString(),
      running: ofKind.find((run) => run.finishedAt === null)?.id ?? null,
      lastSuccess: ofKind.find((run) => run.state === 'succeeded')?.finishedAt ?? null,
      lastError: lastErrorOf(ofKind),
    };
  });
}

function printStatus(now: Status): void {
  printParts(now);
  print();
  if (printTroubles(now)) print();
  const rows = now.schedules.map((schedule) => scheduleRow(schedule, now));
  printTable(['RUN', 'SCHEDULE', 'NEXT', 'LAST SUCCESS', 'LAST ERROR'], rows);
}

function printParts({ daemons, redis, links, missing, queues, rateLimits }: Status): void {
  printNote('Daemons   ', daemons.length > 0 ? daemons.join(', ') : NO_DAEMON);
  printNote('Redis     ', redis);
  printNote('Links     ', `${counted(links.sites, 'site')}, ${counted(links.assets, 'asset')}`);
  printNote(
    'Missing   ',
    `${counted(missing.devices, 'device')}, ${missing.graceOver} of them past their grace`,
  );
  for (const [name, queue] of Object.entries(queues)) printNote('Queue     ', `${name}: ${countsOf(queue)}`);
  for (const [api, usage] of Object.entries(rateLimits)) {
    if (!usage) continue;
    const closed = usage.closedForMs > 0 ? `, closed for ${duration(usage.closedForMs)}` : '';
    const used = `${usage.used} of ${usage.limit} requests used${reservedOf(usage)}${closed}`;
    printNote('Limit     ', `${api}: ${used}`);
  }
}

/** Prints what a person should look at. @returns whether there was anything. */
function printTroubles({ redisTrouble, queues, missing: { refusal }, away }: Status): boolean {
  if (redisTrouble) printNote('! ', `Redis is not usable: ${redisTrouble}. Nothing runs until it is.`);
  for (const { message } of away) printNote('! ', message);
  const dead = queues.alerts.failed ?? 0;
  if (dead > 0) {
    const each = dead === 1 ? 'It has' : 'They have';
    const mend = 'When that is mended: halo-integrator requeue --all --queue alerts';
    printNote('! ', `${counted(dead, 'alert')} given up. ${each} no ticket: see the log for why. ${mend}`);
  }
  if (refusal) printNote('! ', `The sweep is refused since ${when(refusal.since)}. ${refusal.message}`);
  return redisTrouble !== null || away.length > 0 || dead > 0 || refusal !== null;
}

/** Runs stop short of what is kept for alerts, and then seem to stand still for no reason. */
function reservedOf({ limit, bulkLimit, nextFreeInMs }: NonNullable<Status['rateLimits']['halo']>): string {
  const kept = limit > bulkLimit ? `, ${limit - bulkLimit} of them kept for alerts` : '';
  return nextFreeInMs > 1000 ? `${kept}; runs wait for ${duration(nextFreeInMs)}` : kept;
}

/** Completed jobs are only kept to be looked at. */
function countsOf(counts: Record<string, number>): string {
  const parts = Object.entries(counts).filter(([state, count]) => count > 0 && state !== 'completed');
  return parts.map(([state, count]) => `${count} ${state}`).join(', ') || 'empty';
}

function scheduleRow(
  { kind, schedule, next, running, lastSuccess, lastError }: Status['schedules'][number],
  { daemons, missing: { refusal } }: Status,
): Toned[] {
  const isDaemonUp = daemons.length > 0;
  const upcoming = isDaemonUp ? when(next) : '-';
  const under = isDaemonUp ? 'running now' : 'not finished';
  return [kind, schedule, running ? under : upcoming, when(lastSuccess), errorCell(lastError, refusal)];
}

/** A refusal that stands is told above the table. */
function errorCell(
  error: Status['schedules'][number]['lastError'],
  refusal: Status['missing']['refusal'],
): Toned {
  if (!error) return '-';
  const message = refusal && error.message.includes(refusal.message) ? 'refused, see above' : error.message;
  return { text: `${when(error.at)}: ${message} (${error.run})`, tone: 'bad' };
}
