import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { listDaemons } from '../queue/follow.js';
import { type RunRequest, requestRun } from '../queue/request.js';
import { RUN_KINDS, type RunKind } from '../store/runs.js';
import { followRun } from './follow.js';
import { kindArgument } from './kind.js';
import { printJson } from './print.js';
import { exitCodeOf, printRun, printSeeHow, runJson } from './report.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';

const runOptions = commonOptions.extend({
  wait: z.boolean().default(false),
  force: z.boolean().default(false),
});

/** `run <kind>`: queues a run now; with no daemon up, works it in this process. */
export function runCommand(done: (exitCode: number) => void): Command {
  return new Command('run')
    .description('run now: through the daemon, or in this process where none is up')
    .addArgument(kindArgument(RUN_KINDS))
    .option('--json', 'print one JSON document')
    .option('--wait', 'wait for the end of a run that the daemon works')
    .option('--force', 'lift the safety guard for this one run')
    .action(async (kind: RunKind, _options: unknown, command: Command) => {
      const options = runOptions.parse(command.optsWithGlobals());
      const request = { kind, trigger: 'command line', force: options.force };
      const run = async (app: App, signal: AbortSignal) =>
        !options.wait && (await listDaemons(app.queues)).length > 0
          ? leaveToDaemon(app, request, options)
          : workAndReport(app, request, options, signal);
      done(await withApp(options, run));
    });
}

async function leaveToDaemon(app: App, request: RunRequest, options: CommonOptions): Promise<number> {
  const { runId, joined } = await requestRun(app.queues, request, app.retry);
  if (options.json) printJson({ id: runId, joined });
  else {
    const how = joined ? 'was asked for before, and has not ended' : 'is queued';
    printSeeHow([`runs ${runId}`], options, `Run ${runId} ${how}. `);
  }
  return 0;
}

/** Follows a run to its end and prints its report. @returns the exit code. */
export async function workAndReport(
  app: App,
  request: RunRequest,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<number> {
  const run = await followRun(app, request, signal);
  if (options.json) printJson(runJson(run));
  else printRun(run);
  return exitCodeOf(run);
}
