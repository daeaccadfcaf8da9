#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ConfigError } from '../config/error.js';
import { messageOf } from '../inventory/sentence.js';
import { EXIT } from './exit.js';
import { printNote } from './print.js';
import { createProgram } from './program.js';

/** Runs one command line. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const done = (code: number) => {
    exitCode = code;
  };
  try {
    const program = await createProgram(done, argv);
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** Says what went wrong, in sentences. A stack is of no use to a technician. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof ConfigError) {
    for (const mistake of error.mistakes) printNote('- ', mistake, process.stderr);
    return EXIT.usage;
  }
  printNote('', messageOf(error), process.stderr);
  return EXIT.failed;
}

/** Where nobody reads any more (`| head`), the command goes on in silence: no run ends halfway for that. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT.failed;
  process.stderr.write(`The output could not be written: ${error.message}\n`);
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', () => {});
const exitCode = await main(process.argv);
// A handle that is still open (a socket on its way down) shall not keep a command from ending. The error of a
// write that failed comes a moment after its callback.
process.stdout.write('', () => setImmediate(() => process.exit(process.exitCode ?? exitCode)));
