import { z } from 'zod';
import { waitFor } from '../support/wait.js';
import type { DaemonProcess } from './daemon.js';
import type { FaultWorld } from './world.js';

const runsShape = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    state: z.string(),
    trigger: z.string(),
    counts: z.record(z.string(), z.number()),
  }),
);

const CHANGES = ['created', 'updated', 'moved', 'deactivated', 'reactivated', 'failed'];

/** Resolves once a schedule has started a run of assets, none of the `known`, that found nothing to be done. */
export async function untilQuietRun(
  world: FaultWorld,
  daemon: DaemonProcess,
  known: ReadonlySet<string>,
): Promise<void> {
  let seen = 0;
  const isQuiet = async () => {
    const ended = daemon.messages().filter((message) => /^Run assets-\S+ succeeded\.$/.test(message)).length;
    if (ended === seen) return false;
    seen = ended;
    return (await readRuns(world)).some(
      ({ id, kind, state, trigger, counts }) =>
        kind === 'assets' &&
        state === 'succeeded' &&
        trigger === 'schedule' &&
        !known.has(id) &&
        CHANGES.every((name) => counts[name] === 0),
    );
  };
  await waitFor(isQuiet, { timeoutMs: 90_000, what: 'a run by schedule without changes' });
}

export async function readRuns(world: FaultWorld): Promise<z.infer<typeof runsShape>> {
  return runsShape.parse(JSON.parse((await world.command('runs', '--json')).stdout));
}
