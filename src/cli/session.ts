import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type App, openApp } from '../app.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { messageOf } from '../inventory/sentence.js';
import { createLogger } from '../log.js';
import { unlessAborted } from '../store/abort.js';
import { WIPE } from './print.js';

/** Options that every command takes. */
export const commonOptions = z.object({
  config: z.string().optional(),
  json: z.boolean().default(false),
});
export type CommonOptions = z.infer<typeof commonOptions>;

/** Closing hangs while Redis is away. */
const CLOSE_WITHIN_MS = 3_000;
/** Whatever hangs: a service manager waits so long, and then kills. */
const STOP_WITHIN_MS = 14_500;
/** Ctrl+C signals npm and this process at once, and npm passes it on: that is one key, not two. */
const SAME_KEY_MS = 100;

/** A run belongs to its queue, and not to the process that works it. */
export const WHEN_A_RUN_GOES_ON = 'when a daemon is up, or with the next "run" or "import"';

/**
 * Opens the app for the time of one command. Its log goes to standard error and holds only what went wrong:
 * standard output is for the command's answer.
 * @param work gets a signal that aborts on Ctrl+C and SIGTERM.
 */
export async function withApp<Answer>(
  options: CommonOptions,
  work: (app: App, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { config, log } = beginCommand(options);
  return withOpenApp(openApp(config, log), stopSignal(), work);
}

/** What a command begins with: the config, and a log that holds only what went wrong. */
export function beginCommand(options: CommonOptions): { config: Config; log: Logger } {
  const config = loadConfig({ path: options.config });
  return { config, log: createLogger(commandLog(config.log), secretsOf(config), commandLogStream()) };
}

/** As `withApp`, with an app that is being opened. */
export async function withOpenApp<Answer>(
  opening: Promise<App>,
  signal: AbortSignal,
  work: (app: App, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const app = await unlessAborted(opening, signal);
  try {
    return await work(app, signal);
  } catch (error) {
    throw inSentence(error, app);
  } finally {
    await Promise.race([app.close(), pause(CLOSE_WITHIN_MS)]);
  }
}

/** What breaks because Redis has gone says so in many tongues, and seldom names Redis. */
function inSentence(error: unknown, { redis }: App): unknown {
  if (redis.client.status === 'ready') return error;
  return new Error(
    `Redis went away meanwhile (${redis.describe}: ${messageOf(error)}). A run that was under way goes on once it is back.`,
  );
}

function commandLog({ level, format }: Config['log']): Config['log'] {
  return {
    level: level === 'info' ? 'warn' : level,
    format: process.stderr.isTTY ? 'pretty' : format,
  };
}

/**
 * On a terminal a progress bar may stand where a line goes: it is wiped, and draws itself anew below. The
 * position is saved because the bar, when it ends, jumps to the one that was saved last.
 */
function commandLogStream(): NodeJS.WritableStream {
  if (!process.stderr.isTTY) return process.stderr;
  const save = '\u001b7';
  return new Writable({ write: (line, _, done) => process.stderr.write(WIPE + line + save, done) });
}

/**
 * Turns SIGINT and SIGTERM into an AbortSignal, whose reason is a sentence. The second one ends the process
 * at once, and so does a stop that takes longer than 14.5 s.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (firstAt === 0) {
      firstAt = performance.now();
      controller.abort(new Error(`Stopped by ${name}.`, { cause: name }));
      setTimeout(() => cutShort('Stopping took too long', name), STOP_WITHIN_MS).unref();
    } else if (performance.now() - firstAt > SAME_KEY_MS) cutShort(`${name} came twice`, name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

/** Ends the process where it stands, so nothing else can say what becomes of a run. */
function cutShort(why: string, name: NodeJS.Signals): never {
  // On a terminal, half a progress bar may stand in this line.
  const start = process.stderr.isTTY ? '\n' : '';
  process.stderr.write(
    `${start}${why}, so stopping was cut short: a run that was under way goes on ${WHEN_A_RUN_GOES_ON}.\n`,
  );
  process.exit(name === 'SIGINT' ? 130 : 143);
}

/** Waits for the signal. @returns its name, such as `SIGTERM`. */
export async function untilStopped(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) await once(signal, 'abort');
  return String(signal.reason.cause);
}
