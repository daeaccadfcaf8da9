import { unlessAborted } from './abort.js';

/**
 * Lets callers at the same time share one piece of work. A caller whose signal aborts goes away alone, with the
 * signal's reason; the work itself is aborted when all of them have gone.
 */
export function singleFlight<T>(
  work: (signal: AbortSignal) => Promise<T>,
): (signal?: AbortSignal) => Promise<T> {
  let current: Flight<T> | undefined;

  function start(): Flight<T> {
    const abort = new AbortController();
    const flight = { abort, callers: 0, result: work(abort.signal) };
    const land = () => {
      if (current === flight) current = undefined;
    };
    flight.result.then(land, land);
    return flight;
  }

  return async (signal) => {
    signal?.throwIfAborted();
    current ??= start();
    const flight = current;
    flight.callers += 1;
    try {
      return await unlessAborted(flight.result, signal);
    } finally {
      flight.callers -= 1;
      if (flight.callers === 0) {
        if (current === flight) current = undefined;
        flight.abort.abort(signal?.reason);
      }
    }
  };
}

interface Flight<T> {
  abort: AbortController;
  callers: number;
  result: Promise<T>;
}
