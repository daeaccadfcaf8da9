import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { endWithUs } from './children.js';

/** What a program printed and used. */
export interface ProgramEnd {
  stdout: string;
  /** From its start to its end. */
  wallMs: number;
  /** The most memory that was resident at once, in mebibytes. */
  peakMb: number;
  cpuMs: number;
}

/** A Node program under way. */
export interface Program {
  child: ChildProcess;
  /** Resolves, with what it has printed, once that holds `text`. */
  says(text: string): Promise<string>;
  /** Its end. @throws Error with what it printed, where it failed. */
  end(): Promise<ProgramEnd>;
  /** Asks it to end, and waits. */
  stop(): Promise<ProgramEnd>;
}

const USAGE = new URL('./usage.js', import.meta.url).href;
const usageShape = z.object({ peakMb: z.number(), cpuMs: z.number() });

/** Starts a Node program whose use of memory and time is noted. @param nodeOptions such as `--cpu-prof`. */
export async function startProgram(
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<Program> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-program-'));
  const usagePath = join(dir, 'usage.json');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, '--import', USAGE, ...args], {
    env: { PATH: process.env.PATH, BENCH_USAGE: usagePath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  const output = collect(child);
  const closed = once(child, 'close');
  const end = async (): Promise<ProgramEnd> => {
    await closed;
    const wallMs = performance.now() - startedAt;
    if (child.exitCode !== 0) throw new Error(`${args.join(' ')} failed:\n${output.all()}`);
    const usage = usageShape.parse(JSON.parse(await readFile(usagePath, 'utf8')));
    await rm(dir, { recursive: true, force: true });
    return { stdout: output.stdout(), wallMs, ...usage };
  };
  return {
    child,
    says: (text) => output.says(text),
    end,
    stop: () => {
      child.kill('SIGTERM');
      return end();
    },
  };
}

/** Runs a Node program to its end. */
export async function runProgram(
  args: readonly string[],
  nodeOptions?: readonly string[],
): Promise<ProgramEnd> {
  return (await startProgram(args, nodeOptions)).end();
}

function collect(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const all = () => stdout + stderr;
  return {
    stdout: () => stdout,
    all,
    async says(text: string) {
      while (!all().includes(text)) {
        if (child.exitCode !== null) throw new Error(`The program ended without saying "${text}":\n${all()}`);
        await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')]);
      }
      return all();
    },
  };
}
