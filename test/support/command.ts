import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait.js';

/** What a command line printed, and how it ended. */
export interface CommandEnd {
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
  /** Resolves when it has ended. */
  end(): Promise<CommandEnd>;
}

/** Starts the built command line with nothing on its standard input. `script/test` builds it first. */
export function startCommand(args: readonly string[], env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
      await waitFor(() => output().includes(text), { timeoutMs: 15_000, what: `"${text}" in:\n${output()}` });
    },
    end: async () => {
      await closed;
      return { code: child.exitCode, stdout, stderr };
    },
  };
}

/** Runs the built command line to its end. */
export function runCommand(args: readonly string[], env: Record<string, string> = {}): Promise<CommandEnd> {
  return startCommand(args, env).end();
}
