import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../support/wait.js';
import { deliver, untilTicket } from './alerts.js';
import type { DaemonProcess } from './daemon.js';
import { expectWhole, importedCount, untilImported, untilNextAsset, untilWhole } from './laws.js';
import { survives } from './row.js';
import { redisOf, untilQuiet } from './runs.js';
import { type FaultWorld, type FaultWorldOptions, startFaultWorld } from './world.js';

const COMES_BACK_EMPTY =
  'links and tickets are found again in Halo, schedules set themselves again; nothing is made twice';

const AWAY = /^Redis at \S+ is not usable: .+\. Trying until it is\.$/;

/** A world whose import is under way, and which has taken an alert. */
async function startImport(options: FaultWorldOptions = {}) {
  const world = await startFaultWorld(options);
  const daemon = world.startDaemon();
  await untilImported(world, 100);
  await deliver(() => daemon, 'alert-before');
  await untilTicket(world, 'alert-before');
  return { world, daemon };
}

const alertAfter = async (world: FaultWorld, daemon: DaemonProcess, id = 'alert-after') => {
  await deliver(() => daemon, id);
  return untilTicket(world, id);
};

survives(
  {
    party: 'Redis',
    fault: 'killed in the middle of an import and comes back empty, append-only file off',
    promise: COMES_BACK_EMPTY,
  },
  150_000,
  async () => {
    const { world, daemon } = await startImport({ appendOnly: false });
    const { redis } = world;
    await redis.kill();
    await waitFor(async () => (await daemon.readiness()).status === 503, { timeoutMs: 10_000 });
    const during = deliver(() => daemon, 'alert-during');
    await tellsStatus(world, /was not reached within 10 s/);
    const atEnd = importedCount(world);
    await redis.restart();
    const endedAtMs = Date.now();
    const recoveredInMs = await untilNextAsset(world);
    expect((await during).length).toBeGreaterThan(0);
    await untilTicket(world, 'alert-during');
    await untilWhole(world);
    const ticketInMs = await alertAfter(world, daemon);
    const scheduledInMs = await untilQuiet(world, endedAtMs);
    expectWhole(world, ['alert-before', 'alert-during', 'alert-after']);
    await daemon.says(AWAY);
    await daemon.says(/^Schedules set: sites, assets, deactivation\.$/);
    return { recoveredInMs, measured: measured({ atEnd, scheduledInMs, ticketInMs }) };
  },
);

survives(
  { party: 'Redis', fault: 'emptied by FLUSHALL in the middle of an import', promise: COMES_BACK_EMPTY },
  150_000,
  async () => {
    const { world, daemon } = await startImport();
    const atEnd = importedCount(world);
    await redisOf(world).flushall();
    const endedAtMs = Date.now();
    await untilWhole(world);
    const ticketInMs = await alertAfter(world, daemon);
    const scheduledInMs = await untilQuiet(world, endedAtMs);
    // The run was lost: work goes on with the next one.
    expect(scheduledInMs).toBeLessThan(30_000);
    expectWhole(world, ['alert-before', 'alert-after']);
    await daemon.says(/^Schedules set: sites, assets, deactivation\.$/);
    return { recoveredInMs: scheduledInMs, measured: measured({ atEnd, scheduledInMs, ticketInMs }) };
  },
);

survives(
  {
    party: 'Redis',
    fault: 'stopped where it stands (SIGSTOP) for 20 s in the middle of an import',
    promise: 'the webhook answers 503 within seconds, and the run goes on afterwards',
  },
  180_000,
  async () => {
    const { world, daemon } = await startImport();
    const { redis } = world;
    redis.freeze();
    const frozenAtMs = performance.now();
    const during = deliver(() => daemon, 'alert-during');
    await waitFor(async () => (await daemon.readiness()).status === 503, { timeoutMs: 10_000 });
    expect((await daemon.readiness()).reasons).toEqual(['Redis is not usable: it does not answer.']);
    await tellsStatus(world, /was not reached within 10 s/);
    await pause(Math.max(0, 20_000 - (performance.now() - frozenAtMs)));
    const atEnd = importedCount(world);
    redis.thaw();
    const endedAtMs = Date.now();
    const recoveredInMs = await untilNextAsset(world);
    expect((await during).length).toBeGreaterThan(0);
    await untilTicket(world, 'alert-during');
    await untilWhole(world);
    const ticketInMs = await alertAfter(world, daemon);
    const scheduledInMs = await untilQuiet(world, endedAtMs);
    expectWhole(world, ['alert-before', 'alert-during', 'alert-after']);
    await daemon.says(/^Redis at \S+ is not usable: it does not answer\. Trying until it is\.$/);
    await daemon.says(/^Redis at \S+ is usable again\.$/);
    return { recoveredInMs, measured: measured({ atEnd, scheduledInMs, ticketInMs }) };
  },
);

survives(
  {
    party: 'Redis',
    fault: 'not there at start',
    promise:
      'the daemon waits 10 s for it, and then ends with exit code 1 and one sentence: a service manager starts it again',
  },
  60_000,
  async () => {
    const world = await startFaultWorld({ companies: 1, devicesPerCompany: 5, writeMs: 0 });
    await world.redis.kill();
    const sinceMs = performance.now();
    const { code, stdout, stderr } = await world.startDaemon().ended();
    const endedInMs = performance.now() - sinceMs;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Redis at \S+ was not reached within 10 s: .+ Check redis\.url[^\n]+\n$/);
    const patient = world.startDaemon();
    await pause(4_000);
    await world.redis.restart();
    const recoveredInMs = await untilNextAsset(world);
    await untilWhole(world);
    expectWhole(world);
    await patient.says(/^The integrator is up/);
    return { recoveredInMs, measured: `ended after ${seconds(endedInMs)}` };
  },
);

survives(
  {
    party: 'Redis',
    fault: 'read-only for 20 s, as after a failover (it is made a replica of a server that is not there)',
    promise: 'the log and /readyz name it; the run goes on afterwards',
  },
  180_000,
  async () => {
    const { world, daemon } = await startImport();
    const client = redisOf(world);
    await client.replicaof('127.0.0.1', 1);
    const refused = { reason: /read.?only/i };
    return refusesWrites(world, daemon, refused, () => client.replicaof('NO', 'ONE'));
  },
);

survives(
  {
    party: 'Redis',
    fault: 'takes no writes for 20 s, because its replicas are gone (min-replicas-to-write)',
    promise: 'the log and /readyz name it; the run goes on afterwards',
  },
  180_000,
  async () => {
    const { world, daemon } = await startImport();
    const client = redisOf(world);
    await client.config('SET', 'min-replicas-to-write', '1');
    const refused = { reason: /replicas/i };
    return refusesWrites(world, daemon, refused, () => client.config('SET', 'min-replicas-to-write', '0'));
  },
);

survives(
  {
    party: 'Redis',
    fault: 'out of memory for 20 s (maxmemory, noeviction)',
    promise: 'the log and /readyz name it; the run goes on once it has memory again',
  },
  180_000,
  async () => {
    const { world, daemon } = await startImport();
    const client = redisOf(world);
    await client.config('SET', 'maxmemory', '1mb');
    const refused = { reason: /maxmemory|memory/i };
    return refusesWrites(world, daemon, refused, () => client.config('SET', 'maxmemory', '0'));
  },
);

/** `status` says in a sentence what is the matter with Redis, whatever else it can tell. */
async function tellsStatus(world: FaultWorld, reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await world.command('status', '--json');
  const told = code === 0 ? troubleShape.parse(JSON.parse(stdout)).redisTrouble : stderr;
  expect(told).toMatch(reason);
  expect(stderr).not.toMatch(/\n {4}at /);
}

const troubleShape = z.object({ redisTrouble: z.string() });

/** Redis answers, and refuses what it is told to keep. */
async function refusesWrites(
  world: FaultWorld,
  daemon: DaemonProcess,
  { reason }: { reason: RegExp },
  end: () => Promise<unknown>,
) {
  const sinceMs = performance.now();
  const during = deliver(() => daemon, 'alert-during');
  await waitFor(async () => (await daemon.readiness()).status === 503, {
    timeoutMs: 10_000,
    what: '/readyz to tell',
  });
  expect((await daemon.readiness()).reasons.join()).toMatch(reason);
  await daemon.says(
    new RegExp(`^Redis at \\S+ is not usable: .*${reason.source}.*\\. Trying until it is\\.$`, 'i'),
  );
  await tellsStatus(world, reason);
  await pause(Math.max(0, 20_000 - (performance.now() - sinceMs)));
  const atEnd = importedCount(world);
  await end();
  const endedAtMs = Date.now();
  const recoveredInMs = await untilNextAsset(world);
  expect((await during).length).toBeGreaterThan(0);
  await untilTicket(world, 'alert-during');
  await untilWhole(world);
  const ticketInMs = await alertAfter(world, daemon);
  const scheduledInMs = await untilQuiet(world, endedAtMs);
  expectWhole(world, ['alert-before', 'alert-during', 'alert-after']);
  await daemon.says(/^Redis at \S+ is usable again\.$/);
  return { recoveredInMs, measured: measured({ atEnd, scheduledInMs, ticketInMs }) };
}

survives(
  {
    party: 'Redis',
    fault: 'answers 1.5 s late for 40 s',
    promise: 'work goes on slowly, and memory stays bounded',
  },
  180_000,
  async () => {
    const { world, daemon } = await startImport({ companies: 20 });
    const before = importedCount(world);
    world.ways.redis.delay(1_500);
    const residentBeforeMb = daemon.residentMb();
    let mostMb = residentBeforeMb;
    const stop = performance.now() + 40_000;
    const during = deliver(() => daemon, 'alert-during');
    while (performance.now() < stop) {
      await pause(500);
      mostMb = Math.max(mostMb, daemon.residentMb());
    }
    await during;
    const atEnd = importedCount(world);
    world.ways.redis.heal();
    const endedAtMs = Date.now();
    const recoveredInMs = await untilNextAsset(world);
    await untilTicket(world, 'alert-during');
    await untilWhole(world);
    const ticketInMs = await alertAfter(world, daemon);
    const scheduledInMs = await untilQuiet(world, endedAtMs);
    expectWhole(world, ['alert-before', 'alert-during', 'alert-after']);
    expect(atEnd).toBeGreaterThan(before);
    expect(mostMb).toBeLessThan(residentBeforeMb + 100);
    const memory = `memory rose from ${residentBeforeMb} to ${mostMb} MB at most`;
    const rest = measured({ atEnd, scheduledInMs, ticketInMs }, 1_000);
    return { recoveredInMs, measured: `${memory}; ${rest}` };
  },
);

type Figures = Record<'atEnd' | 'scheduledInMs' | 'ticketInMs', number>;

function measured({ atEnd, scheduledInMs, ticketInMs }: Figures, of = 500): string {
  const schedule = `a run by schedule after ${seconds(scheduledInMs)}`;
  return `${atEnd} of ${of} assets were there at its end; ${schedule}; the next alert had its ticket after ${seconds(ticketInMs)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
