import type { Plan } from '../inventory/plan.js';
import type { RunKind } from '../store/runs.js';
import { assets } from './assets.js';
import type { RunContext } from './context.js';
import { decide, listGroup, planRun, writeChunk } from './run.js';
import { sites } from './sites.js';
import type { Group, Subject, Wanted } from './subject.js';

/** The steps of a run, in their order; each is one job. */
export interface RunSteps {
  groups(context: RunContext): Promise<Group[]>;
  list(context: RunContext, group: Group, number: number): Promise<void>;
  plan(context: RunContext): Promise<{ chunks: number; writes: number }>;
  write(context: RunContext, chunk: number): Promise<void>;
  /** What `plan` would lay out, without doing so. */
  decide(context: RunContext): Promise<Plan>;
}

function stepsFor<Item extends Wanted>(subject: Subject<Item>): RunSteps {
  return {
    groups: subject.groups,
    list: (context, group, number) => listGroup(context, subject, group, number),
    plan: (context) => planRun(context, subject),
    write: (context, chunk) => writeChunk(context, subject, chunk),
    decide: (context) => decide(context, subject),
  };
}

/** The kinds of run that there are so far. */
export const RUNNABLE_KINDS = ['sites', 'assets'] as const satisfies readonly RunKind[];

const STEPS: Partial<Record<RunKind, RunSteps>> = { sites: stepsFor(sites), assets: stepsFor(assets) };

/** @throws Error for a kind that cannot be run yet. */
export function stepsOf(kind: RunKind): RunSteps {
  const steps = STEPS[kind];
  if (!steps)
    throw new Error(
      `Runs of kind ${kind} are not there yet: this version runs ${RUNNABLE_KINDS.join(' and ')}.`,
    );
  return steps;
}
