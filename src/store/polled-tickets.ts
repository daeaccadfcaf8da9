import type { Redis } from 'ioredis';

const KEPT_FOR_MS = 30 * 24 * 60 * 60_000;

/** What the poll has told of the RMM's tickets. */
export interface PolledTickets {
  /** Up to when they were read; `null`: never. */
  readUntilMs(): Promise<number | null>;
  setReadUntil(timeMs: number): Promise<void>;
  /** How a ticket stood when it was told of; `null`: it was not. */
  told(ticketId: string): Promise<'open' | 'closed' | null>;
  remember(ticketId: string, state: 'open' | 'closed'): Promise<void>;
}

/** @param prefix of the keys, such as `halo-integrator:alerts:polled`. */
export function createPolledTickets(redis: Redis, prefix: string): PolledTickets {
  const keyOf = (ticketId: string) => `${prefix}:${ticketId}`;
  const untilKey = `${prefix}-until`;
  return {
    async readUntilMs() {
      const text = await redis.get(untilKey);
      return text === null ? null : Number(text);
    },
    async setReadUntil(timeMs) {
      await redis.set(untilKey, String(timeMs));
    },
    async told(ticketId) {
      const text = await redis.get(keyOf(ticketId));
      return text === 'open' || text === 'closed' ? text : null;
    },
    async remember(ticketId, state) {
      await redis.set(keyOf(ticketId), state, 'PX', KEPT_FOR_MS);
    },
  };
}
