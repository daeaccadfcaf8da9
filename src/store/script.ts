import type { Redis } from 'ioredis';
import { messageOf } from '../inventory/sentence.js';

/** Where a script works: on `<key>:<name>` for each name given, and on `<key>` itself for an empty one. */
export interface ScriptPlace {
  redis: Redis;
  key: string;
  /** What is kept there, for the sentence of an error: "the rate limit". */
  what: string;
}

/**
 * Runs a Lua script, which Redis does as one step.
 * @throws Error "Redis, which keeps the rate limit, did not answer: …". Without the cause, since ioredis hangs the
 *   whole command on its error: script, keys and values, tokens among them, would reach the log.
 */
export async function runScript(
  { redis, key, what }: ScriptPlace,
  script: string,
  names: string[],
  values: (string | number)[],
): Promise<unknown> {
  const keys = names.map((name) => (name === '' ? key : `${key}:${name}`));
  try {
    return await redis.eval(script, keys.length, ...keys, ...values);
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`Redis, which keeps ${what}, did not answer: ${reason}`);
  }
}
