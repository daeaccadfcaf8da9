import fc from 'fast-check';
import type { Plan } from '../../src/inventory/plan.js';

export const RUNS = { numRuns: 500 };

/** Checks a law of planning on so many worlds. */
export function holds<World>(worlds: fc.Arbitrary<World>, law: (world: World) => void): void {
  fc.assert(fc.property(worlds, law), RUNS);
}

export function rmmIds(items: readonly { rmmId: string }[]): string[] {
  return items.map((item) => item.rmmId);
}

/** The same decisions in one order. */
export function sorted({ changes, settled, leftAlone }: Plan): Plan {
  const byRmmId = (a: { rmmId: string }, b: { rmmId: string }) => a.rmmId.localeCompare(b.rmmId);
  return {
    changes: [...changes].sort(byRmmId),
    settled: [...settled].sort(byRmmId),
    leftAlone: [...leftAlone].sort(byRmmId),
  };
}
