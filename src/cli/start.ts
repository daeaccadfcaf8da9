import { Command } from 'commander';
import { type App, openApp, startDaemon } from '../app.js';
import { ConfigError } from '../config/error.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { messageOf } from '../inventory/sentence.js';
import { createLogger } from '../log.js';
import { unlessAborted } from '../store/abort.js';
import { commonOptions, stopSignal, untilStopped } from './session.js';

const LOOK_UP_WITHIN_MS = 10_000;

/** `start`: the daemon, until SIGTERM or SIGINT. */
export function startCommand(done: (exitCode: number) => void): Command {
  return new Command('start')
    .description('start the daemon')
    .action(async (_options: unknown, command: Command) => {
      await start(commonOptions.parse(command.optsWithGlobals()).config);
      done(0);
    });
}

async function start(path: string | undefined): Promise<void> {
  const config = loadConfig({ path });
  const log = createLogger(config.log, secretsOf(config), process.stdout);
  const signal = stopSignal();
  const app = await unlessAborted(openApp(config, log), signal);
  await lookUpNames(app, signal).catch(async (error) => {
    await app.close();
    throw error;
  });
  const daemon = await startDaemon(app);
  await daemon.stop(await untilStopped(signal));
}

/**
 * A wrong name in the config is a mistake to be shown now. A Halo that is away is not, nor one whose rate limit
 * is used up: the schedules go on meanwhile, and the first run looks again.
 */
async function lookUpNames({ rules, halo, log }: App, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(LOOK_UP_WITHIN_MS);
  try {
    await unlessAborted(rules(halo), AbortSignal.any([signal, late]));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const why = late.aborted ? 'it takes longer than 10 s.' : messageOf(error);
    if (!signal.aborted) log.warn(`The names in the config could not be looked up in Halo yet: ${why}`);
  }
}
