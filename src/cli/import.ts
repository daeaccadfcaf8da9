import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { unlessAborted } from '../store/abort.js';
import type { RunKind } from '../store/runs.js';
import { IMPORTABLE_KINDS } from '../sync/kinds.js';
import { makePlan } from '../sync/plan.js';
import { kindArgument } from './kind.js';
import { print } from './print.js';
import { printPlan } from './report.js';
import { workAndReport } from './run.js';
import { commonOptions, withApp } from './session.js';
import { tellingWaits } from './waits.js';

const importOptions = commonOptions.extend({ yes: z.boolean().default(false) });
type ImportOptions = z.infer<typeof importOptions>;

/** `import <kind>`: the list, a confirmation, a progress bar, a summary. */
export function importCommand(done: (exitCode: number) => void): Command {
  return new Command('import')
    .description('show the plan, ask, run it with a progress bar, and sum up')
    .addArgument(kindArgument(IMPORTABLE_KINDS))
    .option('--json', 'print one JSON document: the run; needs --yes')
    .option('--yes', 'do not ask')
    .action(async (kind: RunKind, _options: unknown, command: Command) => {
      const options = importOptions.parse(command.optsWithGlobals());
      if (options.json && !options.yes) command.error('error: --json asks no questions, so it needs --yes');
      done(await withApp(options, (app, signal) => importKind(app, kind, options, signal)));
    });
}

async function importKind(
  app: App,
  kind: RunKind,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<number> {
  if (!options.json) {
    const plan = await tellingWaits(app, unlessAborted(makePlan(app, kind, signal), signal));
    printPlan(plan);
    if (plan.changes.length === 0) return plan.counts.failed > 0 ? 1 : 0;
    if (!options.yes && !(await confirm(`Go ahead with these ${plan.changes.length} ${kind}?`, signal))) {
      print('Nothing was changed.');
      return 0;
    }
  }
  return workAndReport(app, { kind, trigger: 'import', force: false }, options, signal);
}

/** @throws Error for Ctrl+C, Ctrl+D, a signal, or an input that ends without an answer. */
async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = once(prompt, 'close', { signal }).then(() => Promise.reject(new Error('no answer')));
    const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    process.stderr.write('\n');
    throw new Error('Nothing was changed. With --yes, import does not ask.');
  } finally {
    prompt.close();
  }
}
