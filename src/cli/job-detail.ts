import type { JobDetail } from '../queue/jobs.js';
import { print, printNote, relative } from './print.js';

/** Prints everything of one job. */
export function printJob(job: JobDetail): void {
  printNote('Job       ', `${job.id} of the queue ${job.queue}`);
  printNote('State     ', job.state);
  printNote('Attempts  ', `${job.attempts} of ${job.attemptsAllowed}`);
  printNote('Created   ', moment(job.createdMs));
  printNote('Started   ', job.startedMs === null ? 'not yet' : moment(job.startedMs));
  if (job.dueMs !== null) printNote('Due       ', moment(job.dueMs));
  printNote('Ended     ', job.endedMs === null ? 'not yet' : moment(job.endedMs));
  if (job.error !== null) printNote('Error     ', job.error);
  printLines('About', job.about.split('\n'));
  if (job.result !== null) printNote('Result    ', job.result);
  printLines('Log', job.log);
}

function printLines(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  print(title);
  for (const line of lines) printNote('  ', line);
}

/** To the second, and as seen from now. */
function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z (${relative(ms)})`;
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
