import { appendFileSync } from 'node:fs';
import { it } from 'vitest';
import { z } from 'zod';

/** A row of docs/reliability.md: a fault, what is promised, and what was measured. */
export const rowShape = z.object({
  /** Who or what it happens to: Redis, the network, Halo. */
  party: z.string(),
  fault: z.string(),
  promise: z.string(),
  test: z.string(),
  /** From the end of the fault to the next work; `null`: nothing stood still. */
  recoveredInMs: z.number().nullable(),
  /** What else was measured, in words. */
  measured: z.string(),
});
export type Row = z.infer<typeof rowShape>;

type About = Pick<Row, 'party' | 'fault' | 'promise'>;
export type Measured = Pick<Row, 'recoveredInMs' | 'measured'>;

/** Rows are written to the file that RELIABILITY_ROWS names, a line of JSON each; left out: nowhere. */
const FILE = process.env.RELIABILITY_ROWS;

/** A test of one fault, whose result is a row of docs/reliability.md. */
export function survives(about: About, timeoutMs: number, work: () => Promise<Measured>): void {
  it(`${about.party}: ${about.fault}`, { timeout: timeoutMs }, async ({ task }) => {
    const measured = await work();
    const row: Row = { ...about, ...measured, test: task.file.name };
    if (FILE) appendFileSync(FILE, `${JSON.stringify(row)}\n`);
  });
}
