import { Command, Option } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { secretsOf } from '../config/masking.js';
import { counted } from '../inventory/sentence.js';
import { cut } from '../inventory/words.js';
import { masking } from '../log.js';
import { JOB_STATES, type JobList, type ListedJob, listJobs, readJob } from '../queue/jobs.js';
import { QUEUE_NAMES } from '../queue/queues.js';
import { NAME } from './guides.js';
import { jobJson, printJob } from './job-detail.js';
import { limitOption, printMore } from './limit.js';
import { print, printJson, stated, type Toned, when } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { printTable } from './table.js';

const jobsOptions = commonOptions.extend({
  queue: z.enum(QUEUE_NAMES).optional(),
  state: z.enum(JOB_STATES).optional(),
  limit: z.number(),
});
type JobsOptions = z.infer<typeof jobsOptions>;

const MOST_ERROR_CHARACTERS = 120;

/** `jobs`: the jobs of all queues, the newest first; `jobs show <id>`: everything of one. */
export function jobsCommand(done: (exitCode: number) => void): Command {
  const jobs = new Command('jobs')
    .description('list the newest jobs behind runs and alerts')
    .addOption(new Option('--state <state>', 'only those in this state').choices([...JOB_STATES]))
    .addOption(new Option('--queue <queue>', 'only those of this queue').choices([...QUEUE_NAMES]))
    .addOption(limitOption())
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
  const { queue, state, json, limit } = options;
  const wanted = { queues: queue ? [queue] : QUEUE_NAMES, states: state ? [state] : JOB_STATES, most: limit };
  const found = await withApp(options, (app) => listJobs(app, wanted, maskOf(app)));
  if (json) printJson({ ...found, jobs: found.jobs.map(listedJson) });
  else if (found.jobs.length === 0) print(describeNone(options));
  else printList(found);
}

function describeNone({ queue, state }: JobsOptions): string {
  const where = queue ? `the queue ${queue}` : `any of the queues ${QUEUE_NAMES.join(', ')}`;
  return `There is no job${state ? ` in the state ${state}` : ''} in ${where}.`;
}

function printList({ count, jobs }: JobList): void {
  printTable(['JOB', 'QUEUE', 'STATE', 'WHEN', 'ATTEMPTS', 'ERROR'], jobs.map(row));
  printMore(count, jobs.length);
}

function row({ id, queue, state, atMs, attempts, error, failedItems }: ListedJob): Toned[] {
  const items = failedItems > 0 ? `${counted(failedItems, 'item')} failed` : '-';
  return [id, queue, stated(state), when(atMs), String(attempts), inShort(error) || items];
}

function inShort(error: string | null): string {
  const [line = ''] = (error ?? '').split('\n');
  return line.length > MOST_ERROR_CHARACTERS ? `${cut(line, MOST_ERROR_CHARACTERS - 1)}…` : line;
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const { job, isRun } = await withApp(options, async (app) => ({
    job: await readJob(app, id, maskOf(app)),
    isRun: (await app.runs.read(id)) !== null,
  }));
  if (!job && isRun) throw new Error(`The job of run ${id} is not kept any more: see "${NAME} runs ${id}".`);
  if (!job)
    throw new Error(`There is no job ${id}. Those that ended are kept for a while: see "${NAME} jobs".`);
  if (options.json) printJson(jobJson(job));
  else printJob(job);
}

function listedJson({ atMs, ...job }: ListedJob) {
  return { ...job, at: new Date(atMs).toISOString() };
}

function maskOf({ config }: App): (text: string) => string {
  return masking(secretsOf(config));
}
