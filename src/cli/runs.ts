import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import { isToRepair, KEPT_RUNS, type RunRecord } from '../store/runs.js';
import { NAME } from './guides.js';
import { limitOption, printMore } from './limit.js';
import { duration, print, printJson, printNote, stated, type Toned, when } from './print.js';
import { countsLine, printRun, runJson } from './report.js';
import { type CommonOptions, commonOptions, WHEN_A_RUN_GOES_ON, withApp } from './session.js';
import { printTable } from './table.js';

const runsOptions = commonOptions.extend({ limit: z.number() });
type RunsOptions = z.infer<typeof runsOptions>;

const LEFT = `Nobody works on what has not ended. It goes on ${WHEN_A_RUN_GOES_ON}.`;

/** `runs [id]`: the history, or one run with every failed item. */
export function runsCommand(done: (exitCode: number) => void): Command {
  return new Command('runs')
    .description('show the last runs, or one of them with every failed item')
    .argument('[id]', 'a run, as the list names it')
    .addOption(limitOption())
    .option('--json', 'print one JSON document')
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const options = runsOptions.parse(command.optsWithGlobals());
      await (id === undefined ? showAll(options) : showOne(id, options));
      done(0);
    });
}

async function showAll(options: RunsOptions): Promise<void> {
  const { runs, isLeft, count } = await withApp(options, async (app) => ({
    ...(await look(app, await app.runs.list(options.limit))),
    count: await app.runs.count(),
  }));
  if (options.json) return printJson(runs.map(runJson));
  if (runs.length === 0) print('There has been no run yet.');
  else printTable(['RUN', 'STATE', 'STARTED', 'TOOK', 'WHAT'], runs.map(row));
  printMore(count, runs.length);
  if (isLeft) printNote('', LEFT);
}

async function showOne(id: string, options: CommonOptions): Promise<void> {
  const { runs, isLeft } = await withApp(options, async (app) => {
    const run = await app.runs.read(id);
    return look(app, run ? [run] : []);
  });
  const [run] = runs;
  if (!run)
    throw new Error(`There is no run ${id}. The last ${KEPT_RUNS} are kept: see "halo-integrator runs".`);
  if (options.json) printJson(runJson(run));
  else {
    const ended = run.finishedAt === null ? 'not yet' : when(run.finishedAt);
    printNote('', `Started ${when(run.startedAt)} by ${run.trigger}, ended ${ended}.`);
    printRun(run);
    if (isLeft) printNote('', LEFT);
    if (isToRepair(run)) printNote('', `Work it again: ${NAME} requeue ${run.id}`);
  }
}

/** Tells whether one of the runs was left by the process that worked it: its state still says that it is running. */
async function look(app: App, runs: RunRecord[]): Promise<{ runs: RunRecord[]; isLeft: boolean }> {
  const hasOpen = runs.some((run) => run.finishedAt === null);
  return { runs, isLeft: hasOpen && (await app.queues.runs.getWorkers()).length === 0 };
}

function row(run: RunRecord): Toned[] {
  const { startedAt, finishedAt } = run;
  const tookMs = (finishedAt ? Date.parse(finishedAt) : Date.now()) - Date.parse(startedAt);
  return [run.id, stated(run.state), when(startedAt), duration(tookMs), countsLine(run.counts)];
}
