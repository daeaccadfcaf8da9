import type { RunKind, RunReport, RunState, Runs } from './runs.js';

/** How the last run of a kind ended. */
export interface LastEnd {
  id: string;
  state: RunState;
  /** The first of its errors; empty where it did its work. */
  error: string;
}

async function endOf(
  runs: Pick<Runs, 'read'>,
  { id, state }: Pick<RunReport, 'id' | 'state'>,
): Promise<LastEnd> {
  if (state === 'succeeded' || state === 'refused') return { id, state, error: '' };
  const error = (await runs.read(id))?.errors[0]?.message ?? 'its errors are no longer kept.';
  return { id, state, error };
}

/** How the last run of a kind ended; `null`: there was none. */
export async function readLastEnd(
  runs: Pick<Runs, 'lastReports' | 'read'>,
  kind: RunKind,
): Promise<LastEnd | null> {
  const last = (await runs.lastReports()).get(kind);
  return last ? endOf(runs, last) : null;
}

/** How the last run of each kind ended. */
export async function readLastEnds(runs: Pick<Runs, 'lastReports' | 'read'>): Promise<Map<RunKind, LastEnd>> {
  const reports = [...(await runs.lastReports())];
  return new Map(
    await Promise.all(reports.map(async ([kind, last]) => [kind, await endOf(runs, last)] as const)),
  );
}

/** What to tell of a run that failed, at least for some of its items, and where to look; empty: it did its work. */
export function failureInWords({ id, state, error }: LastEnd): string {
  if (state === 'succeeded' || state === 'refused') return '';
  const how = state === 'failed' ? 'failed' : 'had failures';
  return `Run ${id} ${how}: ${error} See: halo-integrator runs ${id}`;
}
