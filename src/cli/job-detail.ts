import type { JobDetail } from '../queue/jobs.js';
import { NAME } from './guides.js';
import { printNote, stated, when } from './print.js';

const MOST_ITEMS = 20;

/** Prints everything of one job. */
export function printJob(job: JobDetail): void {
  printNote('Job       ', `${job.id} of the queue ${job.queue}`);
  printNote('State     ', stated(job.state));
  printNote('Attempts  ', `${job.attempts} of ${job.attemptsAllowed}`);
  printNote('Created   ', when(job.createdMs));
  printNote('Started   ', job.startedMs === null ? 'not yet' : when(job.startedMs));
  if (job.dueMs !== null) printNote('Due       ', when(job.dueMs));
  printNote('Ended     ', job.endedMs === null ? 'not yet' : when(job.endedMs));
  if (job.error !== null) printNote('Error     ', { text: job.error, tone: 'bad' });
  printLines('About', job.about.split('\n'));
  printItems(job);
  if (job.result !== null) printNote('Result    ', job.result);
  printLines('Log', job.log);
}

/** All of them are in the JSON, and in the report of the run. */
function printItems({ items, failedItems, runId }: JobDetail): void {
  const lines = items.slice(0, MOST_ITEMS).map(({ message }) => message);
  const more = items.length - lines.length;
  if (more > 0) lines.push(`${more} more: ${NAME} runs ${runId}`);
  printLines(`Items that failed (${failedItems}) or want a look`, lines);
}

function printLines(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  printNote(title, '');
  for (const line of lines) printNote('  ', line);
}

/** The same as one JSON document. */
export function jobJson({ createdMs, startedMs, endedMs, dueMs, atMs: _, ...job }: JobDetail) {
  const times = {
    createdAt: iso(createdMs),
    startedAt: iso(startedMs),
    endedAt: iso(endedMs),
    dueAt: iso(dueMs),
  };
  return { ...job, ...times };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
