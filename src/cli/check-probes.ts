import type { App } from '../app.js';
import { duration, interval } from '../inventory/words.js';
import { readServerFacts, whyEvicts } from '../store/redis.js';
import { type Probe, rmmProbes } from '../sync/check.js';
import { clockProbe, watchClock } from '../sync/clock.js';
import { haloProbes } from '../sync/halo-check.js';
import { untilOutage } from '../sync/outage.js';
import { sitesProbe } from '../sync/site-shares.js';

type Usage = Awaited<ReturnType<App['gates']['halo']['usage']>>;

/** All that `check` looks at, in this order. */
export function probesOf(app: App, signal: AbortSignal): Probe[] {
  const { config, log } = app;
  const watched = { rmm: watchClock(app.rmm), halo: watchClock(app.halo) };
  const [rmm, halo] = [untilOutage(watched.rmm), untilOutage(watched.halo)];
  return [
    { name: `Redis, ${app.redis.describe}`, look: () => checkRedis(app) },
    { name: 'Redis, persistence', look: () => checkPersistence(app) },
    // Ahead of the requests, which wait where one of them is closed.
    budgetProbe(app, 'rmm', 'ConnectWise RMM'),
    budgetProbe(app, 'halo', 'Halo'),
    ...rmmProbes(rmm, config, log),
    clockProbe('ConnectWise RMM', watched.rmm),
    ...haloProbes(halo, config),
    clockProbe('Halo', watched.halo),
    { name: 'Halo, names of sites and assets', look: () => app.rules(halo).then(() => 'all known') },
    ...(config.alerts.enabled ? [alertNames(app)] : []),
    sitesProbe({ ...app, rmm, halo }, signal),
  ];
}

function alertNames({ alerts }: App): Probe {
  return { name: 'Halo, names of alerts', look: () => alerts.alertRules().then(() => 'all known') };
}

async function checkRedis({ redis }: App): Promise<string> {
  const { version, evictionPolicy } = await readServerFacts(redis.client);
  const evicts = whyEvicts(evictionPolicy);
  if (evicts) throw new Error(evicts);
  return `version ${version}`;
}

async function checkPersistence({ redis }: App): ReturnType<Probe['look']> {
  const { appendOnly } = await readServerFacts(redis.client);
  if (appendOnly === null) return 'the server does not tell';
  if (appendOnly) return 'the append-only file is on';
  return {
    warning:
      'The append-only file is off: where Redis ends unexpectedly, what came since its last snapshot is lost, accepted ' +
      'alerts among it. Set appendonly to yes; where Redis is hosted, switch persistence on.',
  };
}

function budgetProbe({ gates, config }: App, api: 'rmm' | 'halo', name: string): Probe {
  const window = interval(config[api].rateLimit.windowMs);
  const look = async () => describeBudget(await gates[api].usage(), window);
  return { name: `${name}, rate limit`, look };
}

/** What other programs with the same key use is seen only when the server answers 429. */
function describeBudget(usage: Usage, window: string): string | { warning: string } {
  const { used, limit, bulkLimit, closedForMs, nextFreeInMs } = usage;
  const kept = limit > bulkLimit ? `, ${limit - bulkLimit} of them kept for alerts` : '';
  const counts = `${used} of ${limit} requests used in ${window}${kept}`;
  if (closedForMs > 0) {
    const why = 'since the server answered 429. Does another program use the same key?';
    return { warning: `${counts}. Closed for ${duration(closedForMs)}, ${why}` };
  }
  if (nextFreeInMs <= 1000) return counts;
  return { warning: `${counts}. Runs wait for ${duration(nextFreeInMs)}.` };
}
