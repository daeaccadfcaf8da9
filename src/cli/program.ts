import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { alertsCommand } from './alerts.js';
import { changesCommand } from './changes.js';
import { checkCommand } from './check.js';
import { configCommand } from './config.js';
import { demoCommand } from './demo.js';
import { examplesOf, exitsOf, GUIDES, type Guide, NAME } from './guides.js';
import { importCommand } from './import.js';
import { jobsCommand } from './jobs.js';
import { planCommand } from './plan.js';
import { requeueCommand } from './requeue.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';

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

/**
 * Builds the command line with all of its commands.
 * @param done is called with the exit code by a command that has come to its end.
 */
export function createProgram(done: (exitCode: number) => void): Command {
  const program = new Command(NAME)
    .description('Keeps a HaloPSA instance true to ConnectWise RMM.')
    .version(readVersion())
    .option(
      '-c, --config <path>',
      'config file (default: $HALO_INTEGRATOR_CONFIG, else config/integrator.yaml)',
    )
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(try --help)')
    .exitOverride();
  for (const command of COMMANDS) program.addCommand(command(done));
  for (const [name, command] of commandsOf(program)) {
    command.copyInheritedSettings(program);
    const guide = GUIDES[name];
    if (guide) command.addHelpText('after', () => `\n${helpOf(command, guide)}`);
  }
  return program;
}

/** All commands of a program with their names, such as `jobs show`, each before those below it. */
export function commandsOf(program: Command, above = ''): [name: string, command: Command][] {
  return program.commands.flatMap((command) => {
    const name = `${above}${command.name()}`;
    const itself: [string, Command] = [name, command];
    return [itself, ...commandsOf(command, `${name} `)];
  });
}

/** The guide as it stands below the options, within the width that commander keeps to. */
function helpOf(command: Command, guide: Guide): string {
  const helper = command.createHelp();
  const helpWidth = command.configureOutput().getOutHelpWidth?.();
  helper.prepareContext(helpWidth === undefined ? {} : { helpWidth });
  const exits = exitsOf(guide).map(([code, meaning]) => helper.formatItem(code, 1, meaning, helper));
  const examples = examplesOf(guide).map(([line, what]) => `  # ${what}\n  ${line}`);
  return ['Exit codes:', ...exits, '', 'Examples:', ...examples].join('\n');
}

/** The version in package.json, which stands as far above dist/cli as above src/cli. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
