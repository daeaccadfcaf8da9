import type { Reading } from './reading.js';

/** A gauge of what stands in Redis, which is the same for each daemon. */
export interface Telling {
  /** Behind `halo_integrator_`. */
  name: string;
  help: string;
  labels: string[];
  values(reading: Reading): Value[];
}

type Value = [labels: Record<string, string>, value: number];

/** All that stands in Redis. What this process counts is in `meters.ts`. */
export const TELLINGS: Telling[] = [
  {
    name: 'last_success_timestamp_seconds',
    help: 'End of the last run that succeeded.',
    labels: ['run'],
    values: ({ ends }) => tellEnds(ends, 'successMs'),
  },
  {
    name: 'last_done_timestamp_seconds',
    help: 'End of the last run that did its work, though single items may have failed.',
    labels: ['run'],
    values: ({ ends }) => tellEnds(ends, 'doneMs'),
  },
  {
    name: 'last_attempt_timestamp_seconds',
    help: 'End of the last run, whatever became of it.',
    labels: ['run'],
    values: ({ ends }) => tellEnds(ends, 'attemptMs'),
  },
  {
    name: 'run_duration_seconds',
    help: 'How long the last run that ended took.',
    labels: ['run'],
    values: ({ reports }) => Array.from(reports, ([run, { durationMs }]) => [{ run }, durationMs / 1000]),
  },
  {
    name: 'run_items',
    help: 'Items of the last run that ended, by what was done with them.',
    labels: ['run', 'action'],
    values: ({ reports }) =>
      [...reports].flatMap(([run, { counts }]) => tellEach(counts, (action) => ({ run, action }))),
  },
  {
    name: 'sweep_refused',
    help: '1 while the safety guard refuses to deactivate assets.',
    labels: [],
    values: ({ isRefused }) => [[{}, isRefused ? 1 : 0]],
  },
  {
    name: 'missing_devices',
    help: 'Linked devices that complete listings lack.',
    labels: ['grace'],
    values: ({ missing }) => tellEach(missing, (grace) => ({ grace })),
  },
  {
    name: 'links',
    help: 'Sites and assets that are tied to Halo.',
    labels: ['kind'],
    values: ({ links }) => tellEach(links, (kind) => ({ kind })),
  },
  {
    name: 'rate_limit',
    help: 'Requests that the rolling window allows.',
    labels: ['api'],
    values: ({ usages }) => tellUsages(usages, ({ limit }) => limit),
  },
  {
    name: 'rate_limit_used',
    help: 'Requests in the rolling window.',
    labels: ['api'],
    values: ({ usages }) => tellUsages(usages, ({ used }) => used),
  },
  {
    name: 'rate_limit_remaining',
    help: 'Requests that may be sent now; 0 while a 429 keeps all back.',
    labels: ['api'],
    values: ({ usages }) =>
      tellUsages(usages, ({ limit, used, closedForMs }) => (closedForMs > 0 ? 0 : Math.max(0, limit - used))),
  },
  {
    name: 'queue_jobs',
    help: 'Jobs that have not ended. delayed: for the next attempt or the schedule; blocked: runs, by their tasks.',
    labels: ['queue', 'state'],
    values: ({ jobs }) =>
      Object.entries(jobs).flatMap(([queue, counts]) =>
        tellEach(depthsOf(counts), (state) => ({ queue, state })),
      ),
  },
  {
    name: 'dead_alerts',
    help: 'Alerts that were given up and wait to be put back.',
    labels: [],
    values: ({ jobs }) => [[{}, jobs.alerts.failed ?? 0]],
  },
  {
    name: 'alerts_handled',
    help: 'Alerts by what became of them, since Redis was empty.',
    labels: ['outcome'],
    values: ({ outcomes }) => Array.from(outcomes, ([outcome, count]) => [{ outcome }, count]),
  },
];

function tellEach(counts: Record<string, number>, labelsOf: (name: string) => Value[0]): Value[] {
  return Object.entries(counts).map(([name, count]) => [labelsOf(name), count]);
}

function tellEnds(ends: Reading['ends'], which: 'successMs' | 'doneMs' | 'attemptMs'): Value[] {
  return [...ends].flatMap(([run, { [which]: endMs }]): Value[] =>
    endMs === undefined ? [] : [[{ run }, endMs / 1000]],
  );
}

function tellUsages(
  usages: Reading['usages'],
  numberOf: (usage: Reading['usages']['rmm']) => number,
): Value[] {
  return Object.entries(usages).map(([api, usage]) => [{ api }, numberOf(usage)]);
}

/** In BullMQ's words, one that is ready may stand in any of three lists. */
function depthsOf(counts: Record<string, number>): Record<string, number> {
  const { waiting = 0, prioritized = 0, paused = 0, active = 0, delayed = 0 } = counts;
  return {
    waiting: waiting + prioritized + paused,
    active,
    delayed,
    blocked: counts['waiting-children'] ?? 0,
  };
}
