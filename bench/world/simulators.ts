import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { endWithUs } from './children.js';
import type { Counts } from './counter.js';
import {
  type Ask,
  bothCountsShape,
  bothTimesShape,
  replyShape,
  type SimulatorOptions,
  ticketTimesShape,
  type Where,
  whereShape,
} from './messages.js';

/** The two simulators in their process. */
export interface Simulators extends Pick<Where, 'rmm' | 'halo' | 'devices'> {
  /** How many assets Halo holds. */
  assets(): Promise<number>;
  counts(): Promise<{ rmm: Counts; halo: Counts }>;
  /** When the requests came that were let in, in milliseconds since 1970. */
  times(): Promise<{ rmm: number[]; halo: number[] }>;
  /** Counts from 0 again. */
  forget(): Promise<void>;
  changeDevices(count: number): Promise<void>;
  ticketTimes(): Promise<{ summary: string; atMs: number }[]>;
  close(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('./simulators-process.js', import.meta.url));
/** Half a million devices are some gigabytes. */
const HEAP_MB = 12_000;

/** Starts them; it resolves once they answer. */
export async function startSimulators(options: SimulatorOptions): Promise<Simulators> {
  const execArgv = [`--max-old-space-size=${HEAP_MB}`];
  const child = fork(ENTRY, [JSON.stringify(options)], { execArgv, env: { PATH: process.env.PATH } });
  endWithUs(child);
  const ask = askerOf(child);
  const { rmm, halo, devices } = await ask('where', whereShape);
  return {
    rmm,
    halo,
    devices,
    assets: async () => (await ask('where', whereShape)).assets,
    counts: () => ask('counts', bothCountsShape),
    times: () => ask('times', bothTimesShape),
    forget: () => ask('forget'),
    changeDevices: (count) => ask('changeDevices', undefined, count),
    ticketTimes: () => ask('ticketTimes', ticketTimesShape),
    async close() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

function askerOf(child: ChildProcess) {
  let last = 0;
  async function ask(what: Ask['what'], shape?: undefined, count?: number): Promise<void>;
  async function ask<Answer>(what: Ask['what'], shape: z.ZodType<Answer>): Promise<Answer>;
  async function ask(what: Ask['what'], shape?: z.ZodType, count?: number): Promise<unknown> {
    const id = ++last;
    const answered = new Promise((resolve, reject) => {
      const listen = (message: unknown) => {
        const reply = replyShape.parse(message);
        if (reply.id !== id) return;
        child.off('message', listen).off('exit', lose);
        resolve(reply.answer);
      };
      const lose = () => reject(new Error('The process of the simulators has ended too early.'));
      child.on('message', listen).on('exit', lose);
    });
    child.send({ id, what, count } satisfies Ask);
    const answer = await answered;
    return shape?.parse(answer);
  }
  return ask;
}
