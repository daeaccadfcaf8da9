import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DaemonProcess } from './daemon.js';

/** The wall clock of daemons, which can be set while they run. */
export interface Clock {
  /** What a daemon is to be started with. */
  env: Record<string, string>;
  /** Sets it so many milliseconds ahead of the true time; less than 0: behind. */
  set(aheadMs: number, daemon?: DaemonProcess): Promise<void>;
}

/** A clock that is right at first. */
export async function startClock(): Promise<Clock> {
  const directory = await mkdtemp(join(tmpdir(), 'clock-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'ahead');
  const set: Clock['set'] = async (aheadMs, daemon) => {
    await writeFile(file, String(aheadMs));
    daemon?.signal('SIGUSR2');
  };
  await set(0);
  const env = { NODE_OPTIONS: `--import=${resolve('test/faults/clock.mjs')}`, CLOCK_FILE: file };
  return { env, set };
}
