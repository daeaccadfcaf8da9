import { atMost, type Effort, type Figures, type Finding } from './report/finding.js';
import { bytes, megabytes, ratio, seconds, whole } from './report/show.js';
import { inWorld, type Run, type World } from './world/world.js';

const FULL = { small: 10_000, large: 100_000, huge: 500_000 };
const QUICK = { small: 2_000, large: 8_000, huge: null };
const LARGEST_GROWTH = 1.2;
const LARGEST_LINK_BYTES = 250;

/** How memory grows with the fleet: of the process, and of Redis. */
export async function measureMemory({ isQuick, say }: Effort, figures: Figures): Promise<Finding> {
  const sizes = isQuick ? QUICK : FULL;
  const measured: Measured[] = [];
  for (const devices of [sizes.small, sizes.large, ...(sizes.huge === null ? [] : [sizes.huge])]) {
    say(`the memory of ${whole(devices)} devices`);
    const fleet = await inWorld({ devices }, (world) => measureFleet(world, devices));
    say(row(fleet).join(' | '));
    measured.push(fleet);
  }
  const [small, large] = measured;
  if (!small || !large) throw new Error('Two fleets are needed to compare.');
  figures.redisBytesPerDevice = large.redisBytes;
  const growth = (what: 'imported' | 'unchanged') => large[what].peakMb / small[what].peakMb;
  const between = `${whole(large.devices)} over ${whole(small.devices)} devices`;
  return {
    title: 'Memory',
    parts: [
      'The most memory that was resident at once in the process that worked the run, as the system counts it; and what Redis keeps of a device once its run is over: the link alone (both hashes), and everything (the census of the missing as well).',
      {
        head: [
          'devices',
          'import, peak',
          'took',
          'unchanged run, peak',
          'took',
          'Redis per link',
          'Redis per device',
        ],
        rows: measured.map(row),
      },
    ],
    goals: [
      atMost(`Peak memory of an unchanged run, ${between}`, growth('unchanged'), LARGEST_GROWTH, ratio),
      atMost(`Peak memory of an import, ${between}`, growth('imported'), LARGEST_GROWTH, ratio),
      atMost('Redis memory per link', large.linkBytes, LARGEST_LINK_BYTES, bytes),
    ],
  };
}

interface Measured {
  devices: number;
  imported: Run;
  unchanged: Run;
  linkBytes: number;
  redisBytes: number;
}

async function measureFleet(world: World, devices: number): Promise<Measured> {
  const { redis } = world;
  await world.run('sites');
  const before = await redis.usedBytes();
  const imported = await world.run('assets');
  const unchanged = await world.run('assets');
  const redisBytes = ((await redis.usedBytes()) - before) / devices;
  return { devices, imported, unchanged, linkBytes: (await linkMemory(world)) / devices, redisBytes };
}

/** Of the links alone, as Redis itself reckons: RMM id → link, and Halo id → RMM id. */
async function linkMemory({ redis: { client } }: World): Promise<number> {
  const keys = ['bench:links:assets', 'bench:links:assets:owners'];
  const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
  return sizes.reduce((sum: number, size) => sum + Number(size), 0);
}

function row({ devices, imported, unchanged, linkBytes, redisBytes }: Measured): string[] {
  const ofRun = ({ peakMb, runMs }: Run) => [megabytes(peakMb), seconds(runMs)];
  return [whole(devices), ...ofRun(imported), ...ofRun(unchanged), bytes(linkBytes), bytes(redisBytes)];
}
