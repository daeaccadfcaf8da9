#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { ConfigError } from '../config/error.js';
import { messageOf } from '../inventory/sentence.js';
import { alertsCommand } from './alerts.js';
import { changesCommand } from './changes.js';
import { checkCommand } from './check.js';
import { configCommand } from './config.js';
import { demoCommand } from './demo.js';
import { importCommand } from './import.js';
import { jobsCommand } from './jobs.js';
import { planCommand } from './plan.js';
import { printNote } from './print.js';
import { requeueCommand } from './requeue.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const COMMANDS = [
  startCommand,
  checkCommand,
  planCommand,
  importCommand,
  runCommand,
  statusCommand,
  runsCommand,
  changesCommand,
  jobsCommand,
  requeueCommand,
  alertsCommand,
  configCommand,
  demoCommand,
];

/** Runs one command line. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('halo-integrator')
    .description('Keeps a HaloPSA instance true to ConnectWise RMM.')
    .version(readVersion())
    .option(
      '-c, --config <path>',
      'config file (default: $HALO_INTEGRATOR_CONFIG, else config/integrator.yaml)',
    )
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(try --help)')
    .exitOverride();
  for (const command of COMMANDS) {
    program.addCommand(
      command((code) => {
        exitCode = code;
      }),
    );
  }
  for (const command of program.commands) {
    for (const each of [command, ...command.commands]) each.copyInheritedSettings(program);
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** The version in package.json, which stands as far above dist/cli as above src/cli. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Says what went wrong, in sentences. A stack is of no use to a technician. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof ConfigError) {
    for (const mistake of error.mistakes) printNote('- ', mistake, process.stderr);
    return EXIT_USAGE;
  }
  printNote('', messageOf(error), process.stderr);
  return EXIT_FAILED;
}

/** Where nobody reads any more (`| head`), the command goes on in silence: no run ends halfway for that. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT_FAILED;
  process.stderr.write(`The output could not be written: ${error.message}\n`);
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', () => {});
const exitCode = await main(process.argv);
// A handle that is still open (a socket on its way down) shall not keep a command from ending. The error of a
// write that failed comes a moment after its callback.
process.stdout.write('', () => setImmediate(() => process.exit(process.exitCode ?? exitCode)));
