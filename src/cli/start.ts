import { once } from 'node:events';
import { Command } from 'commander';
import { openApp, startDaemon } from '../app.js';
import { ConfigError } from '../config/error.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { createLogger } from '../log.js';
import { abortOnSignals, commonOptions } from './session.js';

/** `start`: the daemon, until SIGTERM or SIGINT. */
export function startCommand(done: (exitCode: number) => void): Command {
  return new Command('start')
    .description('start the daemon')
    .action(async (_options: unknown, command: Command) => {
      const options = commonOptions.parse(command.optsWithGlobals());
      done(await start(options.config));
    });
}

async function start(path: string | undefined): Promise<number> {
  const config = loadConfig({ path });
  const log = createLogger(config.log, secretsOf(config), process.stdout);
  const signals = abortOnSignals();
  const app = await openApp(config, log);
  try {
    // A wrong name in the config is a mistake to be shown now; a Halo that is away is not.
    await app.rules().catch((error) => {
      if (error instanceof ConfigError) throw error;
      log.warn(`The names in the config could not be looked up in Halo yet: ${error.message}`);
    });
  } catch (error) {
    await app.close();
    throw error;
  }
  const daemon = startDaemon(app);
  if (!signals.signal.aborted) await once(signals.signal, 'abort');
  await daemon.stop(String(signals.signal.reason?.message ?? 'asked to'));
  signals.detach();
  return 0;
}
