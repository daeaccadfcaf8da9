import { Command } from 'commander';
import type { App } from '../app.js';
import { ConfigError } from '../config/error.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { type Daemon, openMeteredApp, startDaemon } from '../daemon.js';
import { messageOf } from '../inventory/sentence.js';
import { createLogger } from '../log.js';
import { unlessAborted } from '../store/abort.js';
import { commonOptions, stopSignal, untilStopped } from './session.js';

const LOOK_UP_WITHIN_MS = 10_000;

/** `start`: the daemon, until SIGTERM or SIGINT. */
export function startCommand(done: (exitCode: number) => void): Command {
  return new Command('start')
    .description('run the daemon, with schedules, webhook and console, until SIGTERM or Ctrl+C')
    .action(async (_options: unknown, command: Command) => {
      await start(commonOptions.parse(command.optsWithGlobals()).config);
      done(0);
    });
}

async function start(path: string | undefined): Promise<void> {
  const config = loadConfig({ path });
  const log = createLogger(config.log, secretsOf(config), process.stdout);
  const signal = stopSignal();
  const app = await unlessAborted(openMeteredApp(config, log), signal);
  const daemon = await begin(app, signal).catch(async (error) => {
    await app.close();
    throw error;
  });
  await daemon.stop(await untilStopped(signal));
}

async function begin(app: App, signal: AbortSignal): Promise<Daemon> {
  await lookUpNames(app, signal);
  return startDaemon(app);
}

/**
 * Wrong names in the config are mistakes to be shown now, all of them. A Halo that is away is not, nor one whose rate
 * limit is used up: the schedules go on meanwhile, and the first run looks again.
 */
async function lookUpNames({ config, rules, alerts, halo, log }: App, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(LOOK_UP_WITHIN_MS);
  const stop = AbortSignal.any([signal, late]);
  const looks: Promise<unknown>[] = [rules(halo), ...(config.alerts.enabled ? [alerts.alertRules()] : [])];
  const ends = await Promise.allSettled(looks.map((look) => unlessAborted(look, stop)));
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  // Both look up the default client.
  const mistakes = new Set(errors.flatMap((error) => (error instanceof ConfigError ? error.mistakes : [])));
  if (mistakes.size > 0) throw new ConfigError([...mistakes]);
  if (errors.length === 0 || signal.aborted) return;
  const why = late.aborted ? 'it takes longer than 10 s.' : messageOf(errors[0]);
  log.warn(`The names in the config could not be looked up in Halo yet: ${why}`);
}
