import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { waitFor } from '../support/wait.js';
import type { DaemonProcess } from './daemon.js';
import { type Doubts, passDoubts } from './doubts.js';
import { expectWhole, importedCount, untilImported, untilNextWork } from './laws.js';
import { readRuns, untilQuietRun } from './quiet-run.js';
import type { Measured } from './row.js';
import { type FaultWorld, type FaultWorldOptions, startFaultWorld } from './world.js';

export type Party = 'Halo' | 'ConnectWise RMM' | 'Redis' | 'the clock';

/** A fault that lasts for a while. */
export interface Spell {
  /** Hit in the middle of an import; the RMM when all but a new device is imported. */
  party: Party;
  /** It is there before the daemon is. */
  fromStart?: boolean;
  /** @param daemon is not there yet where it is `fromStart`. @returns what ends it. */
  begin(world: FaultWorld, daemon?: DaemonProcess): (() => void) | Promise<() => void>;
  lastsMs: number;
  /** What the log says of it. */
  says: RegExp;
  options?: FaultWorldOptions;
  /** Left out: half a minute. */
  recoversWithinMs?: number;
  env?: Record<string, string>;
}

const SCHEDULE_MS = 5_000;
/** So many creates that were hit suffice, since each may have to wait for its time-out. */
const FEW = 20;

/** Lets a daemon live through it, with an alert before, during and after it, and looks that all is well in the end. */
export async function liveThrough(spell: Spell): Promise<Measured> {
  const { party, lastsMs, says, recoversWithinMs = 30_000 } = spell;
  const { world, daemon, end, sinceMs } = await begin(spell);
  const { devices } = world.rmm.fleet;
  const during = send(daemon, 'during');
  if (party !== 'Redis') await expectStatus(world);
  await pause(Math.max(0, lastsMs - (performance.now() - sinceMs)));
  if (lastsMs > 4 * SCHEDULE_MS) await expectUnready(daemon);
  const atEnd = importedCount(world);
  end();
  // Halo may have nothing else to do any more: what is in doubt waits.
  const after = send(daemon, 'after');
  const recoveredInMs = await untilNextWork(world, recoversWithinMs, party);
  const known = new Set((await readRuns(world)).map(({ id }) => id));
  await Promise.all([during, after]);
  const inDoubt = await untilWhole(world);
  await untilQuietRun(world, daemon, known);
  expectWhole(world, ['Alert before', 'Alert during', 'Alert after']);
  await daemon.says(says, 100);
  const assets = `${atEnd} of ${devices.length} assets were there at its end`;
  return { recoveredInMs, measured: `lasted ${Math.round(lastsMs / 1000)} s; ${assets}${inWords(inDoubt)}` };
}

async function begin({ party, fromStart = false, begin, options, env }: Spell) {
  const world = await startFaultWorld(options);
  const { devices } = world.rmm.fleet;
  const newcomer = devices.pop();
  const early = fromStart ? await begin(world) : null;
  const daemon = world.startDaemon(env);
  await send(daemon, 'before');
  await untilImported(world, early ? FEW : party === 'ConnectWise RMM' ? devices.length : devices.length / 5);
  if (newcomer) devices.push(newcomer);
  const sinceMs = performance.now();
  return { world, daemon, end: early ?? (await begin(world, daemon)), sinceMs };
}

/** Sends an alert until it is taken, as ConnectWise does. */
async function send(daemon: DaemonProcess, id: string): Promise<void> {
  const payload = { alertId: id, deviceName: `srv-${id}`, condition: 'disk', summary: `Alert ${id}` };
  await waitFor(async () => (await daemon.alert(payload)) === 202, {
    timeoutMs: 120_000,
    what: `alert ${id}`,
  });
}

async function expectStatus(world: FaultWorld): Promise<void> {
  const { code, stdout } = await world.command('status', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ daemons: [expect.any(String)] });
}

async function expectUnready(daemon: DaemonProcess): Promise<void> {
  const { status, reasons } = await daemon.readiness();
  expect({ status, reasons }).toEqual({
    status: 503,
    reasons: expect.arrayContaining([
      expect.stringMatching(/^(No run of assets has done its work|Redis is not)/),
    ]),
  });
}

/** Resolves once each device has its asset, and each alert its ticket. @returns how many creates were in doubt. */
async function untilWhole(world: FaultWorld): Promise<Doubts> {
  const sum = { assets: 0, tickets: 0 };
  const isWhole = async () => {
    const { assets, tickets } = await passDoubts(world);
    sum.assets += assets;
    sum.tickets += tickets;
    await pause(250);
    return importedCount(world) === world.rmm.fleet.devices.length && world.halo.state.tickets.length >= 3;
  };
  await waitFor(isWhole, {
    timeoutMs: 120_000,
    what: 'each device to have its asset, and each alert its ticket',
  });
  return sum;
}

function inWords({ assets, tickets }: Doubts): string {
  if (assets + tickets === 0) return '';
  return `; ${assets} creates of assets and ${tickets} of tickets were in doubt, and waited for`;
}
