import { setMaxListeners } from 'node:events';

/**
 * Calls `react` with the signal's reason when it aborts. One signal often stops hundreds of waiting requests, for
 * which Node would warn of a leak from the eleventh on.
 * @returns takes the listener off again
 */
export function onAbort(signal: AbortSignal | undefined, react: (reason: unknown) => void): () => void {
  if (!signal) return () => {};
  const listener = () => react(signal.reason);
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Waits for `work`, but no longer than until the signal aborts: then it rejects with the signal's reason. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    const forget = onAbort(signal, reject);
    work.then(resolve, reject).finally(forget);
  });
}
