import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { atLeast, atMost, type Effort, type Finding } from './report/finding.js';
import { percent, whole } from './report/show.js';
import { PUT_OFF, sum } from './world/counter.js';
import { runProgram } from './world/program.js';
import { inWorld, type World } from './world/world.js';

const LIMIT = 300;
const FULL = { windowMs: 3_000, windows: 8 };
const QUICK = { windowMs: 1_500, windows: 5 };
const LEAST_USE = 0.95;
const USER = fileURLToPath(new URL('./gate-user.js', import.meta.url));

/** How much of a rolling limit a gate uses that has more work than that. */
export async function measureGate({ isQuick, say }: Effort): Promise<Finding> {
  const { windowMs, windows } = isQuick ? QUICK : FULL;
  const uses: Use[] = [];
  for (const processes of [1, 4]) {
    say(`the rate limit with ${processes} process${processes > 1 ? 'es' : ''}`);
    const haloLimit = { requests: LIMIT, windowMs };
    uses.push(
      await inWorld({ devices: 1, haloLimit }, (world) => useUp(world, processes, windowMs, windows)),
    );
  }
  return {
    title: 'Under the limit',
    parts: [
      `Processes with more requests than the limit allows, behind the shared gate, for ${windows} windows: ${LIMIT} requests in a rolling ${windowMs / 1000} s, both what the gate keeps to and what the simulated Halo enforces. The use is what Halo let in after the first window, by what the limit allows in that time.`,
      {
        head: ['processes', 'used', 'most in any window', 'put off (429)'],
        rows: uses.map(({ processes, share, most, putOff }) => [
          String(processes),
          percent(share),
          whole(most),
          whole(putOff),
        ]),
      },
    ],
    goals: uses.flatMap(({ processes, share, putOff }) => [
      atLeast(
        `Use of the window, ${processes} process${processes > 1 ? 'es' : ''}`,
        share,
        LEAST_USE,
        percent,
      ),
      atMost(`Requests put off (429), ${processes} process${processes > 1 ? 'es' : ''}`, putOff, 0, whole),
    ]),
  };
}

interface Use {
  processes: number;
  share: number;
  most: number;
  putOff: number;
}

async function useUp(world: World, processes: number, windowMs: number, windows: number): Promise<Use> {
  const { redis, simulators } = world;
  const options = {
    redisUrl: redis.url,
    haloUrl: simulators.halo.url,
    token: await signIn(simulators.halo),
    requests: LIMIT,
    windowMs,
    forMs: windows * windowMs,
  };
  await simulators.forget();
  await Promise.all(Array.from({ length: processes }, () => runProgram([USER, JSON.stringify(options)])));
  const [{ halo: counts }, { halo: times }] = [await simulators.counts(), await simulators.times()];
  return {
    processes,
    share: shareOf(times, windowMs),
    most: mostIn(times, windowMs),
    putOff: sum(counts, PUT_OFF),
  };
}

async function signIn({ url, clientId, clientSecret }: World['simulators']['halo']): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'all',
  };
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: new URLSearchParams(form) });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

/** The windows after the first that are whole; the last one is left out, in which the users come to their ends. */
function shareOf(times: readonly number[], windowMs: number): number {
  const start = (times[0] ?? 0) + windowMs;
  const windows = Math.floor(((times.at(-1) ?? 0) - start) / windowMs) - 1;
  const end = start + windows * windowMs;
  return times.filter((time) => time >= start && time < end).length / (windows * LIMIT);
}

function mostIn(times: readonly number[], windowMs: number): number {
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
