import { atMost, type Effort, type Finding, type Goal, type Table } from './report/finding.js';
import { seconds, whole } from './report/show.js';
import { runRival } from './rivals/rival.js';
import { type Counts, PUT_OFF, READS, sum, WRITES } from './world/counter.js';
import { inWorld, type World, type WorldOptions } from './world/world.js';

const BATCH_SIZE = 50;
/** 1, 2, 4, 8, 16 and 32 at once, ahead of 50: each of the four writers has to learn it. */
const GROWTH = 6 * 4;
const HALO_LIMIT = { requests: 300, windowMs: 300_000 };
const FULL = { devices: 5_000, windowMs: 3_000, changed: [10, 130, 1_000] };
const QUICK = { devices: 400, windowMs: 1_000, changed: [10, 130] };

/** How many requests an import, a run without changes and one with some cost, beside two scripts. */
export async function measureRequests({ isQuick, say }: Effort): Promise<Finding> {
  const { devices, windowMs, changed } = isQuick ? QUICK : FULL;
  say(`the requests of an import of ${whole(devices)} devices, and of runs after it`);
  const batched = await inWorld({ devices }, (world) => countAll(world, changed));
  say('the same where Halo does not answer for batches');
  const single = await inWorld({ devices, honoursReturnAll: false }, async (world) => {
    await world.run('sites');
    return counting(world, () => world.run('assets'));
  });
  const races = await raceScripts(devices, windowMs, say);
  return {
    title: 'Requests',
    parts: [
      `${whole(devices)} devices, batches of ${BATCH_SIZE}, as the simulators counted the requests; sign-ins left out. A daemon is up, as in life.`,
      countsTable([
        ['import', batched.imported],
        ['import, Halo does not answer `returnall`', single],
        ['run without changes', batched.unchanged],
        ...batched.changed.map(({ count, counts }): [string, Both] => [
          `${whole(count)} changed devices`,
          counts,
        ]),
      ]),
      `The same import beside two scripts (\`bench/rivals\`), under Halo's limit of ${HALO_LIMIT.requests} requests in a rolling window, which is ${windowMs / 1000} s here in place of 5 minutes. *In life, at least* is what the limit alone makes of these requests. Then the same again, where nothing has changed.`,
      races,
    ],
    goals: [
      atMost(
        'Halo writes of an import',
        writesOf(batched.imported),
        Math.floor((1.1 * devices) / BATCH_SIZE) + GROWTH,
        whole,
      ),
      atMost('Halo writes of an import, without `returnall`', writesOf(single), devices, whole),
      atMost('Halo requests of a run without changes', sum(batched.unchanged.halo), 0, whole),
      atMost(
        'RMM requests of a run without changes (pages)',
        sum(batched.unchanged.rmm),
        pagesOf(devices),
        whole,
      ),
      ...batched.changed.flatMap(({ count, counts }) => changeGoals(devices, count, counts)),
    ],
  };
}

type Both = { rmm: Counts; halo: Counts };

async function countAll(world: World, changes: readonly number[]) {
  const daemon = await world.startDaemon();
  await world.run('sites');
  const imported = await counting(world, () => world.run('assets'));
  const unchanged = await counting(world, () => world.run('assets'));
  const changed: { count: number; counts: Both }[] = [];
  for (const count of changes) {
    await world.simulators.changeDevices(count);
    changed.push({ count, counts: await counting(world, () => world.run('assets')) });
  }
  await daemon.stop();
  return { imported, unchanged, changed };
}

async function counting({ simulators }: World, work: () => Promise<unknown>): Promise<Both> {
  await simulators.forget();
  await work();
  return simulators.counts();
}

function writesOf({ halo }: Both): number {
  return sum(halo, WRITES);
}

/** The list of companies, that of sites, and the devices of four companies at a time, 500 a page. */
function pagesOf(devices: number): number {
  const companies = Math.ceil(devices / 200);
  const groups = Array.from({ length: Math.ceil(companies / 4) }, (_, index) =>
    Math.min(4, companies - 4 * index),
  );
  return 2 + groups.reduce((pages, size) => pages + Math.ceil((size * 200) / 500), 0);
}

/** Each by itself, or all of Halo's assets, whatever is cheaper: 100 a page, and one more for each of four types. */
function changeGoals(devices: number, count: number, counts: Both): Goal[] {
  const list = Math.ceil(devices / 50) + 4;
  return [
    atMost(
      `Halo writes for ${whole(count)} changed devices`,
      writesOf(counts),
      Math.ceil(count / BATCH_SIZE),
      whole,
    ),
    atMost(
      `Halo reads for ${whole(count)} changed devices`,
      sum(counts.halo, READS),
      Math.min(count, list),
      whole,
    ),
  ];
}

function countsTable(rows: [string, Both][]): Table {
  return {
    head: ['', 'RMM requests', 'Halo reads', 'Halo writes'],
    rows: rows.map(([what, { rmm, halo }]) => [
      what,
      whole(sum(rmm)),
      whole(sum(halo, READS)),
      whole(sum(halo, WRITES)),
    ]),
  };
}

async function raceScripts(devices: number, windowMs: number, say: Effort['say']): Promise<Table> {
  const window = `${windowMs}ms`;
  const options: WorldOptions = {
    devices,
    haloLimit: { requests: HALO_LIMIT.requests, windowMs },
    haloRate: { requests: 270, window, reservedForAlerts: 30 },
  };
  const rows: string[][] = [];
  const race = async (name: string, work: (world: World) => Promise<number>) => {
    say(`an import under the rolling limit: ${name}`);
    rows.push(await inWorld(options, (world) => raceOne(name, world, work)));
  };
  // A script that is put off tries again after six seconds, in the proportions of life.
  const waitMs = windowMs / 50;
  await race('integrator', async (world) => (await world.run('assets')).runMs);
  await race('script that batches', ({ simulators }) => runRival('batching', simulators, { waitMs }));
  await race('naive loop', ({ simulators }) => runRival('naive', simulators, { waitMs }));
  return {
    head: [
      '',
      'took',
      'Halo requests',
      'put off (429)',
      'in life, at least',
      'once more, unchanged',
      'Halo requests',
    ],
    rows,
  };
}

async function raceOne(
  name: string,
  world: World,
  work: (world: World) => Promise<number>,
): Promise<string[]> {
  const daemon = await world.startDaemon();
  await world.run('sites');
  const first = await timing(world, work);
  const second = await timing(world, work);
  await daemon.stop();
  return [
    name,
    seconds(first.ms),
    whole(sum(first.halo)),
    whole(sum(first.halo, PUT_OFF)),
    `${whole(minutesInLife(first.halo))} min`,
    seconds(second.ms),
    whole(sum(second.halo)),
  ];
}

async function timing(world: World, work: (world: World) => Promise<number>) {
  let ms = 0;
  const { halo } = await counting(world, async () => {
    ms = await work(world);
  });
  return { ms, halo };
}

/** What the limit alone makes of these requests: the first window is free. */
function minutesInLife(halo: Counts): number {
  const windows = Math.floor((sum(halo) - sum(halo, PUT_OFF) - 1) / HALO_LIMIT.requests);
  return (Math.max(0, windows) * HALO_LIMIT.windowMs) / 60_000;
}
