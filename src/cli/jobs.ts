import { Command, Option } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { secretsOf } from '../config/masking.js';
import { masking } from '../log.js';
import { JOB_STATES, type JobList, type ListedJob, listJobs, readJob } from '../queue/jobs.js';
import { QUEUE_NAMES } from '../queue/requeue.js';
import { jobJson, printJob } from './job-detail.js';
import { print, printJson, printNote, stated, type Toned, when } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { printTable } from './table.js';

const jobsOptions = commonOptions.extend({
  queue: z.enum(QUEUE_NAMES).optional(),
  state: z.enum(JOB_STATES).optional(),
});
type JobsOptions = z.infer<typeof jobsOptions>;

const MOST = 50;
const MOST_ERROR_CHARACTERS = 120;

/** `jobs`: the jobs of all queues, the newest first; `jobs show <id>`: everything of one. */
export function jobsCommand(done: (exitCode: number) => void): Command {
  const jobs = new Command('jobs')
    .description(`list the newest ${MOST} jobs behind runs and alerts`)
    .addOption(new Option('--state <state>', 'only those in this state').choices([...JOB_STATES]))
    .addOption(new Option('--queue <queue>', 'only those of this queue').choices([...QUEUE_NAMES]))
    .option('--json', 'print one JSON document')
    .action(async (_options: unknown, command: Command) => {
      await list(jobsOptions.parse(command.optsWithGlobals()));
      done(0);
    });
  jobs
    .command('show')
    .description('show everything of one job')
    .argument('<id>', 'a job, as the list names it')
    .option('--json', 'print one JSON document')
    .action(async (id: string, _options: unknown, command: Command) => {
      await show(id, commonOptions.parse(command.optsWithGlobals()));
      done(0);
    });
  return jobs;
}

async function list(options: JobsOptions): Promise<void> {
  const { queue, state, json } = options;
  const wanted = { queues: queue ? [queue] : QUEUE_NAMES, states: state ? [state] : JOB_STATES, most: MOST };
  const found = await withApp(options, (app) => listJobs(app.queues, wanted, maskOf(app)));
  if (json) printJson({ ...found, jobs: found.jobs.map(listedJson) });
  else if (found.jobs.length === 0) print('There is no such job.');
  else printList(found);
}

function printList({ count, jobs }: JobList): void {
  printTable(['JOB', 'QUEUE', 'STATE', 'WHEN', 'ATTEMPTS', 'ERROR'], jobs.map(row));
  if (count > jobs.length)
    printNote(
      '',
      `The newest ${jobs.length} of ${count} are shown. Narrow them down with --state or --queue.`,
    );
}

function row({ id, queue, state, atMs, attempts, error }: ListedJob): Toned[] {
  return [id, queue, stated(state), when(atMs), String(attempts), inShort(error) || '-'];
}

function inShort(error: string | null): string {
  const [line = ''] = (error ?? '').split('\n');
  return line.length > MOST_ERROR_CHARACTERS ? `${line.slice(0, MOST_ERROR_CHARACTERS - 1)}…` : line;
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const job = await withApp(options, (app) => readJob(app.queues, id, maskOf(app)));
  if (!job)
    throw new Error(
      `There is no job ${id}. Those that ended are kept for a while: see "halo-integrator jobs".`,
    );
  if (options.json) printJson(jobJson(job));
  else printJob(job);
}

function listedJson({ atMs, ...job }: ListedJob) {
  return { ...job, at: new Date(atMs).toISOString() };
}

function maskOf({ config }: App): (text: string) => string {
  return masking(secretsOf(config));
}
