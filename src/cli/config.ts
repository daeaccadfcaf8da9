import { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { maskConfig } from '../config/masking.js';
import { print, printJson } from './print.js';
import { commonOptions } from './session.js';

/** `config show` and `config validate`. */
export function configCommand(done: (exitCode: number) => void): Command {
  const config = new Command('config').description('show or validate the config');
  config
    .command('show')
    .description('print the merged config, secrets masked')
    .action((_options: unknown, command: Command) => {
      const options = commonOptions.parse(command.optsWithGlobals());
      printJson(maskConfig(loadConfig({ path: options.config })));
      done(0);
    });
  config
    .command('validate')
    .description('check the config file and the environment; asks no one')
    .action((_options: unknown, command: Command) => {
      const options = commonOptions.parse(command.optsWithGlobals());
      loadConfig({ path: options.config });
      print('The config is valid.');
      done(0);
    });
  return config;
}
