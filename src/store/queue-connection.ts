import type { Redis } from 'ioredis';

/**
 * A connection for BullMQ, which looks at what INFO says and prints a line of its own about the eviction policy, past our
 * log, for each connection. Ours was told when Redis was opened. Its option `skipVersionCheck` keeps that line away as well,
 * but takes the server for an old one, of which each delayed job waits up to a second longer.
 */
export function forQueues(redis: Redis): Redis {
  return new Proxy(redis, {
    get(target, name) {
      if (name === 'info') return async () => withoutPolicy(await target.info());
      if (name === 'duplicate') {
        return (...override: Parameters<Redis['duplicate']>) => forQueues(target.duplicate(...override));
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function withoutPolicy(info: string): string {
  return info.replace(/^maxmemory_policy:.*\r?\n?/m, '');
}
