import type { App } from '../app.js';
import { once } from '../inventory/once.js';
import { duration, interval } from '../inventory/words.js';
import { readServerFacts, type ServerFacts, whyEvicts } from '../store/redis.js';
import type { Found, Probe } from '../sync/probe.js';

const NOT_TOLD = 'the server does not tell';

const REDIS = 'Redis';
const EVICTION = 'Redis, eviction policy';
const PERSISTENCE = 'Redis, persistence';
const BUDGETS = { rmm: 'ConnectWise RMM, rate limit', halo: 'Halo, rate limit' };

type Usage = Awaited<ReturnType<App['gates']['halo']['usage']>>;

/** What is asked of Redis, and of what it keeps. */
export function redisProbes(app: App): Probe[] {
  const { redis } = app;
  const facts = once(() => readServerFacts(redis.client));
  return [
    { name: REDIS, look: async () => `version ${(await facts()).version} at ${redis.describe}` },
    { name: EVICTION, look: async () => judgeEviction(await facts()) },
    { name: PERSISTENCE, look: async () => judgePersistence(await facts()) },
    // Ahead of the requests, which wait where one of them is closed.
    budgetProbe(app, 'rmm'),
    budgetProbe(app, 'halo'),
  ];
}

/** The same lines where Redis cannot be worked with. @param trouble why */
export function lostRedisProbes(trouble: unknown): Probe[] {
  const unknown = (name: string, message: string): Probe => ({
    name,
    look: async () => ({ state: 'notAsked', message }),
  });
  return [
    { name: REDIS, look: () => Promise.reject(trouble) },
    ...[EVICTION, PERSISTENCE].map((name) => unknown(name, 'not asked, because of the failure above')),
    ...Object.values(BUDGETS).map((name) => unknown(name, 'not asked, since Redis keeps the count')),
  ];
}

function judgeEviction({ evictionPolicy }: ServerFacts): string | Found {
  const evicts = whyEvicts(evictionPolicy);
  if (!evicts) return evictionPolicy ?? NOT_TOLD;
  const { said, remedy } = evicts;
  return { state: 'failed', message: said, remedy };
}

function judgePersistence({ appendOnly }: ServerFacts): string | Found {
  if (appendOnly === null) return NOT_TOLD;
  if (appendOnly) return 'the append-only file is on';
  return {
    state: 'warning',
    message:
      'The append-only file is off: where Redis ends unexpectedly, what came since its last snapshot is lost, accepted ' +
      'alerts among it.',
    remedy: 'Set appendonly to yes; where Redis is hosted, switch persistence on.',
  };
}

function budgetProbe({ gates, config }: App, api: 'rmm' | 'halo'): Probe {
  const window = interval(config[api].rateLimit.windowMs);
  return { name: BUDGETS[api], look: async () => describeBudget(await gates[api].usage(), window) };
}

/** What other programs with the same key use is seen only when the server answers 429. */
function describeBudget(usage: Usage, window: string): string | Found {
  const { used, limit, bulkLimit, closedForMs, nextFreeInMs } = usage;
  const kept = limit > bulkLimit ? `, ${limit - bulkLimit} of them kept for alerts` : '';
  const counts = `${used} of ${limit} requests used in ${window}${kept}`;
  if (closedForMs > 0) {
    const message = `${counts}. Closed for ${duration(closedForMs)}, since the server answered 429.`;
    return { state: 'warning', message, remedy: 'Does another program use the same key?' };
  }
  if (nextFreeInMs <= 1000) return counts;
  const message = `${counts}. Runs wait for ${duration(nextFreeInMs)}.`;
  return { state: 'warning', message, remedy: 'They go on by themselves.' };
}
