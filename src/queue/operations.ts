import { RUN_KINDS, type RunKind, type Runs } from '../store/runs.js';
import { listDeadAlerts, listFailedOfRuns } from './failed-jobs.js';
import { listDaemons } from './follow.js';
import { QUEUE_NAMES, type Queues } from './queues.js';
import { type RetryPolicy, requestRun } from './request.js';
import { failedIds, requeue, runsToRepair } from './requeue.js';

/** What a person looks at and does who operates the queues. */
export function operations(parts: { queues: Queues; retry: RetryPolicy; runs: Runs }) {
  const { queues, retry, runs } = parts;
  const requeueOne = (id: string) => requeue(parts, id, QUEUE_NAMES);
  return {
    daemons: () => listDaemons(queues),
    nextRuns: () => nextRuns(queues),
    queueCounts: () => countJobs(queues),
    /** @param confirmed the mark of the list that the guard is lifted for; left out: it is not lifted. */
    requestRun: (kind: RunKind, confirmed?: string) =>
      requestRun(
        queues,
        {
          kind,
          trigger: 'console',
          ...(confirmed === undefined ? { force: false } : { force: true, confirmed }),
        },
        retry,
      ),
    isQueued: (runId: string) => isQueued(queues, runId),
    deadAlerts: (most: number) => listDeadAlerts(queues, most),
    failedOfRuns: (most: number) => listFailedOfRuns(parts, most),
    runsToRepair: () => runsToRepair(runs),
    requeue: requeueOne,
    /** The oldest dead alerts. @returns how many were put back. */
    async requeueAlerts(most: number) {
      const ids = (await failedIds(queues, ['alerts'])).slice(0, most);
      for (const id of ids) await requeueOne(id);
      return ids.length;
    },
  };
}

/** When each schedule fires next, in milliseconds since 1970; one that is off is left out. */
async function nextRuns({ runs }: Queues): Promise<Map<RunKind, number>> {
  const schedulers = await runs.getJobSchedulers();
  const next = (kind: RunKind) => schedulers.find(({ key }) => key === kind)?.next;
  return new Map(RUN_KINDS.map((kind) => [kind, next(kind)] as const).filter(isKnown));
}

function isKnown(pair: readonly [RunKind, number | undefined]): pair is readonly [RunKind, number] {
  return pair[1] !== undefined;
}

/** How many jobs of each queue are in which state. */
async function countJobs({ runs, tasks, alerts }: Queues) {
  const [ofRuns, ofTasks, ofAlerts] = await Promise.all([
    runs.getJobCounts(),
    tasks.getJobCounts(),
    alerts.getJobCounts(),
  ]);
  return { runs: ofRuns, tasks: ofTasks, alerts: ofAlerts };
}

/** Whether the job of a run is there, and has not ended. */
async function isQueued({ runs }: Queues, runId: string): Promise<boolean> {
  return !['unknown', 'completed', 'failed'].includes(await runs.getJobState(runId));
}
