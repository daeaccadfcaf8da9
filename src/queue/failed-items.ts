import type { Job } from 'bullmq';
import type { Tally } from '../inventory/tally.js';
import type { Runs } from '../store/runs.js';
import { type QueueName, taskName } from './queues.js';

/** What a job has counted and noted of its items: a run of all its parts, a part of its own; `null`: an alert has none. */
export async function tallyOf(
  runs: Pick<Runs, 'read' | 'loadTally'>,
  queue: QueueName,
  { id = '', data }: Job,
): Promise<Pick<Tally, 'counts' | 'errors'> | null> {
  if (queue === 'alerts') return null;
  return queue === 'runs' ? runs.read(id) : runs.loadTally(data.runId, taskName(data));
}
