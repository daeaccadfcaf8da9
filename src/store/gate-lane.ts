import type { Pass } from '../api/types.js';
import { onAbort } from './abort.js';

/** A place that has been given out, and that can be returned unused. */
export interface Place extends Pass {
  giveBack(): Promise<void>;
}

/** What asking for places brings: at most as many as asked for, and when it is worth asking again. */
export interface Answer {
  places: Place[];
  waitMs: number;
}

interface Waiter {
  resolve(pass: Pass): void;
  reject(reason: unknown): void;
}

/**
 * The queue of one lane in this process: first come, first served. However many wait, one loop asks for all of them,
 * and sleeps as long as it is told to.
 */
export function createLane(ask: (want: number) => Promise<Answer>) {
  const waiters: Waiter[] = [];
  let isServing = false;
  let wake = () => {};

  async function serve(): Promise<void> {
    if (isServing) return;
    isServing = true;
    try {
      while (waiters.length > 0) {
        const { places, waitMs } = await ask(waiters.length);
        await handOut(places, waiters);
        if (waiters.length > 0 && waitMs > 0) await sleepFor(waitMs);
      }
    } catch (error) {
      for (const waiter of waiters.splice(0)) waiter.reject(error);
    } finally {
      isServing = false;
    }
  }

  function sleepFor(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function remove(waiter: Waiter): void {
    const index = waiters.indexOf(waiter);
    if (index >= 0) waiters.splice(index, 1);
    if (waiters.length === 0) wake();
  }

  return {
    /** Waits for a place. Rejects with the signal's reason when that aborts, and when asking fails. */
    async enter(signal?: AbortSignal): Promise<Pass> {
      signal?.throwIfAborted();
      let forget = () => {};
      const pass = new Promise<Pass>((resolve, reject) => {
        const waiter = { resolve, reject };
        forget = onAbort(signal, (reason) => {
          remove(waiter);
          reject(reason);
        });
        waiters.push(waiter);
      });
      void serve();
      return await pass.finally(forget);
    },
  };
}

/** Whoever asked may have gone meanwhile: what is left over goes back, or else expires by itself. */
async function handOut(places: Place[], waiters: Waiter[]): Promise<void> {
  for (const place of places) {
    const waiter = waiters.shift();
    if (waiter) waiter.resolve(place);
    else await place.giveBack().catch(() => undefined);
  }
}
