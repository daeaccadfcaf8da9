import { describe, expect, it } from 'vitest';
import { emptyTally } from '../../src/inventory/tally.js';
import { createPlanner } from '../../src/sync/planner.js';
import { waitFor } from '../support/wait.js';

const report = (kind: 'sites' | 'assets' | 'deactivation') => {
  return { kind, changes: [], counts: emptyTally().counts, warnings: [], guard: null };
};
const gaps = { clients: [], types: [] };

/** Plans that a test brings to their end. */
function start() {
  const asked: { signal: AbortSignal; end(): void; fail(why: string): void }[] = [];
  const planner = createPlanner(
    (kind, signal) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => reject(new Error(why));
        asked.push({ signal, end: () => resolve({ report: report(kind), gaps }), fail });
      }),
    () => 1000,
  );
  return { planner, asked };
}

describe('the planner', () => {
  it('makes one plan at a time, and keeps the last of each kind', async () => {
    const { planner, asked } = start();
    expect(planner.look('sites')).toEqual({ state: 'none' });
    expect(planner.start('sites')).toBe(true);
    expect(planner.look('sites')).toEqual({ state: 'under way', sinceMs: 1000 });
    expect(planner.start('assets')).toBe(false);
    expect(planner.start('sites')).toBe(true);
    expect(asked).toHaveLength(1);
    asked[0]?.end();
    await waitFor(() => planner.current() === null);
    expect(planner.look('sites')).toEqual({ state: 'made', atMs: 1000, report: report('sites'), gaps });
    planner.start('assets');
    asked[1]?.fail('The RMM is away.');
    await waitFor(() => planner.current() === null);
    expect(planner.look('assets')).toEqual({ state: 'failed', atMs: 1000, message: 'The RMM is away.' });
    expect(planner.look('sites').state).toBe('made');
    planner.forget('sites');
    expect(planner.look('sites')).toEqual({ state: 'none' });
  });

  it('stops what is cancelled, and takes no notice of what comes of it', async () => {
    const { planner, asked } = start();
    planner.start('sites');
    planner.cancel();
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(planner.current()).toBeNull();
    planner.start('assets');
    asked[0]?.end();
    asked[1]?.end();
    await waitFor(() => planner.current() === null);
    expect(planner.look('sites')).toEqual({ state: 'none' });
    expect(planner.look('assets').state).toBe('made');
    planner.cancel();
  });
});
