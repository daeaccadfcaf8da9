import { Command, Option } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { listDaemons } from '../queue/follow.js';
import { QUEUE_NAMES, type QueueName } from '../queue/queues.js';
import { idsToRequeue, type Requeued, requeue } from '../queue/requeue.js';
import { print, printJson, printNote } from './print.js';
import { printSeeHow } from './report.js';
import { commonOptions, withApp } from './session.js';
import { followRequeued, isWell, printWorked, toFollow, workedJson } from './work-here.js';

const requeueOptions = commonOptions.extend({
  all: z.boolean().default(false),
  wait: z.boolean().default(false),
  queue: z.enum(QUEUE_NAMES).optional(),
});
type RequeueOptions = z.infer<typeof requeueOptions>;

/** `requeue <id…>` or `requeue --all`: works again what has failed. */
export function requeueCommand(done: (exitCode: number) => void): Command {
  return new Command('requeue')
    .description(
      'work again what has failed: put alerts back, with fresh attempts; of a run that failed or is partial, or a part of it, queue another',
    )
    .argument('[id...]', 'jobs and runs, as "jobs" and "runs" name them')
    .option('--all', 'each job that failed, and the newest run of each kind where it failed or is partial')
    .addOption(new Option('--queue <queue>', 'only those of this queue').choices([...QUEUE_NAMES]))
    .option('--wait', 'wait for the end of what the daemon works')
    .option('--json', 'print one JSON document')
    .action(async (ids: string[], _options: unknown, command: Command) => {
      const options = requeueOptions.parse(command.optsWithGlobals());
      if (options.all === ids.length > 0) command.error('error: name the jobs, or give --all');
      done(await withApp(options, (app, signal) => requeueAll(app, ids, options, signal)));
    });
}

/** @returns 1 where what was named could not be put back, or failed again while it was followed. */
async function requeueAll(
  app: App,
  ids: string[],
  options: RequeueOptions,
  signal: AbortSignal,
): Promise<number> {
  const { all, json, queue, wait } = options;
  const names = queue ? [queue] : QUEUE_NAMES;
  const wanted = all ? await idsToRequeue(app, names) : [...new Set(ids)];
  const each: Requeued[] = [];
  const askedAtMs = Date.now();
  for (const id of wanted) each.push(await requeue(app, id, names, askedAtMs));
  // The tasks of a run go with it.
  const results = all ? each.filter(({ result }) => result !== 'not found') : each;
  const isUp = (await listDaemons(app.queues)).length > 0;
  if (!json) printRequeued(results, names, isUp, options);
  const worked = isUp && !wait ? null : await followRequeued(app, results, signal);
  if (json) printJson(results.map((result) => ({ ...result, ...(worked && workedJson(result, worked)) })));
  else if (worked) printWorked(worked, isUp);
  const isPutBack = ({ result }: Requeued) => result === 'put back' || result === 'anew';
  return (all || results.every(isPutBack)) && (!worked || isWell(worked)) ? 0 : 1;
}

function printRequeued(
  results: readonly Requeued[],
  names: readonly QueueName[],
  isUp: boolean,
  options: RequeueOptions,
): void {
  for (const result of results) printNote('', describe(result, names));
  if (results.length === 0)
    print(`Nothing has failed${names.length === 1 ? ` in the queue ${names[0]}` : ''}.`);
  const { runIds, alertIds } = toFollow(results);
  if (runIds.length + alertIds.length === 0) return;
  if (!isUp) print('No daemon is up, so this command works them itself.');
  else if (!options.wait) printSeeHow([...runIds.map((id) => `runs ${id}`), ...callsFor(alertIds)], options);
}

function callsFor([id, ...others]: readonly string[]): string[] {
  if (id === undefined) return [];
  return [others.length === 0 ? `jobs show ${id}` : 'jobs --queue alerts'];
}

function describe(requeued: Requeued, names: readonly QueueName[]): string {
  const { id } = requeued;
  switch (requeued.result) {
    case 'put back':
      return `${id} is put back.`;
    case 'anew':
      return requeued.joined
        ? `${id} (${requeued.why}): run ${requeued.runId}, which was queued before, does its work again.`
        : `${id} (${requeued.why}): run ${requeued.runId} is queued, and does its work again.`;
    case 'under way':
      return id === requeued.runId
        ? `${id} has not ended yet.`
        : `${id} belongs to run ${requeued.runId}, which has not ended yet.`;
    case 'not failed':
      return notFailed(id, requeued.state);
    case 'not found':
      return notFound(id, names);
  }
}

function notFailed(id: string, state: string): string {
  if (state === 'refused')
    return `${id} was refused by the safety guard, and would be again: see "halo-integrator runs ${id}".`;
  return `${id} has not failed: it ${state === 'succeeded' ? '' : 'is '}${state}.`;
}

function notFound(id: string, names: readonly QueueName[]): string {
  const [only] = names;
  return names.length === 1 && only
    ? `${id} was not found: there is no such job in the queue ${only}. See "halo-integrator jobs --queue ${only}" for the ids.`
    : `${id} was not found: there is no job of that id in the queues ${names.join(', ')}, and no run. See "halo-integrator jobs" and "halo-integrator runs" for the ids.`;
}
