import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_AFTER_MS = 250;
/** A restart, a failover, a Redis that froze. What lasts longer leaves a doubt, and the next run settles it. */
const PATIENCE_MS = 60_000;

/**
 * Has Redis keep what is known of Halo, and would else be in doubt for a quarter of an hour. Where Redis fails, it is
 * asked again for a minute, unless `signal` aborts: without Redis nothing else could be done anyway.
 */
export async function untilKept(signal: AbortSignal, keep: () => Promise<void>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await keep();
    } catch (error) {
      if (signal.aborted || performance.now() > deadlineMs) throw error;
      await pause(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
