import type { Gaps } from '../inventory/gaps.js';
import { messageOf } from '../inventory/sentence.js';
import { unlessAborted } from '../store/abort.js';
import type { PLANNABLE_KINDS } from './kinds.js';
import type { PlanReport } from './plan.js';

type PlannableKind = (typeof PLANNABLE_KINDS)[number];
type Made = { report: PlanReport; gaps: Gaps };

/** The plan of one kind, as far as it has come. Times in milliseconds since 1970. */
export type PlanState =
  | { state: 'none' }
  | { state: 'under way'; sinceMs: number }
  | { state: 'made'; atMs: number; report: PlanReport; gaps: Gaps }
  | { state: 'failed'; atMs: number; message: string };

/** Makes plans in the background, one at a time, and keeps the last of each kind in memory. */
export interface Planner {
  look(kind: PlannableKind): PlanState;
  /** Which one is under way. */
  current(): PlannableKind | null;
  /** @returns `false`: another is under way. One of the same kind is joined. */
  start(kind: PlannableKind): boolean;
  cancel(): void;
  /** What a plan said is old news once its run has been asked for. */
  forget(kind: PlannableKind): void;
}

/** A plan reads all of the RMM, and waits for its rate limit. */
const LONGEST_PLAN_MS = 30 * 60_000;
/** By then it is old news, and that of a large fleet takes up room. */
const KEPT_MS = 2 * 60 * 60_000;

/** @param make makes one plan, and stops with its signal. */
export function createPlanner(
  make: (kind: PlannableKind, signal: AbortSignal) => Promise<Made>,
  now: () => number = Date.now,
): Planner {
  const states = new Map<PlannableKind, PlanState>();
  let current: { kind: PlannableKind; stop: AbortController } | null = null;

  async function work(kind: PlannableKind, stop: AbortController): Promise<void> {
    const late = setTimeout(() => stop.abort(new Error('It took longer than 30 minutes.')), LONGEST_PLAN_MS);
    const end = await unlessAborted(make(kind, stop.signal), stop.signal).then(
      (made): PlanState => ({ state: 'made', atMs: now(), ...made }),
      (error): PlanState => ({ state: 'failed', atMs: now(), message: messageOf(error) }),
    );
    clearTimeout(late);
    if (current?.stop !== stop) return;
    states.set(kind, end);
    current = null;
    setTimeout(() => states.get(kind) === end && states.delete(kind), KEPT_MS).unref();
  }

  return {
    look: (kind) => states.get(kind) ?? { state: 'none' },
    current: () => current?.kind ?? null,
    start(kind) {
      if (current) return current.kind === kind;
      const stop = new AbortController();
      current = { kind, stop };
      states.set(kind, { state: 'under way', sinceMs: now() });
      void work(kind, stop);
      return true;
    },
    cancel() {
      if (!current) return;
      const { kind, stop } = current;
      current = null;
      states.delete(kind);
      stop.abort(new Error('The plan was cancelled.'));
    },
    forget(kind) {
      if (current?.kind !== kind) states.delete(kind);
    },
  };
}
