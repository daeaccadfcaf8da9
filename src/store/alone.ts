import { setTimeout as pause } from 'node:timers/promises';
import type { Gate, Grant, ProvingTokenSource } from '../api/types.js';
import { once } from '../inventory/once.js';

const PENALTY_MS = 60_000;

/** A gate of this process alone, for a few requests while Redis is away, which keeps the shared one. */
export function createLoneGate(): Gate {
  let opensAtMs = 0;
  return {
    async enter(_lane, signal) {
      const waitMs = Math.max(0, opensAtMs - performance.now());
      await pause(waitMs, undefined, signal ? { signal } : {});
      return { leave: async () => undefined };
    },
    async close(retryAfterMs) {
      opensAtMs = performance.now() + (retryAfterMs ?? PENALTY_MS);
    },
  };
}

/** A token of this process alone: it signs in once. */
export function createLoneTokenSource(signIn: (signal?: AbortSignal) => Promise<Grant>): ProvingTokenSource {
  const grant = once(() => signIn());
  const get = async () => (await grant()).accessToken;
  return { get, renew: get, prove: async () => grant().then(() => ({ is: 'accepted' })) };
}
