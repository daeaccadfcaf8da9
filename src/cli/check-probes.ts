import type { App, Sides } from '../app.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { once } from '../inventory/once.js';
import { HELLO } from '../notify/news.js';
import { listDaemons } from '../queue/follow.js';
import { clockProbe } from '../sync/clock.js';
import { haloProbes } from '../sync/halo-check.js';
import { haloNamesProbe, rmmNamesProbe } from '../sync/names-check.js';
import { type CheckedApi, untilOutage } from '../sync/outage.js';
import type { Probe } from '../sync/probe.js';
import { rmmDirectory, rmmProbes } from '../sync/rmm-check.js';
import { resolveRules } from '../sync/rules.js';
import { shareProbes, uncountedProbes } from '../sync/shares.js';
import { lostRedisProbes, redisProbes } from './check-redis.js';
import { webhookProbes } from './check-webhook.js';

/** What `check` works with; without Redis, it asks the two sides alone. */
export type CheckParts =
  | { app: App; sides: Sides }
  /** `trouble`: why Redis cannot be worked with. */
  | { app: null; sides: Sides; trouble: unknown };

/** All that `check` looks at, in this order. */
export function probesOf(parts: CheckParts, signal: AbortSignal): Probe[] {
  const { app, sides } = parts;
  const { config, signIns } = sides;
  const rmm = untilOutage(sides.rmm, () => signIns.rmm(signal));
  const halo = untilOutage(sides.halo, () => signIns.halo(signal));
  const rules = once(() => resolveRules(config, halo, true));
  const daemons = async () => app && listDaemons(app.queues);
  return [
    ...(app ? redisProbes(app) : lostRedisProbes(parts.trouble)),
    ...rmmSide(sides, rmm, signal),
    ...haloSide(sides, halo, rules),
    ...webhookProbes(config, daemons, signal),
    ...(app ? shareProbes({ ...app, rmm, halo, rules }, signal) : uncountedProbes(WITHOUT_LINKS)),
    ...(app ? chatProbes(app) : []),
  ];
}

const WITHOUT_LINKS = 'not asked, since Redis keeps what is linked';

function rmmSide({ config, log, clocks, signIns }: Sides, rmm: CheckedApi, signal: AbortSignal): Probe[] {
  const directory = rmmDirectory(rmm);
  return [
    ...rmmProbes({ rmm, config, log, directory }, (scope) => signIns.rmmWith(scope, signal)),
    rmmNamesProbe(directory, config),
    clockProbe('ConnectWise RMM', clocks.rmm),
  ];
}

function haloSide(
  { config, clocks, alertNames }: Sides,
  halo: CheckedApi,
  rules: () => ReturnType<typeof resolveRules>,
): Probe[] {
  // Both look up the default client.
  const told = new Set<string>();
  return [
    ...haloProbes(halo, config),
    haloNamesProbe('Halo, names of sites and assets', rules, told),
    ...(config.alerts.enabled ? [haloNamesProbe('Halo, names of alerts', () => alertNames(halo), told)] : []),
    clockProbe('Halo', clocks.halo),
  ];
}

/** Nothing is sent: who calls this often would teach people to look away. The daemon's greeting is the proof. */
function chatProbes({ config, told }: App): Probe[] {
  const { webhook } = config.notify;
  if (webhook === undefined) return [];
  const look: Probe['look'] = async () => {
    const failure = await told.failure();
    if (failure !== null) throw new Error(`The last message did not arrive: ${failure}`);
    if ((await told.read()).has(HELLO + fingerprint(webhook))) return 'the last message arrived';
    const message = 'nothing was sent yet; the daemon greets it when it starts';
    return { state: 'notAsked', message };
  };
  return [{ name: `Chat at ${new URL(webhook).host}`, look }];
}
