import { atMost, type Effort, type Finding } from './report/finding.js';
import { milliseconds } from './report/show.js';
import { contender, inTurns, showSpread } from './report/spread.js';
import { runProgram } from './world/program.js';
import { inWorld } from './world/world.js';

const FULL = { rounds: 15 };
const QUICK = { rounds: 3 };
/** What the commands may take beside Node and Redis, before they are allowed half as much again. */
const ALLOWANCE_MS = 150;
const FACTOR = 1.5;
const ROUND_TRIPS = 200;

/** How long one waits for the answer of a command. */
export async function measureStartUp({ isQuick, say }: Effort): Promise<Finding> {
  const { rounds } = isQuick ? QUICK : FULL;
  say('the start of a command');
  return inWorld({ devices: 1 }, async (world) => {
    const status = contender(async () => (await world.command(['status'])).wallMs);
    const node = contender(async () => (await runProgram(['-e', '0'])).wallMs);
    await inTurns(rounds, [status, node]);
    const startedAt = performance.now();
    for (let trip = 0; trip < ROUND_TRIPS; trip++) await world.redis.client.ping();
    const roundTripMs = (performance.now() - startedAt) / ROUND_TRIPS;
    const limitMs = FACTOR * (node.spread().median + roundTripMs + ALLOWANCE_MS);
    return {
      title: 'Start-up',
      parts: [
        `\`halo-integrator status\` beside \`node -e 0\`, from start to end of the process, ${rounds} rounds in alternating order.`,
        {
          head: ['', 'took'],
          rows: [
            ['`halo-integrator status`', showSpread(status.spread(), milliseconds)],
            ['`node -e 0`', showSpread(node.spread(), milliseconds)],
            ['a round trip to Redis', milliseconds(roundTripMs)],
          ],
        },
      ],
      goals: [
        atMost(
          `\`status\`, at most ${FACTOR} × (Node + a round trip + ${ALLOWANCE_MS} ms)`,
          status.spread().median,
          limitMs,
          milliseconds,
        ),
      ],
    };
  });
}
