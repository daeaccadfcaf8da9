import type { Job } from 'bullmq';
import { openContext, type RunContext } from '../sync/context.js';
import { passAt } from '../sync/kinds.js';
import { type TaskJob, taskName } from './queues.js';
import { forgetCounts, type JobParts } from './run-job.js';

/** Works one part of a run: lists a group of companies, or writes a chunk of changes. */
export async function workTask(parts: JobParts, job: Job<TaskJob>, signal: AbortSignal): Promise<void> {
  const { kind, pass, number, runId, look } = job.data;
  const steps = passAt(kind, pass);
  const context = await openContext(parts, { runId, job: taskName(job.data), look }, signal);
  try {
    if (job.data.task === 'list') {
      forgetCounts(context);
      await steps.list(context, job.data.group, number);
    } else {
      forgetFailures(context);
      await steps.write(context, number);
    }
  } finally {
    await context.saveTally();
  }
}

/** What was written stays written and counted; what failed is tried, or reported, again. */
function forgetFailures({ tally }: RunContext): void {
  tally.counts.failed = 0;
  tally.errors = [];
}
