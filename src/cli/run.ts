import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { listDaemons, runToEnd } from '../queue/follow.js';
import { requestRun } from '../queue/request.js';
import { kindArgument, readKind } from './kind.js';
import { print, printJson } from './print.js';
import { exitCodeOf, printRun } from './report.js';
import { commonOptions, withApp } from './session.js';

const runOptions = commonOptions.extend({
  wait: z.boolean().default(false),
  force: z.boolean().default(false),
});
type RunOptions = z.infer<typeof runOptions>;

/** `run <kind>`: queues a run now; with no daemon up, works it in this process. */
export function runCommand(done: (exitCode: number) => void): Command {
  return new Command('run')
    .description('run now: through the daemon, or in this process where none is up')
    .addArgument(kindArgument())
    .option('--json', 'print one JSON document')
    .option('--wait', 'wait for the end of a run that the daemon works')
    .option('--force', 'lift the safety guard for this one run')
    .action(async (kind: string, _options: unknown, command: Command) => {
      const options = runOptions.parse(command.optsWithGlobals());
      done(await withApp(options, (app, signal) => run(app, kind, options, signal)));
    });
}

async function run(app: App, kind: string, options: RunOptions, signal: AbortSignal): Promise<number> {
  const request = { kind: readKind(kind), trigger: 'command line', force: options.force };
  if (!options.wait && (await listDaemons(app.queues)).length > 0) {
    const { runId, joined } = await requestRun(app.queues, request, app.retry);
    if (options.json) printJson({ id: runId, joined });
    else
      print(
        `Run ${runId} ${joined ? 'is under way already' : 'is queued'}. See: halo-integrator runs ${runId}`,
      );
    return 0;
  }
  const end = await runToEnd(app, request, signal);
  if (options.json) printJson(end);
  else printRun(end);
  return exitCodeOf(end);
}
