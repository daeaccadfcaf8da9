import { createInterface } from 'node:readline/promises';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { runToEnd } from '../queue/follow.js';
import type { RunRecord } from '../store/runs.js';
import { makePlan } from '../sync/plan.js';
import { kindArgument, readKind } from './kind.js';
import { print, printJson } from './print.js';
import { exitCodeOf, printPlan, printRun } from './report.js';
import { commonOptions, withApp } from './session.js';

const importOptions = commonOptions.extend({ yes: z.boolean().default(false) });
type ImportOptions = z.infer<typeof importOptions>;

/** `import <kind>`: the list, a confirmation, a progress bar, a summary. */
export function importCommand(done: (exitCode: number) => void): Command {
  return new Command('import')
    .description('show the plan, ask, run it with a progress bar, and sum up')
    .addArgument(kindArgument())
    .option('--json', 'print one JSON document; needs --yes')
    .option('--yes', 'do not ask')
    .action(async (kind: string, _options: unknown, command: Command) => {
      const options = importOptions.parse(command.optsWithGlobals());
      if (options.json && !options.yes) command.error('error: --json asks no questions, so it needs --yes');
      done(await withApp(options, (app, signal) => importKind(app, kind, options, signal)));
    });
}

async function importKind(
  app: App,
  text: string,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<number> {
  const kind = readKind(text);
  if (!options.json) {
    const plan = await makePlan(app, kind, signal);
    printPlan(plan);
    if (plan.changes.length === 0) return 0;
    if (!options.yes && !(await confirm(`Import ${plan.changes.length} ${kind}?`, signal))) {
      print('Nothing was changed.');
      return 0;
    }
  }
  const run = await followWithBar(app, kind, signal);
  if (options.json) printJson(run);
  else printRun(run);
  return exitCodeOf(run);
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error('There is no terminal to ask on. Say --yes to import without asking.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    prompt.close();
  }
}

async function followWithBar(
  app: App,
  kind: ReturnType<typeof readKind>,
  signal: AbortSignal,
): Promise<RunRecord> {
  const bar = new SingleBar({
    format: '{phase} [{bar}] {value}/{total}',
    stream: process.stderr,
    clearOnComplete: true,
  });
  bar.start(0, 0, { phase: 'listing' });
  const show = ({ progress, counts }: RunRecord) => {
    const { created, updated, moved, reactivated, deactivated, failed } = counts;
    bar.setTotal(progress.total);
    bar.update(created + updated + moved + reactivated + deactivated + failed, { phase: progress.phase });
  };
  try {
    return await runToEnd(app, { kind, trigger: 'import', force: false }, signal, show);
  } finally {
    bar.stop();
  }
}
