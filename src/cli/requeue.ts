import { Command, Option } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { listDaemons } from '../queue/follow.js';
import { failedIds, QUEUE_NAMES, type Requeued, requeue } from '../queue/requeue.js';
import { print, printJson } from './print.js';
import { commonOptions, withApp } from './session.js';
import { isWell, printWorked, wantsWork, workedJson, workHere } from './work-here.js';

const requeueOptions = commonOptions.extend({
  all: z.boolean().default(false),
  queue: z.enum(QUEUE_NAMES).optional(),
});
type RequeueOptions = z.infer<typeof requeueOptions>;

/** `requeue <id…>` or `requeue --all`: puts failed jobs back with fresh attempts. */
export function requeueCommand(done: (exitCode: number) => void): Command {
  return new Command('requeue')
    .description('put failed alerts and runs back, with fresh attempts')
    .argument('[id...]', 'jobs, such as alert-20261124-061200-3f9c2a1b')
    .option('--all', 'each job that failed')
    .addOption(new Option('--queue <queue>', 'only those of this queue').choices([...QUEUE_NAMES]))
    .option('--json', 'print one JSON document')
    .action(async (ids: string[], _options: unknown, command: Command) => {
      const options = requeueOptions.parse(command.optsWithGlobals());
      if (options.all === ids.length > 0) command.error('error: name the jobs, or give --all');
      done(await withApp(options, (app, signal) => requeueAll(app, ids, options, signal)));
    });
}

/** @returns 1 where a job that was named could not be put back, or failed again in this process. */
async function requeueAll(
  app: App,
  ids: string[],
  { all, json, queue }: RequeueOptions,
  signal: AbortSignal,
): Promise<number> {
  const names = queue ? [queue] : QUEUE_NAMES;
  const wanted = all ? await failedIds(app.queues, names) : [...new Set(ids)];
  const each: Requeued[] = [];
  for (const id of wanted) each.push(await requeue(app.queues, id, names, app.retry));
  // The tasks of a run go with it.
  const results = all ? each.filter(({ result }) => result !== 'not found') : each;
  const isUp = (await listDaemons(app.queues)).length > 0;
  if (!json) printRequeued(results, isUp);
  const worked = isUp ? null : await workHere(app, results, signal);
  if (json) printJson(results.map((result) => ({ ...result, ...(worked && workedJson(result, worked)) })));
  else if (worked) printWorked(worked);
  const isPutBack = ({ result }: Requeued) => result === 'put back' || result === 'anew';
  return (all || results.every(isPutBack)) && (!worked || isWell(worked)) ? 0 : 1;
}

function printRequeued(results: readonly Requeued[], isUp: boolean): void {
  for (const result of results) print(describe(result));
  if (results.length === 0) print('No job has failed.');
  else if (!isUp && wantsWork(results)) print('No daemon is up, so this command works them itself.');
}

function describe(requeued: Requeued): string {
  switch (requeued.result) {
    case 'put back':
      return `${requeued.id} is put back.`;
    case 'anew':
      return `${requeued.id} belonged to a run that has ended: run ${requeued.runId} is queued in its place.`;
    case 'under way':
      return `${requeued.id} belongs to run ${requeued.runId}, which has not ended yet.`;
    case 'not failed':
      return `${requeued.id} has not failed: it is ${requeued.state}.`;
    case 'not found':
      return `${requeued.id} was not found.`;
  }
}
