import type { Gate, Pass } from '../../src/api/types.js';

export interface RecordingGate extends Gate {
  /** `enter <lane>`, `leave` and `close <ms>`, in order. */
  events: string[];
}

/** A gate that is always open and writes down how it is used, for tests that are not about rate limits. */
export function recordingGate(): RecordingGate {
  const events: string[] = [];
  return {
    events,
    enter: async (lane, signal): Promise<Pass> => {
      signal?.throwIfAborted();
      events.push(`enter ${lane}`);
      return {
        leave: async () => {
          events.push('leave');
        },
      };
    },
    close: async (retryAfterMs) => {
      events.push(`close ${retryAfterMs}`);
    },
  };
}
