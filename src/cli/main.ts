#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/error.js';
import { configCommand } from './config.js';
import { demoCommand } from './demo.js';
import { importCommand } from './import.js';
import { planCommand } from './plan.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const COMMANDS = [
  startCommand,
  planCommand,
  importCommand,
  runCommand,
  statusCommand,
  runsCommand,
  configCommand,
  demoCommand,
];

/** Runs one command line. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('halo-integrator')
    .description('Keeps a HaloPSA instance true to ConnectWise RMM.')
    .option(
      '-c, --config <path>',
      'config file (default: $HALO_INTEGRATOR_CONFIG, else config/integrator.yaml)',
    )
    .showHelpAfterError('(try --help)');
  for (const command of COMMANDS) {
    program.addCommand(
      command((code) => {
        exitCode = code;
      }),
    );
  }
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((each) => each.commands),
  ]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** Says what went wrong, in sentences. A stack is of no use to a technician. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.mistakes.map((mistake) => `- ${mistake}`).join('\n')}\n`);
    return EXIT_USAGE;
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return EXIT_FAILED;
}

process.exitCode = await main(process.argv);
// A handle that is still open (a socket on its way down) shall not keep a command from ending.
process.stdout.write('', () => process.exit());
