import type { Redis } from 'ioredis';
import type pino from 'pino';
import { unlessAborted } from './abort.js';
import type { EmbeddedServer } from './embedded.js';

/** Longer, and Redis is not usable, whatever it would have said. */
const ANSWER_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 2_000;

/** @returns why Redis cannot be worked with now, without a full stop; `null`: it can. */
export type Probe = () => Promise<string | null>;

/**
 * Proves that Redis takes what it is told to keep. One that has frozen, is a replica or is out of memory breaks no
 * connection, and may go on answering what it is asked.
 */
export function createProbe(redis: Redis, key: string): Probe {
  let broken = '';
  redis.on('error', (error: unknown) => {
    broken = reasonOf(error);
  });
  redis.on('close', () => {
    broken ||= 'the connection was closed';
  });
  redis.on('ready', () => {
    broken = '';
  });
  return async () => {
    const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
    try {
      await unlessAborted(redis.set(key, '', 'PX', 60_000), late);
      return null;
    } catch (error) {
      const reason = late.aborted ? 'it does not answer' : reasonOf(error);
      return (broken || reason).replace(/\.$/, '');
    }
  };
}

/** Logs that Redis is not usable, and that it is again: once, not for each connection and attempt. */
export function watchRedis(probe: Probe, describe: string, log: pino.Logger): { stop(): void } {
  let wasUsable = true;
  let isStopped = false;
  const look = async () => {
    const why = await probe();
    if (isStopped || wasUsable === (why === null)) return;
    wasUsable = why === null;
    if (why === null) log.info(`Redis at ${describe} is usable again.`);
    else log.error(`Redis at ${describe} is not usable: ${why}. Trying until it is.`);
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

/**
 * Brings the embedded server back where it has ended. To be called for each connection, since an error that nobody
 * listens to ends the process.
 */
export function onBroken(
  redis: Redis,
  server: EmbeddedServer | null,
  log: pino.Logger,
  isWanted: () => boolean,
) {
  redis.on('error', (error: unknown) => {
    if (server === null || !isNobodyThere(error) || !isWanted()) return;
    server.ensureRunning().catch((problem: unknown) => log.error(reasonOf(problem)));
  });
}

/**
 * What an error says. With two addresses behind one host name, Node's message is empty and only the code tells. No more
 * than the message, since ioredis hangs the failed command on its errors, and that may be the sign-in with the password.
 */
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
