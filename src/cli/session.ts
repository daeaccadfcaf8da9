import { z } from 'zod';
import { type App, openApp } from '../app.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { createLogger } from '../log.js';

/** Options that every command takes. */
export const commonOptions = z.object({
  config: z.string().optional(),
  json: z.boolean().default(false),
});
export type CommonOptions = z.infer<typeof commonOptions>;

/**
 * Opens the app for the time of one command. Its log goes to standard error and holds only what went wrong:
 * standard output is for the command's answer.
 * @param work gets a signal that aborts on Ctrl+C and SIGTERM.
 */
export async function withApp<Answer>(
  options: CommonOptions,
  work: (app: App, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const config = loadConfig({ path: options.config });
  const log = createLogger(
    { ...config.log, level: quieter(config.log.level) },
    secretsOf(config),
    process.stderr,
  );
  const app = await openApp(config, log);
  const signals = abortOnSignals();
  try {
    return await work(app, signals.signal);
  } finally {
    signals.detach();
    await app.close();
  }
}

function quieter(level: Config['log']['level']): Config['log']['level'] {
  return level === 'info' ? 'warn' : level;
}

/** Turns SIGINT and SIGTERM into an AbortSignal until `detach` is called. */
export function abortOnSignals(): { signal: AbortSignal; detach(): void } {
  const controller = new AbortController();
  const abort = (name: string) => controller.abort(new Error(`stopped by ${name}`));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return {
    signal: controller.signal,
    detach() {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
