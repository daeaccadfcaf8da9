import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait.js';

/** What a command line printed, and how it ended. */
export interface CommandEnd {
  /** `null`: a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line under way. */
export interface Command {
  child: ChildProcess;
  /** What it has printed on both outputs so far. */
  output(): string;
  /** Resolves once the output holds `text`. */
  says(text: string): Promise<void>;
  /** Types into its standard input. */
  types(text: string): void;
  /** Resolves when it has ended. */
  end(): Promise<CommandEnd>;
}

type Variables = Record<string, string>;

const MAIN = 'dist/cli/main.js';

/** Starts the built command line with nothing on its standard input. `script/test` builds it first. */
export function startCommand(args: readonly string[], env: Variables = {}): Command {
  const command = follow(process.execPath, [MAIN, ...args], env);
  command.child.stdin?.end();
  return command;
}

/** Runs the built command line to its end. */
export function runCommand(args: readonly string[], env: Variables = {}): Promise<CommandEnd> {
  return startCommand(args, env).end();
}

/** Runs the built command line with `input` piped into it. */
export function runWithInput(args: readonly string[], input: string): Promise<CommandEnd> {
  const command = follow(process.execPath, [MAIN, ...args], {});
  command.child.stdin?.end(input);
  return command.end();
}

/** Runs a line of shell, in which `"$@"` stands for the built command line with `args`. */
export function runInShell(line: string, args: readonly string[]): Promise<CommandEnd> {
  return follow('sh', ['-c', line, 'sh', process.execPath, MAIN, ...args], {}).end();
}

/** Whether this system has the `script` of util-linux, with which `startInTerminal` makes a terminal. */
export const hasTerminal = /util-linux/.test(String(spawnSync('script', ['--version']).stdout));

/** A text that was printed on a terminal, without its colours. Any other escape sequence stays. */
export function withoutColours(text: string): string {
  return text.replace(COLOUR, '');
}

/** The four tones, and their ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
const COLOUR = /\u001b\[(2|31|32|33|22|39)m/g;

/** Starts the built command line on a terminal of its own. All that it prints arrives on `stdout`, with `\r\n`. */
export function startInTerminal(args: readonly string[], columns: number): Command {
  const line = `stty cols ${columns} rows 50; exec '${process.execPath}' ${MAIN} ${args.join(' ')}`;
  return follow('script', ['-qec', line, '/dev/null'], { SHELL: '/bin/sh' });
}

function follow(program: string, args: readonly string[], env: Variables): Command {
  const child = spawn(program, args, { env: { PATH: process.env.PATH ?? '', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  const output = () => stdout + stderr;
  return {
    child,
    output,
    says: async (text) => {
      await waitFor(() => output().includes(text), { timeoutMs: 15_000 }).catch(() => {
        throw new Error(`The command did not say "${text}" within 15 s, but:\n${output()}`);
      });
    },
    types: (text) => child.stdin.write(text),
    end: async () => {
      await closed;
      return { code: child.exitCode, stdout, stderr };
    },
  };
}
