import type { Job } from 'bullmq';
import { emptyTally } from '../inventory/tally.js';
import { openContext, type RunContext } from '../sync/context.js';
import { stepsOf } from '../sync/kinds.js';
import type { TaskJob } from './queues.js';
import type { JobParts } from './run-job.js';

/** Works one part of a run: lists a group of companies, or writes a chunk of changes. */
export async function workTask(parts: JobParts, job: Job<TaskJob>, signal: AbortSignal): Promise<void> {
  const { task, kind, number, runId } = job.data;
  const context = await openContext(parts, runId, `${task}-${number}`, signal);
  try {
    if (job.data.task === 'list') {
      forgetCounts(context);
      await stepsOf(kind).list(context, job.data.group, number);
    } else {
      await stepsOf(kind).write(context, number);
    }
  } finally {
    await context.saveTally();
  }
}

/** A listing that is repeated counts its items anew; the requests of its earlier attempts were spent. */
function forgetCounts({ tally }: RunContext): void {
  const { counts, errors } = emptyTally();
  Object.assign(tally, { counts, errors });
}
