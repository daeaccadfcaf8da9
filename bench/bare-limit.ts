import { atMost, type Effort, type Figures, type Finding } from './report/finding.js';
import { ratio, seconds, whole } from './report/show.js';
import { type Contender, contender, inTurns, showSpread } from './report/spread.js';
import { runRival } from './rivals/rival.js';
import { inWorld, type World } from './world/world.js';

const FULL = { imported: 20_000, unchanged: 100_000, rounds: 3 };
const QUICK = { imported: 1_000, unchanged: 3_000, rounds: 2 };

/** How near a run comes to a loop that only moves the bytes. */
export async function measureBareLimit({ isQuick, say }: Effort, figures: Figures): Promise<Finding> {
  const { imported, unchanged, rounds } = isQuick ? QUICK : FULL;
  say(`an import of ${whole(imported)} devices over a bare loop`);
  const imports = await compareImports(imported, rounds);
  say(`an unchanged run of ${whole(unchanged)} devices over a bare loop`);
  const runs = await inWorld({ devices: unchanged }, (world) => compareUnchanged(world, rounds));
  figures.importedPerSecond = (1000 * imported) / imports.ours.spread().median;
  figures.listedPerSecond = (1000 * unchanged) / runs.ours.spread().median;
  return {
    title: 'Against the bare limit',
    parts: [
      `Without a rate limit, a run beside a loop that fetches the same pages (four at a time, as the integrator does), posts the same batches, and knows nothing. Each is timed inside its own process, without the start of Node. ${rounds} rounds in alternating order; median, lowest and highest.`,
      {
        head: ['', 'integrator', 'bare loop', 'ratio'],
        rows: [
          row(`import of ${whole(imported)} devices`, imports),
          row(`unchanged run of ${whole(unchanged)} devices`, runs),
        ],
      },
    ],
    goals: [
      atMost(`Import of ${whole(imported)} devices over the bare loop`, ratioOf(imports), 1.3, ratio),
      atMost(`Unchanged run of ${whole(unchanged)} devices over the bare loop`, ratioOf(runs), 1.5, ratio),
    ],
  };
}

interface Pair {
  ours: Contender;
  bare: Contender;
}

function ratioOf({ ours, bare }: Pair): number {
  return ours.spread().median / bare.spread().median;
}

function row(what: string, pair: Pair): string[] {
  const { ours, bare } = pair;
  return [what, showSpread(ours.spread(), seconds), showSpread(bare.spread(), seconds), ratio(ratioOf(pair))];
}

/** Each import wants a Halo that is still empty. */
async function compareImports(devices: number, rounds: number): Promise<Pair> {
  const ours = contender(() => inWorld({ devices }, importAll));
  const bare = contender(() => inWorld({ devices }, ({ simulators }) => runRival('bare-loop', simulators)));
  await inTurns(rounds, [ours, bare]);
  return { ours, bare };
}

async function importAll(world: World): Promise<number> {
  await world.run('sites');
  return (await world.run('assets')).runMs;
}

async function compareUnchanged(world: World, rounds: number): Promise<Pair> {
  await importAll(world);
  const ours = contender(async () => (await world.run('assets')).runMs);
  const bare = contender(() => runRival('bare-loop', world.simulators, { writes: false }));
  await inTurns(rounds, [ours, bare]);
  return { ours, bare };
}
