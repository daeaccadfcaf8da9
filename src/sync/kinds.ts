import { joinPlans, type Plan } from '../inventory/plan.js';
import type { RunKind } from '../store/runs.js';
import { assets } from './assets.js';
import type { JobContext, RunContext } from './context.js';
import { callRoll } from './roll-call.js';
import { decide, listGroup, planRun, writeChunk } from './run.js';
import { sites } from './sites.js';
import type { Group, Subject, Wanted } from './subject.js';
import { planSweep, planSweepRun, type SweepOptions } from './sweep.js';

export interface PlanOptions extends SweepOptions {
  /** Whether every company was listed to its end. */
  isComplete: boolean;
}

/** How many chunks there are, and how many changes to Halo they hold. */
export interface Layout {
  chunks: number;
  writes: number;
  /** Why the guard lets nothing pass. */
  refusal?: string | null;
}

/** The steps of a pass, in their order; each is one job. */
export interface PassSteps {
  kind: 'sites' | 'assets' | 'deactivation';
  groups(context: RunContext): Promise<Group[]>;
  list(context: RunContext, group: Group, number: number): Promise<void>;
  /** What is to be done once all groups have ended. Not called where nothing at all was listed. */
  closeListing?(context: JobContext, runId: string): Promise<void>;
  plan(context: JobContext, options: PlanOptions): Promise<Layout>;
  write(context: JobContext, chunk: number): Promise<void>;
  /** What `plan` would lay out, without doing so. */
  decide(context: RunContext, isComplete: boolean): Promise<Plan & { refusal?: string | null }>;
}

function stepsFor<Item extends Wanted>(subject: Subject<Item>): PassSteps {
  return {
    kind: subject.kind,
    groups: subject.groups,
    list: (context, group, number) => listGroup(context, subject, group, number),
    plan: (context, { isComplete }) => planRun(context, subject, isComplete),
    write: (context, chunk) => writeChunk(context, subject, chunk),
    decide: (context, isComplete) => joinPlans(decide(context, subject, isComplete)),
  };
}

const assetSteps: PassSteps = { ...stepsFor(assets), closeListing: callRoll };

/** Retires what is gone. It lists nothing: the asset runs counted who is missing. */
const sweep: PassSteps = {
  kind: 'deactivation',
  groups: async () => [],
  list: async () => {},
  plan: planSweepRun,
  write: (context, chunk) => writeChunk(context, assets, chunk),
  decide: planSweep,
};

/** What `import` imports. */
export const IMPORTABLE_KINDS = ['sites', 'assets'] as const satisfies readonly RunKind[];

/** What `plan` can show before it is done. */
export const PLANNABLE_KINDS = [...IMPORTABLE_KINDS, 'deactivation'] as const satisfies readonly RunKind[];

const PASSES: Record<RunKind, [PassSteps, ...PassSteps[]]> = {
  sites: [stepsFor(sites)],
  assets: [assetSteps],
  // Assets want the sites that they stand in.
  verify: [stepsFor(sites), assetSteps],
  deactivation: [sweep],
};

/** @throws Error where a kind has no such pass: an older version may have left the job. */
export function passAt(kind: RunKind, pass: number): PassSteps {
  const steps = passesOf(kind)[pass];
  if (!steps) throw new TypeError(`A run of kind ${kind} has no pass ${pass}.`);
  return steps;
}

/** The passes of a run, one after the other. */
export function passesOf(kind: RunKind): [PassSteps, ...PassSteps[]] {
  return PASSES[kind];
}
