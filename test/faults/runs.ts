import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { createRuns, type RunRecord } from '../../src/store/runs.js';
import { waitFor } from '../support/wait.js';
import { devicesWithoutAsset } from './laws.js';
import type { FaultWorld } from './world.js';

/** A connection past the way that is spoiled; it ends with the test. */
export function redisOf({ redis }: FaultWorld): Redis {
  const client = new Redis(redis.url);
  client.on('error', () => undefined); // The test may have killed it.
  onTestFinished(() => client.disconnect());
  return client;
}

/**
 * Resolves once a run that a schedule has started since `sinceMs` has succeeded, which must happen within 90 s, and an
 * asset run that a schedule has started since then has found nothing to do.
 * @param sinceMs milliseconds since 1970. @returns how long it took until the first run started, in milliseconds.
 */
export async function untilQuiet(world: FaultWorld, sinceMs: number): Promise<number> {
  const runs = createRuns(redisOf(world), world.redis.prefix);
  const startedSince = async () =>
    (await runs.list(200)).filter(
      (run) => run.trigger === 'schedule' && run.state === 'succeeded' && startOf(run) >= sinceMs,
    );
  await waitFor(async () => (await startedSince()).length > 0, {
    timeoutMs: sinceMs + 90_000 - Date.now(),
    what: 'a run by schedule',
  });
  const first = Math.min(...(await startedSince()).map(startOf));
  await waitFor(async () => (await startedSince()).some(isQuiet), {
    timeoutMs: 60_000,
    what: 'a run without changes',
  });
  return first - sinceMs;
}

function startOf({ startedAt }: RunRecord): number {
  return Date.parse(startedAt);
}

function isQuiet({ kind, state, complete, counts }: RunRecord): boolean {
  const { read, unchanged } = counts;
  return kind === 'assets' && state === 'succeeded' && complete && read > 0 && unchanged === read;
}

export type DoubtsOfWorld = ReturnType<typeof doubtsOf>;

/**
 * A create that was cut off between its announcement and its answer is in doubt for a quarter of an hour, unless Halo
 * shows it.
 */
export function doubtsOf(world: FaultWorld) {
  const client = redisOf(world);
  let passed = 0;
  const keysOf = (rmmIds: readonly string[]) => rmmIds.map((rmmId) => `${world.redis.prefix}:doubt:${rmmId}`);
  /** Whether nothing is missing but what is in doubt. */
  const areAllThatIsMissing = async () => {
    const ids = devicesWithoutAsset(world);
    return ids.length === 0 || (await client.exists(keysOf(ids))) === ids.length;
  };
  return {
    areAllThatIsMissing,
    /** Waits until nothing else is missing, and lets the quarter of an hour have passed. */
    async pass(): Promise<void> {
      const what = 'that nothing is missing but what is in doubt';
      await waitFor(areAllThatIsMissing, { timeoutMs: 120_000, what });
      const ids = devicesWithoutAsset(world);
      if (ids.length > 0) await client.del(keysOf(ids));
      passed += ids.length;
    },
    /** How many have passed so far. */
    passed: () => passed,
  };
}
