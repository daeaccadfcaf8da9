import pino from 'pino';
import { type App, openApp } from '../../src/app.js';
import type { Config } from '../../src/config/config.js';
import { type JobHold, startWorkers } from '../../src/queue/workers.js';

/** A daemon's workers, with connections of their own, as in another process. */
export interface Daemon {
  app: App;
  /** Puts back what is under way, as SIGTERM does. A second call does nothing. */
  close(): Promise<void>;
}

/** Jobs that nobody holds are found at once. All daemons of a test need it: they share how often they look. */
export const SHORT_HOLD: JobHold = { holdMs: 500, checkMs: 250 };

/** Fast enough for tests, in the same proportions as in life. */
export const PATIENCE = {
  request: { attempts: 3, baseMs: 5 },
  job: { attempts: 3, backoffMs: 20 },
  penaltyMs: 50,
};

/** @param redisUrl another way to the same Redis. */
export async function startDaemon(
  config: Config,
  { log = pino({ level: 'silent' }), redisUrl }: { log?: pino.Logger; redisUrl?: string } = {},
): Promise<Daemon> {
  const redis = { ...config.redis, ...(redisUrl === undefined ? {} : { url: redisUrl }) };
  const app = await openApp({ ...config, redis }, log, PATIENCE);
  const workers = startWorkers(app, app.redis, 'daemon', SHORT_HOLD);
  return {
    app,
    async close() {
      await workers.close();
      await app.close();
    },
  };
}
