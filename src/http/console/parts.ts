import type { Config } from '../../config/config.js';
import type { Gaps } from '../../inventory/gaps.js';
import type { ShownPlan } from '../../inventory/shown-plan.js';
import type { Absences } from '../../store/absences.js';
import type { AlertCounts } from '../../store/alert-counts.js';
import type { Census } from '../../store/census.js';
import type { Journal } from '../../store/journal.js';
import type { Links } from '../../store/links.js';
import type { RunKind, RunRecord, Runs } from '../../store/runs.js';

export const PLANNABLE_KINDS = ['sites', 'assets', 'deactivation'] as const;
export type PlannableKind = (typeof PLANNABLE_KINDS)[number];

/** The plan of one kind, as far as it has come. Times in milliseconds since 1970. */
export type PlanState =
  | { state: 'none' }
  | { state: 'under way'; sinceMs: number }
  | { state: 'made'; atMs: number; report: ShownPlan; gaps: Gaps }
  | { state: 'failed'; atMs: number; message: string };

/**
 * What may become of a job that is to be put back. `anew`: its run has ended, so another one was asked for; `under way`:
 * its run has not ended.
 */
export const REQUEUE_RESULTS = ['put back', 'anew', 'under way', 'not failed', 'not found'] as const;

export type QueueName = 'runs' | 'tasks' | 'alerts';

export interface ShownJob {
  id: string;
  queue: QueueName;
  atMs: number;
  attempts: number;
  error: string;
  about: string;
}

export interface GateUsage {
  used: number;
  limit: number;
  bulkLimit: number;
  closedForMs: number;
  nextFreeInMs: number;
}

/** All that the console reads and does. What it may not know by itself is handed in as functions. */
export interface ConsoleParts {
  config: Config;
  runs: Pick<Runs, 'list' | 'read'>;
  journal: Pick<Journal, 'newest'>;
  census: Pick<Census, 'missing' | 'refusal' | 'refusedNames' | 'companies'>;
  absences: Pick<Absences, 'read'>;
  links: { sites: Pick<Links, 'count'>; assets: Pick<Links, 'count' | 'get'> };
  gates: Record<'rmm' | 'halo', { usage(): Promise<GateUsage> }>;
  alerts: { alertCounts: Pick<AlertCounts, 'readByHour'> };
  now(): number;
  /** The daemons that are up. */
  daemons(): Promise<string[]>;
  /** When each schedule fires next, in milliseconds since 1970. */
  nextRuns(): Promise<ReadonlyMap<RunKind, number>>;
  queueCounts(): Promise<Record<QueueName, Record<string, number>>>;
  planner: {
    look(kind: PlannableKind): PlanState;
    current(): PlannableKind | null;
    start(kind: PlannableKind): boolean;
    cancel(): void;
    forget(kind: PlannableKind): void;
  };
  /**
   * Asks for a run now.
   * @param confirmed the mark of the list that the guard is lifted for; left out: it is not lifted.
   * @throws Error where a run that lifts the guard would join one that does not.
   */
  requestRun(kind: RunKind, confirmed?: string): Promise<{ runId: string; joined: boolean }>;
  /** Whether the job of a run is there and has not ended. */
  isQueued(runId: string): Promise<boolean>;
  /** The newest alerts that were given up. */
  deadAlerts(most: number): Promise<{ count: number; jobs: ShownJob[] }>;
  /** The newest failed jobs of runs, but for those whose work a later run has done. */
  failedOfRuns(most: number): Promise<ShownJob[]>;
  /** The newest run of each kind, where it failed or was partial. */
  runsToRepair(): Promise<RunRecord[]>;
  /** Puts a dead alert back; of a failed or partial run, or a part of it, asks for another one. */
  requeue(id: string): Promise<{ result: (typeof REQUEUE_RESULTS)[number]; runId?: string }>;
  /** Puts the oldest dead alerts back. @returns how many. */
  requeueAlerts(most: number): Promise<number>;
}
