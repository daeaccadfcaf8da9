import type { App } from '../app.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { once } from '../inventory/once.js';
import { duration, interval } from '../inventory/words.js';
import { HELLO } from '../notify/news.js';
import { readServerFacts, type ServerFacts, whyEvicts } from '../store/redis.js';
import { clockProbe, watchClock } from '../sync/clock.js';
import { haloProbes } from '../sync/halo-check.js';
import { type CheckedApi, untilOutage } from '../sync/outage.js';
import type { Found, Probe } from '../sync/probe.js';
import { rmmProbes } from '../sync/rmm-check.js';
import { resolveRules } from '../sync/rules.js';
import { shareProbes } from '../sync/shares.js';

const NOT_TOLD = 'the server does not tell';

type Usage = Awaited<ReturnType<App['gates']['halo']['usage']>>;

/** All that `check` looks at, in this order. */
export function probesOf(app: App, signal: AbortSignal): Probe[] {
  const { config, log, signIns } = app;
  const watched = { rmm: watchClock(app.rmm), halo: watchClock(app.halo) };
  const rmm = untilOutage(watched.rmm, () => signIns.rmm(signal));
  const halo = untilOutage(watched.halo, () => signIns.halo(signal));
  const rules = once(() => resolveRules(config, halo, true));
  return [
    ...redisProbes(app),
    // Ahead of the requests, which wait where one of them is closed.
    budgetProbe(app, 'rmm', 'ConnectWise RMM'),
    budgetProbe(app, 'halo', 'Halo'),
    ...rmmProbes(rmm, config, log, (scope) => signIns.rmmWith(scope, signal)),
    clockProbe('ConnectWise RMM', watched.rmm),
    ...haloProbes(halo, config),
    clockProbe('Halo', watched.halo),
    { name: 'Halo, names of sites and assets', look: () => rules().then(() => 'all known') },
    ...(config.alerts.enabled ? [alertNames(app, halo)] : []),
    ...shareProbes({ ...app, rmm, halo, rules }, signal),
    ...chatProbes(app),
  ];
}

/** Nothing is sent: who calls this often would teach people to look away. The daemon's greeting is the proof. */
function chatProbes({ config, told }: App): Probe[] {
  const { webhook } = config.notify;
  if (webhook === undefined) return [];
  const look = async () => {
    const failure = await told.failure();
    if (failure !== null) throw new Error(`The last message did not arrive: ${failure}`);
    const isGreeted = (await told.read()).has(HELLO + fingerprint(webhook));
    return isGreeted
      ? 'the last message arrived'
      : 'nothing was sent yet; the daemon greets it when it starts';
  };
  return [{ name: `Chat at ${new URL(webhook).host}`, look }];
}

/** They are looked up by another way to Halo, which knows nothing of a failure here. */
function alertNames({ alerts }: App, halo: CheckedApi): Probe {
  const look = async () => {
    await halo.signIn();
    await alerts.alertRules();
    return 'all known';
  };
  return { name: 'Halo, names of alerts', look };
}

function redisProbes({ redis }: App): Probe[] {
  const facts = once(() => readServerFacts(redis.client));
  return [
    { name: `Redis, ${redis.describe}`, look: async () => `version ${(await facts()).version}` },
    { name: 'Redis, eviction policy', look: async () => judgeEviction(await facts()) },
    { name: 'Redis, persistence', look: async () => judgePersistence(await facts()) },
  ];
}

function judgeEviction({ evictionPolicy }: ServerFacts): Found {
  const evicts = whyEvicts(evictionPolicy);
  if (evicts) throw new Error(evicts);
  return evictionPolicy ?? NOT_TOLD;
}

function judgePersistence({ appendOnly }: ServerFacts): Found {
  if (appendOnly === null) return NOT_TOLD;
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
function describeBudget(usage: Usage, window: string): Found {
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
