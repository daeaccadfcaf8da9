import type { Plan } from '../inventory/plan.js';
import type { RunKind } from '../store/runs.js';
import { assets } from './assets.js';
import type { JobContext, RunContext } from './context.js';
import { decide, listGroup, planRun, writeChunk } from './run.js';
import { sites } from './sites.js';
import type { Group, Subject, Wanted } from './subject.js';

/** The steps of a pass, in their order; each is one job. */
export interface PassSteps {
  kind: 'sites' | 'assets';
  groups(context: RunContext): Promise<Group[]>;
  list(context: RunContext, group: Group, number: number): Promise<void>;
  plan(context: JobContext, isComplete: boolean): Promise<{ chunks: number; writes: number }>;
  write(context: JobContext, chunk: number): Promise<void>;
  /** What `plan` would lay out, without doing so. */
  decide(context: RunContext, isComplete: boolean): Promise<Plan>;
}

function stepsFor<Item extends Wanted>(subject: Subject<Item>): PassSteps {
  return {
    kind: subject.kind,
    groups: subject.groups,
    list: (context, group, number) => listGroup(context, subject, group, number),
    plan: (context, isComplete) => planRun(context, subject, isComplete),
    write: (context, chunk) => writeChunk(context, subject, chunk),
    decide: (context, isComplete) => decide(context, subject, isComplete),
  };
}

/** The kinds of run that there are so far. */
export const RUNNABLE_KINDS = ['sites', 'assets', 'verify'] as const satisfies readonly RunKind[];

/** Those that `plan` and `import` can show before they are done. */
export const PLANNABLE_KINDS = ['sites', 'assets'] as const satisfies readonly RunKind[];

const PASSES: Partial<Record<RunKind, [PassSteps, ...PassSteps[]]>> = {
  sites: [stepsFor(sites)],
  assets: [stepsFor(assets)],
  // Assets want the sites that they stand in.
  verify: [stepsFor(sites), stepsFor(assets)],
};

/** @throws Error where a kind has no such pass: an older version may have left the job. */
export function passAt(kind: RunKind, pass: number): PassSteps {
  const steps = passesOf(kind)[pass];
  if (!steps) throw new TypeError(`A run of kind ${kind} has no pass ${pass}.`);
  return steps;
}

/**
 * The passes of a run, one after the other.
 * @throws Error for a kind that cannot be run yet.
 */
export function passesOf(kind: RunKind): [PassSteps, ...PassSteps[]] {
  const passes = PASSES[kind];
  if (passes) return passes;
  throw new Error(`Runs of kind ${kind} are not there yet: this version runs ${RUNNABLE_KINDS.join(', ')}.`);
}
