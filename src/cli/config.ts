import { Command } from 'commander';
import { stringify } from 'yaml';
import { loadConfig } from '../config/load.js';
import { showConfig } from '../config/show.js';
import { print, printJson } from './print.js';
import { commonOptions } from './session.js';

/** `config show` and `config validate`. */
export function configCommand(done: (exitCode: number) => void): Command {
  const config = new Command('config').description('show or validate the config');
  config
    .command('show')
    .description('print the merged config as a config file (YAML), secrets masked')
    .option('--json', 'print it as JSON')
    .action((_options: unknown, command: Command) => {
      const options = commonOptions.parse(command.optsWithGlobals());
      const shown = showConfig({ path: options.config });
      if (options.json) printJson(shown);
      // Without a width, a long expression stays on its line.
      else print(stringify(shown, { lineWidth: 0 }).trimEnd());
      done(0);
    });
  config
    .command('validate')
    .description('check the config file and the environment; asks no one')
    .action((_options: unknown, command: Command) => {
      const options = commonOptions.parse(command.optsWithGlobals());
      loadConfig({ path: options.config });
      print(
        'The config is valid. Whether Halo and ConnectWise RMM know the names in it, "halo-integrator check" tells.',
      );
      done(0);
    });
  return config;
}
