import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Dice, makeDice } from '../../src/demo/dice.js';
import { addDevice } from '../../src/demo/fleet.js';
import { waitFor } from '../support/wait.js';
import { deliver } from './alerts.js';
import type { DaemonProcess } from './daemon.js';
import { passDoubts } from './doubts.js';
import { devicesWithoutAsset, expectNothingTwice, expectWhole, importedCount } from './laws.js';
import { type FaultWorld, startFaultWorld } from './world.js';

/** `npm run soak -- --minutes N`: two daemons under random faults, the laws looked at throughout. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
const SEED = process.env.FAULTS_SEED ?? String(Date.now());
/** What was hit must have recovered and be whole after so many faults. */
const FAULTS_PER_REST = 5;

interface Soak {
  world: FaultWorld;
  dice: Dice;
  daemons: DaemonProcess[];
  /** Devices that were ever taken out of the RMM: their assets may be retired. */
  gone: Set<string>;
  alertIds: string[];
  deliveries: Promise<unknown>[];
  isOver: boolean;
}

it(`two daemons live through ${MINUTES} minutes of faults (seed ${SEED})`, {
  timeout: MINUTES * 60_000 + 600_000,
}, async () => {
  const soak = await begin();
  onTestFinished(() => {
    soak.isOver = true;
  });
  const untilMs = performance.now() + MINUTES * 60_000;
  const counts = new Map<string, number>();
  for (let number = 1; performance.now() < untilMs; number++) {
    changeFleet(soak, number);
    sendAlert(soak, number);
    const [name, strike] = pick(soak.dice, Object.entries(FAULTS));
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await strike(soak);
    expectSound(soak);
    await pause(soak.dice.number(3_000));
    if (number % FAULTS_PER_REST === 0) await rest(soak, `${number} faults`);
  }
  await rest(soak, 'the last fault');
  const told = Array.from(counts, ([name, count]) => `${count} × ${name}`).join(', ');
  const { halo } = soak.world;
  console.log(
    `Lived through ${told}. In Halo ${halo.state.assets.length} assets and ${halo.state.tickets.length} tickets of ` +
      `${soak.alertIds.length} alerts; nothing twice, nothing missing, nothing retired that is there.`,
  );
});

async function begin(): Promise<Soak> {
  const world = await startFaultWorld({
    companies: 4,
    devicesPerCompany: 25,
    // Each device that goes is one of a hundred; the guard is not what is tried here.
    config: {
      deactivation: { missingRuns: 2, missingFor: '0s', maxPercent: 100, maxCount: 10_000 },
      halo: { timeout: '5s' },
      rmm: { timeout: '5s' },
    },
  });
  const nothingYet = { daemons: [], gone: new Set<string>(), alertIds: [], deliveries: [], isOver: false };
  const soak: Soak = { world, dice: makeDice(SEED), ...nothingYet };
  startDaemon(soak, 0);
  startDaemon(soak, 1);
  return soak;
}

/** As a service manager does: one that ends, because it was killed or Redis was not there, is started again. */
function startDaemon(soak: Soak, index: number): void {
  const daemon = soak.world.startDaemon();
  soak.daemons[index] = daemon;
  void daemon.ended().then(async () => {
    await pause(1_000);
    if (!soak.isOver) startDaemon(soak, index);
  });
}

/** One device comes, one goes, one gets another name, as on any day. */
function changeFleet({ world, dice, gone }: Soak, number: number): void {
  const { fleet } = world.rmm;
  const site = fleet.sites[dice.number(fleet.sites.length)];
  if (site) addDevice(fleet, site.id, { name: `NEW-${number}` });
  const [lost] = fleet.devices.splice(dice.number(fleet.devices.length), 1);
  if (lost) gone.add(lost.id);
  const renamed = fleet.devices[dice.number(fleet.devices.length)];
  if (renamed) renamed.name = `RENAMED-${number}`;
}

function sendAlert(soak: Soak, number: number): void {
  const id = `soak-${number}.`;
  soak.alertIds.push(id);
  soak.deliveries.push(deliverSurely(soak, id));
}

/** A daemon that was asked may be killed before it has opened its port. */
async function deliverSurely(soak: Soak, id: string): Promise<void> {
  const isTaken = () =>
    deliver(() => pick(soak.dice, soak.daemons), id).then(
      () => true,
      () => false,
    );
  while (!soak.isOver && !(await isTaken())) await pause(200);
}

function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items[dice.number(items.length)];
  if (item === undefined) throw new Error('There is nothing to pick.');
  return item;
}

const FAULTS: Record<string, (soak: Soak) => Promise<void>> = {
  'a daemon killed': async ({ dice, daemons }) => {
    await pick(dice, daemons).kill();
  },
  'a daemon ended': async ({ dice, daemons }) => {
    const daemon = pick(dice, daemons);
    daemon.signal('SIGTERM');
    await daemon.ended();
  },
  'Redis killed': async ({ world: { redis }, dice }) => {
    await redis.kill();
    await pause(dice.number(5_000));
    await redis.restart();
  },
  'Redis frozen': async ({ world: { redis }, dice }) => {
    redis.freeze();
    await pause(dice.number(5_000));
    redis.thaw();
  },
  'connections reset': async ({ world: { ways } }) => {
    for (const way of Object.values(ways)) way.reset();
  },
  'a way refused': (soak) => spoil(soak, (way) => way.refuse()),
  'a way gone black': (soak) => spoil(soak, (way) => way.blackhole()),
  'answers cut off': (soak) => spoil(soak, (way) => way.breakAfter(soak.dice.number(4_000))),
  'Halo at fault': (soak) => misbehave(soak, 'halo'),
  'ConnectWise RMM at fault': (soak) => misbehave(soak, 'rmm'),
};

async function spoil({ world: { ways }, dice }: Soak, begin: (way: FaultWorld['ways']['halo']) => void) {
  const way = pick(dice, Object.values(ways));
  begin(way);
  await pause(dice.number(6_000));
  way.heal();
}

const ANSWERS = [
  { do: 'answer', status: 500, body: 'broken', afterWork: true },
  { do: 'answer', status: 429, body: 'too many', headers: { 'retry-after': '2' } },
  { do: 'answer', status: 200, body: '<html>maintenance</html>', headers: { 'content-type': 'text/html' } },
  { do: 'answer', status: 401, body: { error: 'unauthorized' } },
  { do: 'hangUp', afterWork: true },
  { do: 'truncate' },
] as const;

/** Some requests are answered so, others well. */
async function misbehave({ world, dice }: Soak, party: 'halo' | 'rmm') {
  const action = pick(dice, ANSWERS);
  const { faults } = world[party];
  const isHit = () => dice.number(2) === 0;
  const fault = faults.add({ match: ({ path }) => !path.endsWith('/token') && isHit(), action });
  await pause(dice.number(6_000));
  fault.remove();
}

/** What must hold at any moment. */
function expectSound({ world, gone }: Soak): void {
  expectNothingTwice(world);
  const { assets } = world.halo.state;
  const retired = assets.filter(({ inactive, connectwisermm_id: id }) => inactive && typeof id === 'string');
  expect(retired.filter(({ connectwisermm_id: id }) => !gone.has(String(id)))).toEqual([]);
}

/** Nothing is done to them for a while: all must become whole. */
async function rest(soak: Soak, after: string): Promise<void> {
  const { world, alertIds, deliveries } = soak;
  const { devices } = world.rmm.fleet;
  const sinceMs = performance.now();
  await Promise.all(deliveries);
  const isWhole = async () => {
    await passDoubts(world);
    await pause(250);
    const areAllThere = devicesWithoutAsset(world).length === 0 && importedCount(world) === devices.length;
    return areAllThere && world.halo.state.tickets.length >= alertIds.length;
  };
  await waitFor(isWhole, { timeoutMs: 180_000, what: `all to be whole after ${after}` });
  expectSound(soak);
  expectWhole(world, alertIds);
  const took = ((performance.now() - sinceMs) / 1000).toFixed(1);
  console.log(`Whole ${took} s after ${after}: ${devices.length} devices, ${alertIds.length} alerts.`);
}
