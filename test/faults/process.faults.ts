import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { type Dice, makeDice } from '../../src/demo/dice.js';
import { createLinks } from '../../src/store/links.js';
import { waitFor } from '../support/wait.js';
import { deliver, untilTicket } from './alerts.js';
import type { DaemonProcess } from './daemon.js';
import { expectWhole, importedCount, untilImported, untilNextAsset, untilWhole } from './laws.js';
import { survives } from './row.js';
import { type DoubtsOfWorld, doubtsOf, redisOf, untilQuiet } from './runs.js';
import { type FaultWorld, startFaultWorld } from './world.js';

/** Another seed kills at other moments: FAULTS_SEED=$RANDOM npm run test:faults -- test/faults/process.faults.ts */
const SEED = process.env.FAULTS_SEED ?? 'faults';
/** An alert whose ticket may be on its way to Halo is not sent again for two minutes. */
const DOUBTFUL_TICKET_MS = 170_000;

/** Everything is there in the end, and nothing twice. @returns what was measured on the way. */
async function untilSound(
  world: FaultWorld,
  endedAtMs: number,
  alertIds: string[],
  doubts = doubtsOf(world),
): Promise<string> {
  await doubts.pass();
  await untilWhole(world);
  const scheduledInMs = await untilQuiet(world, endedAtMs);
  for (const id of alertIds) await untilTicket(world, id, DOUBTFUL_TICKET_MS);
  expectWhole(world, alertIds);
  return `a run by schedule after ${seconds(scheduledInMs)}; ${doubts.passed()} creates that were cut off waited for their quarter of an hour`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

survives(
  {
    party: 'the daemon',
    fault: 'killed (SIGKILL) at random points of an import, twice in a row, three times over',
    promise: 'the next one goes on within 30 s; nothing is made twice',
  },
  400_000,
  async () => {
    const world = await startFaultWorld({ writeMs: 0 });
    const dice = makeDice(SEED);
    slowDown(world, dice);
    const doubts = doubtsOf(world);
    const alertIds: string[] = [];
    const recoveries: number[] = [];
    const killedAt: number[] = [];
    let daemon = world.startDaemon();
    let endedAtMs = Date.now();
    for (let round = 1; round <= 3; round++) {
      await untilUnderWay(world, doubts, Math.min(480, importedCount(world) + dice.number(100)));
      alertIds.push(await killAmidAlert(daemon, dice, `alert-${round}-a`));
      daemon = world.startDaemon();
      await pause(dice.number(4_000));
      alertIds.push(await killAmidAlert(daemon, dice, `alert-${round}-b`));
      killedAt.push(importedCount(world));
      daemon = world.startDaemon();
      endedAtMs = Date.now();
      recoveries.push(await untilResumed(world, doubts));
    }
    const rest = await untilSound(world, endedAtMs, alertIds, doubts);
    const recoveredInMs = Math.max(...recoveries);
    return {
      recoveredInMs,
      measured: `seed ${SEED}; killed at ${killedAt.join(', ')} of 500 assets; ${rest}`,
    };
  },
);

/** Resolves once so many assets are there; where nothing is left but what is in doubt, the doubt passes. */
async function untilUnderWay(world: FaultWorld, doubts: DoubtsOfWorld, count: number): Promise<void> {
  const isUnderWay = async () => {
    if (await doubts.areAllThatIsMissing()) await doubts.pass();
    return importedCount(world) >= count;
  };
  await waitFor(isUnderWay, { timeoutMs: 60_000, what: `${count} assets` });
}

/** Resolves once an asset more has been made, or nothing is left but what is in doubt. @returns how long that took. */
async function untilResumed(world: FaultWorld, doubts: DoubtsOfWorld): Promise<number> {
  const sinceMs = performance.now();
  const count = importedCount(world);
  const isResumed = async () => importedCount(world) > count || (await doubts.areAllThatIsMissing());
  await waitFor(isResumed, { timeoutMs: 30_000, what: 'the import to go on' });
  return performance.now() - sinceMs;
}

/** Of what is cut off, Halo does every second thing all the same. */
function slowDown({ halo }: FaultWorld, dice: Dice): void {
  const isWrite = ({ method }: { method: string }) => method === 'POST';
  const action = { do: 'delay', ms: 60 } as const;
  halo.faults.add({
    match: (request) => isWrite(request) && dice.number(2) === 0,
    action: { ...action, afterWork: true },
  });
  halo.faults.add({ match: isWrite, action });
}

/** Kills it while it is at work on an alert. @returns the id of the alert. */
async function killAmidAlert(daemon: DaemonProcess, dice: Dice, id: string): Promise<string> {
  await deliver(() => daemon, id);
  await pause(dice.number(150));
  await daemon.kill();
  return id;
}

survives(
  {
    party: 'the daemon',
    fault: 'ended (SIGTERM) in the middle of an import, and started again',
    promise:
      'it ends within 15 s with exit code 0, leaves nothing half done, and the next one goes on at once',
  },
  150_000,
  async () => {
    const world = await startFaultWorld();
    const first = world.startDaemon();
    await untilImported(world, 100);
    const alerts = ['alert-1', 'alert-2', 'alert-3'];
    await Promise.all(alerts.map((id) => deliver(() => first, id)));
    const sinceMs = performance.now();
    first.signal('SIGTERM');
    const { code, stderr } = await first.ended();
    const endedInMs = performance.now() - sinceMs;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(endedInMs).toBeLessThan(15_000);
    expect(world.halo.requests.filter(({ status }) => status === null)).toEqual([]);
    const links = createLinks(redisOf(world), `${world.redis.prefix}:links:assets`);
    expect(await links.count()).toBe(importedCount(world));
    world.startDaemon();
    const endedAtMs = Date.now();
    const recoveredInMs = await untilNextAsset(world);
    const rest = await untilSound(world, endedAtMs, alerts);
    return { recoveredInMs, measured: `ended after ${seconds(endedInMs)}; ${rest}` };
  },
);

const AWAY = {
  'has been killed': {
    begin: ({ redis }: FaultWorld) => redis.kill(),
    end: ({ redis }: FaultWorld) => redis.restart(),
  },
  'has frozen': {
    begin: async ({ redis }: FaultWorld) => redis.freeze(),
    end: async ({ redis }: FaultWorld) => redis.thaw(),
  },
};

for (const [how, { begin, end }] of Object.entries(AWAY)) {
  survives(
    {
      party: 'the daemon',
      fault: `ended (SIGTERM) in the middle of an import while Redis ${how}`,
      promise: 'it ends within 15 s with exit code 0; the next one goes on within 30 s',
    },
    180_000,
    async () => {
      const world = await startFaultWorld();
      const first = world.startDaemon();
      await untilImported(world, 100);
      await begin(world);
      const sinceMs = performance.now();
      first.signal('SIGTERM');
      const { code } = await first.ended();
      const endedInMs = performance.now() - sinceMs;
      expect({ code, inTime: endedInMs < 15_000 }).toEqual({ code: 0, inTime: true });
      expect(first.messages()).toContain(
        'Redis did not answer in time, so jobs were left to be found as stalled.',
      );
      await end(world);
      world.startDaemon();
      const endedAtMs = Date.now();
      const recoveredInMs = await untilNextAsset(world);
      const rest = await untilSound(world, endedAtMs, []);
      return { recoveredInMs, measured: `ended after ${seconds(endedInMs)}; ${rest}` };
    },
  );
}

const namesShape = z.object({ daemons: z.array(z.string()) });

for (const count of [2, 3]) {
  survives(
    {
      party: 'the daemon',
      fault: `${count} on one Redis, one of them killed in the middle of an import`,
      promise: 'the others go on at once, and take over what it was at within 30 s; nothing is made twice',
    },
    180_000,
    async () => {
      const world = await startFaultWorld({ writeMs: 60 });
      const daemons = Array.from({ length: count }, () => world.startDaemon());
      const [killed, ...others] = daemons;
      const [other] = others;
      if (!killed || !other) throw new Error('There is no daemon.');
      await Promise.all(daemons.map((daemon) => daemon.says(/^The integrator is up/)));
      await untilImported(world, 60);
      await waitForCreatesOf(killed);
      await deliver(() => killed, 'alert-1');
      await killed.kill();
      const endedAtMs = Date.now();
      const sinceMs = performance.now();
      await deliver(() => other, 'alert-2');
      const nextInMs = await untilNextAsset(world);
      const status = await world.command('status', '--json');
      expect(namesShape.parse(JSON.parse(status.stdout)).daemons).toHaveLength(count - 1);
      const doubts = doubtsOf(world);
      await doubts.pass();
      await untilWhole(world);
      const wholeInMs = performance.now() - sinceMs;
      expect(wholeInMs).toBeLessThan(60_000);
      await untilSound(world, endedAtMs, ['alert-1', 'alert-2']);
      const measured = `the next asset after ${seconds(nextInMs)}, all 500 after ${seconds(wholeInMs)}; ${doubts.passed()} creates were in doubt`;
      return { recoveredInMs: nextInMs, measured };
    },
  );
}

function waitForCreatesOf(daemon: DaemonProcess): Promise<void> {
  return daemon.says(/: create \(/);
}
