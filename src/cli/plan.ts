import { Command } from 'commander';
import { z } from 'zod';
import { makePlan } from '../sync/plan.js';
import { kindArgument, readKind } from './kind.js';
import { printJson } from './print.js';
import { printPlan } from './report.js';
import { commonOptions, withApp } from './session.js';

const planOptions = commonOptions.extend({ detailedExitcode: z.boolean().default(false) });

/** `plan <kind>`: what a run would do and why. Writes nothing, anywhere. */
export function planCommand(done: (exitCode: number) => void): Command {
  return new Command('plan')
    .description('show what a run would do and why; writes nothing, anywhere')
    .addArgument(kindArgument())
    .option('--json', 'print one JSON document')
    .option('--detailed-exitcode', 'exit with 4 where there are changes')
    .action(async (kind: string, _options: unknown, command: Command) => {
      const options = planOptions.parse(command.optsWithGlobals());
      done(await plan(kind, options));
    });
}

async function plan(kind: string, options: z.infer<typeof planOptions>): Promise<number> {
  const report = await withApp(options, (app, signal) => makePlan(app, readKind(kind), signal));
  if (options.json) printJson(report);
  else printPlan(report);
  return options.detailedExitcode && report.changes.length > 0 ? 4 : 0;
}
