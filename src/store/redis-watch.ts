import type { Redis } from 'ioredis';
import type pino from 'pino';
import type { EmbeddedServer } from './embedded.js';

/**
 * Logs that Redis went away, and that it is back: once, not for each connection and attempt. Only the message is
 * logged, since ioredis hangs the failed command on its errors, and that may be the sign-in with the password.
 * Brings the embedded server back where that has ended.
 */
export function watchConnections(describe: string, server: EmbeddedServer | null, log: pino.Logger) {
  const connected = new Set<Redis>();
  const lost = new Set<Redis>();
  let isStopped = false;
  const onError = (redis: Redis, error: unknown) => {
    if (isStopped) return;
    const isFirst = lost.size === 0 && connected.has(redis);
    if (isFirst) log.error(`Redis at ${describe} is away: ${reasonOf(error)}. Trying until it is back.`);
    if (connected.has(redis)) lost.add(redis); // Whoever opens the first connection reports that it fails.
    if (server !== null && isNobodyThere(error)) {
      server.ensureRunning().catch((problem: unknown) => log.error(reasonOf(problem)));
    }
  };
  const onReady = (redis: Redis) => {
    connected.add(redis);
    if (lost.delete(redis) && lost.size === 0) log.info(`Redis at ${describe} is back.`);
  };
  return {
    add(redis: Redis): void {
      redis.on('error', (error: unknown) => onError(redis, error));
      redis.on('ready', () => onReady(redis));
    },
    stop(): void {
      isStopped = true;
    },
  };
}

/** What an error says. With two addresses behind one host name, Node's message is empty and only the code tells. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}

function isNobodyThere(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes(codeOf(error));
}

/** Its code, such as ECONNREFUSED; else ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
