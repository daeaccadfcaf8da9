import type { Redis } from 'ioredis';
import { z } from 'zod';

/** A trouble that people were told of, and that is not over. */
export interface ToldTrouble {
  mark: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

/** What people were told of, shared by every daemon. */
export interface Told {
  /** Takes the turn to tell, if no daemon has it. It ends by itself after a minute, should this one vanish. */
  takeTurn(): Promise<boolean>;
  /** Gives it up; the next one may take it after so long. */
  endTurn(pauseMs: number): Promise<void>;
  read(): Promise<Map<string, ToldTrouble>>;
  replace(told: ReadonlyMap<string, ToldTrouble>): Promise<void>;
  /** Why the last message did not arrive; `null`: it did. */
  failure(): Promise<string | null>;
  setFailure(message: string | null): Promise<void>;
}

const TURN_MS = 60_000;

const toldShape = z.object({ mark: z.string(), atMs: z.number() });

/** @param key such as `halo-integrator:told`. */
export function createTold(redis: Redis, key: string): Told {
  const turnKey = `${key}:turn`;
  const failureKey = `${key}:failure`;
  return {
    takeTurn: async () => (await redis.set(turnKey, '1', 'PX', TURN_MS, 'NX')) === 'OK',
    async endTurn(pauseMs) {
      if (pauseMs > 0) await redis.set(turnKey, '1', 'PX', pauseMs);
      else await redis.del(turnKey);
    },
    async read() {
      const stored = Object.entries(await redis.hgetall(key));
      return new Map(stored.map(([name, text]) => [name, toldShape.parse(JSON.parse(text))]));
    },
    async replace(told) {
      const fields = Array.from(told, ([name, trouble]) => [name, JSON.stringify(trouble)]);
      const change = redis.multi().del(key);
      if (fields.length > 0) change.hset(key, Object.fromEntries(fields));
      await change.exec();
    },
    failure: () => redis.get(failureKey),
    async setFailure(message) {
      if (message === null) await redis.del(failureKey);
      else await redis.set(failureKey, message);
    },
  };
}
