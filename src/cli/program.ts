import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { examplesOf, exitsOf, GUIDES, type Guide, NAME } from './guides.js';

/** Each brings along what it needs: `status` does not wait for what the demo is made of. */
const COMMANDS = {
  start: async () => (await import('./start.js')).startCommand,
  check: async () => (await import('./check.js')).checkCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  import: async () => (await import('./import.js')).importCommand,
  run: async () => (await import('./run.js')).runCommand,
  status: async () => (await import('./status.js')).statusCommand,
  runs: async () => (await import('./runs.js')).runsCommand,
  changes: async () => (await import('./changes.js')).changesCommand,
  jobs: async () => (await import('./jobs.js')).jobsCommand,
  requeue: async () => (await import('./requeue.js')).requeueCommand,
  alerts: async () => (await import('./alerts.js')).alertsCommand,
  config: async () => (await import('./config.js')).configCommand,
  demo: async () => (await import('./demo.js')).demoCommand,
};

/**
 * Builds the command line.
 * @param done is called with the exit code by a command that has come to its end.
 * @param args the words of the command line: only the commands that they name are loaded; all, where they name none.
 */
export async function createProgram(
  done: (exitCode: number) => void,
  args: readonly string[] = [],
): Promise<Command> {
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
  const entries = Object.entries(COMMANDS);
  const named = entries.filter(([name]) => args.includes(name));
  for (const [, load] of named.length > 0 ? named : entries) program.addCommand((await load())(done));
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
