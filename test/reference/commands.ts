import type { Command, Option } from 'commander';
import { examplesOf, exitsOf, GUIDES } from '../../src/cli/guides.js';
import { commandsOf, createProgram } from '../../src/cli/program.js';
import { code, document, either, fenced, sentence, table } from './markdown.js';

const INTRODUCTION = `# The commands

This page is made from the code: \`npm run reference\` writes it anew, and the tests compare. \`halo-integrator <command>
--help\` says the same.`;

const AFTERWARDS = `Where a command prints data, \`--json\` gives one document on standard output; what goes wrong is told on standard error.
Colours are for terminals alone: \`NO_COLOR=1\` switches them off, \`FORCE_COLOR=1\` sends them through a pipe. Times are in
UTC. Ctrl+C ends each command in good order; a second one, or a second SIGTERM, ends it where it stands, with exit code 130
or 143.`;

/** The reference of all commands. */
export async function commandReference(): Promise<string> {
  const program = await createProgram(() => undefined);
  const commands = commandsOf(program).filter(
    ([name, command]) => GUIDES[name] || command.commands.length === 0,
  );
  const list = commands.map(([name, command]) => [
    `[${code(name)}](#${name.replaceAll(' ', '-')})`,
    sentence(command.description()),
  ]);
  return document([
    INTRODUCTION,
    table(['command', 'does'], list),
    'All commands take these options:',
    optionsTable(program),
    AFTERWARDS,
    ...commands.map(([name, command]) => section(name, command)),
  ]);
}

function section(name: string, command: Command): string {
  const guide = GUIDES[name];
  if (!guide) throw new Error(`The command ${name} has no guide in src/cli/guides.ts.`);
  const help = command.createHelp();
  const args = help.visibleArguments(command);
  const examples = examplesOf(guide).map(([line, what]) => `# ${what}\n${line}`);
  return document([
    `## ${name}`,
    sentence(command.description()),
    fenced('sh', help.commandUsage(command).replace(' [command]', '')),
    args.length > 0
      ? table(
          ['argument', 'is'],
          args.map((each) => [code(help.argumentTerm(each)), help.argumentDescription(each)]),
        )
      : '',
    optionsTable(command),
    table(['exit code', 'means'], exitsOf(guide)),
    fenced('sh', examples.join('\n\n')),
  ]).trimEnd();
}

function optionsTable(command: Command): string {
  const rows = command.options.map((option) => [code(option.flags), descriptionOf(option)]);
  return rows.length > 0 ? table(['option', 'does'], rows) : '';
}

function descriptionOf({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? `: ${either(argChoices.map(code))}` : '';
  const standard = defaultValue === undefined ? '' : ` (default: ${code(String(defaultValue))})`;
  return `${description}${choices}${standard}`;
}
