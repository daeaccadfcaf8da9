import { atMost, type Effort, type Finding } from './report/finding.js';
import { ratio, seconds, whole } from './report/show.js';
import { contender, inTurns, type Spread, showSpread } from './report/spread.js';
import { inWorld, type WorldOptions } from './world/world.js';

const LATENCY_MS = 50;
const FULL = { devices: 10_000, rounds: 3 };
const QUICK = { devices: 600, rounds: 1 };
const DAEMONS = [1, 2, 4];
/** Tight enough that four daemons wait for it: 60 writes of fifty in a second. */
const GATE = { requests: 60, windowMs: 1_000 };

/** How the time of an import falls as daemons are added. */
export async function measureScaleOut({ isQuick, say }: Effort): Promise<Finding> {
  const { devices, rounds } = isQuick ? QUICK : FULL;
  const latent: WorldOptions = { devices, latencyMs: LATENCY_MS };
  const gated: WorldOptions = {
    ...latent,
    haloLimit: GATE,
    haloRate: { requests: GATE.requests, window: `${GATE.windowMs}ms`, reservedForAlerts: 0 },
  };
  say('an import by 1, 2 and 4 daemons');
  const open = await curve(latent, rounds);
  say('the same behind a rate limit');
  const limited = await curve(gated, rounds);
  const [alone, two] = open;
  if (!alone || !two) throw new Error('There is no curve.');
  return {
    title: 'Scale out',
    parts: [
      `An import of ${whole(devices)} devices by daemons that share one Redis; both simulators answer ${LATENCY_MS} ms late. Once without a rate limit, and once behind a gate of ${GATE.requests} requests a second, which then is the limit. ${rounds === 1 ? 'One round.' : `${rounds} rounds in alternating order; median, lowest and highest.`} The daemons share this machine's cores with Redis and the simulators: on machines of their own, the curve is steeper.`,
      {
        head: ['daemons', 'without a limit', 'over one daemon', 'behind the gate', 'over one daemon'],
        rows: DAEMONS.map((daemons, index) => [
          String(daemons),
          ...point(open, index),
          ...point(limited, index),
        ]),
      },
    ],
    goals: [
      atMost('Time of an import by two daemons, over one', two.median / alone.median, 1, ratio),
      atMost('Time by four daemons, over the better of one and two', fourOver(open), 1.1, ratio),
    ],
  };
}

function point(curveOf: readonly Spread[], index: number): string[] {
  const [alone, here] = [curveOf[0], curveOf[index]];
  return alone && here ? [showSpread(here, seconds), ratio(here.median / alone.median)] : [];
}

function fourOver([one, two, four]: readonly Spread[]): number {
  return (four?.median ?? 0) / Math.min(one?.median ?? 0, two?.median ?? 0);
}

async function curve(options: WorldOptions, rounds: number): Promise<Spread[]> {
  const contenders = DAEMONS.map((daemons) => contender(() => importBy(options, daemons)));
  await inTurns(rounds, contenders);
  return contenders.map((each) => each.spread());
}

function importBy(options: WorldOptions, count: number): Promise<number> {
  return inWorld(options, async (world) => {
    await world.run('sites');
    const daemons = await Promise.all(Array.from({ length: count }, () => world.startDaemon()));
    const { runMs } = await world.run('assets');
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    return runMs;
  });
}
