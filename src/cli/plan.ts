import { Command } from 'commander';
import { z } from 'zod';
import { unlessAborted } from '../store/abort.js';
import type { RunKind } from '../store/runs.js';
import { PLANNABLE_KINDS } from '../sync/kinds.js';
import { makePlan } from '../sync/plan.js';
import { EXIT } from './exit.js';
import { kindArgument } from './kind.js';
import { printJson } from './print.js';
import { printPlan } from './report.js';
import { commonOptions, withApp } from './session.js';
import { tellingWaits } from './waits.js';

const planOptions = commonOptions.extend({ detailedExitcode: z.boolean().default(false) });

/** `plan <kind>`: what a run would do and why. Writes nothing, anywhere. */
export function planCommand(done: (exitCode: number) => void): Command {
  return new Command('plan')
    .description('show what a run would do and why; writes nothing, anywhere')
    .addArgument(kindArgument(PLANNABLE_KINDS))
    .option('--json', 'print one JSON document')
    .option('--detailed-exitcode', 'exit with 4 where there are changes')
    .action(async (kind: RunKind, _options: unknown, command: Command) => {
      done(await plan(kind, planOptions.parse(command.optsWithGlobals())));
    });
}

async function plan(kind: RunKind, options: z.infer<typeof planOptions>): Promise<number> {
  const report = await withApp(options, (app, signal) =>
    tellingWaits(app, unlessAborted(makePlan(app, kind, signal), signal)),
  );
  if (options.json) printJson(report);
  else printPlan(report);
  if (report.guard !== null) return EXIT.refused;
  if (report.counts.failed > 0) return EXIT.failed;
  return options.detailedExitcode && report.changes.length > 0 ? EXIT.changes : EXIT.done;
}
