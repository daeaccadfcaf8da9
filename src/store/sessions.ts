import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Who is signed in to the console. An id tells nothing of the token that it was given for. */
export interface Sessions {
  /** @returns the id of a new session, which ends by itself after 12 hours. */
  open(): Promise<string>;
  isOpen(id: string): Promise<boolean>;
  close(id: string): Promise<void>;
}

export const SESSION_SECONDS = 12 * 3600;

/** @param key with something in it that changes with the token: another token ends all sessions. */
export function createSessions(redis: Redis, key: string): Sessions {
  // Whoever can read Redis shall not be able to sign in by what stands there.
  const keyOf = (id: string) => `${key}:${createHash('sha256').update(id).digest('base64url')}`;
  return {
    async open() {
      const id = randomBytes(32).toString('base64url');
      await redis.set(keyOf(id), '1', 'EX', SESSION_SECONDS);
      return id;
    },
    isOpen: async (id) => (await redis.exists(keyOf(id))) === 1,
    async close(id) {
      await redis.del(keyOf(id));
    },
  };
}
