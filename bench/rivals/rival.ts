import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runProgram } from '../world/program.js';
import type { Simulators } from '../world/simulators.js';

const endShape = z.object({ ms: z.number() });

/** Runs a rival over the simulators to its end. @returns how long it worked, without the start of its process. */
export async function runRival(
  name: 'naive' | 'batching' | 'bare-loop',
  { rmm, halo }: Simulators,
  { waitMs = 100, writes = true }: { waitMs?: number; writes?: boolean } = {},
): Promise<number> {
  const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { stdout } = await runProgram([path, JSON.stringify({ rmm, halo, waitMs, writes })]);
  return endShape.parse(JSON.parse(stdout)).ms;
}
