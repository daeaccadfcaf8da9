import type { Logger } from 'pino';
import { createGeneralUsers } from './alerts/general-users.js';
import { createApi } from './api/client.js';
import { createServerClock, type ServerClock } from './api/clock.js';
import type { Retry } from './api/exchange.js';
import type { Api, Gate, Grant, ProvingTokenSource } from './api/types.js';
import type { Config } from './config/config.js';
import { variablesInVain } from './config/environment.js';
import { secretsOf } from './config/masking.js';
import type { LookedUp } from './halo/reference.js';
import { haloSignIn } from './halo/sign-in.js';
import { fingerprint } from './inventory/fingerprint.js';
import { once } from './inventory/once.js';
import type { Meters } from './meters.js';
import { ALERT_RETRY } from './queue/accept.js';
import type { AlertJobParts } from './queue/alert-job.js';
import { openQueues } from './queue/queues.js';
import { DEFAULT_RETRY, type RetryPolicy } from './queue/request.js';
import type { JobParts } from './queue/run-job.js';
import { createTurn } from './queue/turn.js';
import { rmmSignIn } from './rmm/sign-in.js';
import { type Absences, createAbsences } from './store/absences.js';
import { createAlertCounts } from './store/alert-counts.js';
import { createAlertTickets } from './store/alert-tickets.js';
import { createLoneGate, createLoneTokenSource } from './store/alone.js';
import { createCensus } from './store/census.js';
import { createConditions } from './store/conditions.js';
import { createDetails } from './store/details.js';
import { createDoubts } from './store/doubts.js';
import { createGate } from './store/gate.js';
import { createJournal } from './store/journal.js';
import { createLearned } from './store/learned.js';
import { createLinks } from './store/links.js';
import { createPolledTickets } from './store/polled-tickets.js';
import { openRedis, type RedisHandle } from './store/redis.js';
import { createRuns } from './store/runs.js';
import { createTokenSource } from './store/token.js';
import { createTold, type Told } from './store/told.js';
import { createUnsettled } from './store/unsettled.js';
import { createWorksheet } from './store/worksheet.js';

/** Twice as long as a request may take: an alert cannot wait as long as an asset can. */
const ALERT_DOUBT_MS = 2 * 60_000;

/** Of a sign-in that only tries something: asked often, ConnectWise RMM locks the key. */
const ONCE: Retry = { attempts: 1, baseMs: 0 };

type RateGate = ReturnType<typeof createGate>;

/** What `check` proves the keys by. */
interface SignIns {
  rmm: ProvingTokenSource['prove'];
  halo: ProvingTokenSource['prove'];
  /** Asks ConnectWise RMM once for a token with another scope. It is not kept: the shared one stays as it is. */
  rmmWith(scope: string, signal: AbortSignal): Promise<Grant>;
}

/** The two sides, as `check` asks them. */
export interface Sides {
  config: Config;
  log: Logger;
  rmm: Api;
  halo: Api;
  signIns: SignIns;
  clocks: { rmm: ServerClock; halo: ServerClock };
  /** Looks up every name and id of the config that alerts need. */
  alertNames(halo: Api): Promise<{ looked: readonly LookedUp[] }>;
}

/** Everything, built and connected; nothing is being worked yet. */
export interface App extends JobParts, Sides {
  /** What alerts are worked with. */
  alerts: AlertJobParts;
  redis: RedisHandle;
  gates: { rmm: RateGate; halo: RateGate };
  /** What people were told of. */
  told: Told;
  /** What this process counts of its own doing; `null`: nothing, since nobody would see it. */
  meters: Meters | null;
  /** Which of the two APIs does not answer, as far as any process has asked of late. */
  absences: Absences;
  /** Closes in the reverse order of opening. Safe to call twice. */
  close(): Promise<void>;
}

/** For tests, which cannot wait as long as a night shift does. */
export interface Patience {
  /** Of a single request. */
  request?: Retry;
  /** Of a run's jobs. */
  job?: RetryPolicy;
  /** How long a 429 without Retry-After closes the gate at first. */
  penaltyMs?: number;
  /** Of an alert's job. */
  alert?: RetryPolicy;
  /** How long a create whose fate is unknown is not sent again. */
  doubtMs?: number;
  /** Milliseconds since 1970, by which the grace of missing devices is measured. */
  now?: () => number;
}

/**
 * The composition root: builds everything from the config.
 * @throws Error with a sentence where Redis cannot be had.
 */
export async function openApp(
  config: Config,
  log: Logger,
  patience: Patience = {},
  meters: Meters | null = null,
): Promise<App> {
  for (const warning of variablesInVain()) log.warn(warning);
  const redis = await openRedis(config.redis, log);
  const prefix = config.redis.prefix;
  const gates = openGates(config, redis, patience);
  const absences = createAbsences(redis.client, `${prefix}:away`);
  const token: OpenToken = (name, account, signIn) =>
    // Another account, secret or scope is another token. A hash of them all names it; none can be read from it.
    createTokenSource({
      redis: redis.client,
      key: `${prefix}:token:${name}:${fingerprint(account)}`,
      signIn,
      log,
    });
  const apis = openApis({ config, gates, token, meters, log, absences }, patience);
  const queues = openQueues(redis, prefix);
  const sheetKey = (runId: string) => `${prefix}:run:${runId}:sheet`;
  const turn = createTurn(redis.client, `${prefix}:turn`, queues.runs);
  const links = {
    sites: createLinks(redis.client, `${prefix}:links:sites`),
    assets: createLinks(redis.client, `${prefix}:links:assets`),
  };
  return {
    alerts: openAlerts({ redis, queues, links, ...apis }, patience),
    redis,
    gates,
    meters,
    queues,
    turn,
    ...apis,
    absences,
    retry: patience.job ?? DEFAULT_RETRY,
    links,
    unsettled: {
      sites: createUnsettled(redis.client, `${prefix}:unsettled:sites`),
      assets: createUnsettled(redis.client, `${prefix}:unsettled:assets`),
    },
    census: createCensus(redis.client, `${prefix}:census`, sheetKey),
    now: patience.now ?? Date.now,
    details: createDetails(redis.client, `${prefix}:details`),
    createBatch: {
      '/Asset': createLearned(redis.client, `${prefix}:learned:create-batch:assets`, 1),
      '/Site': createLearned(redis.client, `${prefix}:learned:create-batch:sites`, 1),
    },
    doubts: createDoubts(redis.client, `${prefix}:doubt`, patience.doubtMs),
    runs: createRuns(redis.client, prefix),
    journal: createJournal(redis.client, `${prefix}:journal`),
    told: createTold(redis.client, `${prefix}:told`),
    sheet: (runId) => createWorksheet(redis.client, sheetKey(runId)),
    rules: onceResolved(async (halo: Api) => (await import('./sync/rules.js')).resolveRules(config, halo)),
    hasTurn: (runId) => turn.has(runId),
    close: once(async () => {
      await queues.close();
      apis.close();
      await redis.close();
    }),
  };
}

/** The two sides without Redis: by a gate and a token of this process alone, which is enough for a few requests. */
export function openSides(config: Config, log: Logger): Sides & { close(): void } {
  const gates = { rmm: createLoneGate(), halo: createLoneGate() };
  const token: OpenToken = (_name, _account, signIn) => createLoneTokenSource(signIn);
  return openApis({ config, gates, token, meters: null, log, absences: null }, {});
}

/** @param account all that another token is wanted for where it changes. */
type OpenToken = (
  name: string,
  account: unknown,
  signIn: ReturnType<typeof haloSignIn>,
) => ProvingTokenSource;

function openGates(config: Config, redis: RedisHandle, patience: Patience): App['gates'] {
  const shared = {
    redis: redis.client,
    ...(patience.penaltyMs === undefined ? {} : { penaltyMs: patience.penaltyMs }),
  };
  const open = (name: string, { timeoutMs, rateLimit }: Config['rmm'] | Config['halo']) =>
    createGate({
      ...shared,
      ...rateLimit,
      key: `${config.redis.prefix}:gate:${name}`,
      longestRequestMs: 2 * timeoutMs,
    });
  return { rmm: open('rmm', config.rmm), halo: open('halo', config.halo) };
}

interface ApiParts extends Pick<App, 'config' | 'meters' | 'log'> {
  gates: { rmm: Gate; halo: Gate };
  token: OpenToken;
  /** `null`: nobody is told of them. */
  absences: Absences | null;
}

function openApis(
  { config, gates, token, meters, log, absences }: ApiParts,
  patience: Patience,
): Sides & { close(): void } {
  const shared = { log, secrets: secretsOf(config), ...(patience.request && { retry: patience.request }) };
  const { rmm: r, halo: h } = config;
  const ofRmm = { gate: gates.rmm, meter: meters?.ofApi('rmm'), clock: createServerClock() };
  const ofHalo = { gate: gates.halo, meter: meters?.ofApi('halo'), clock: createServerClock() };
  const rmmToken = token(
    'rmm',
    [r.url, r.clientId, r.clientSecret, r.scope],
    rmmSignIn(r, ofRmm, patience.request),
  );
  const haloToken = token(
    'halo',
    [h.authUrl, h.tenant, h.clientId, h.clientSecret, h.scope],
    haloSignIn(h, ofHalo, patience.request),
  );
  const rmm = createApi({
    name: 'ConnectWise RMM',
    baseUrl: r.url,
    timeoutMs: r.timeoutMs,
    token: rmmToken,
    onAway: (lane, away) => absences?.note('ConnectWise RMM', lane, away),
    ...ofRmm,
    ...shared,
  });
  const halo = createApi({
    name: 'Halo',
    baseUrl: `${h.url}/api`,
    timeoutMs: h.timeoutMs,
    token: haloToken,
    onAway: (lane, away) => absences?.note('Halo', lane, away),
    ...ofHalo,
    ...shared,
  });
  return {
    config,
    log,
    rmm,
    halo,
    signIns: {
      rmm: rmmToken.prove,
      halo: haloToken.prove,
      rmmWith: (scope, signal) => rmmSignIn({ ...r, scope }, ofRmm, ONCE)(signal),
    },
    clocks: { rmm: ofRmm.clock, halo: ofHalo.clock },
    alertNames: async (by) => (await import('./alerts/rules.js')).resolveAlertRules(config, by, true),
    close: () => {
      rmm.close();
      halo.close();
    },
  };
}

/** Alerts have their own queue, and the part of Halo's rate limit that is kept for them. */
function openAlerts(
  parts: Pick<App, 'config' | 'log' | 'redis' | 'queues' | 'links' | 'rmm' | 'halo'>,
  patience: Patience,
): AlertJobParts {
  const { config, log, redis, queues, links, rmm } = parts;
  const prefix = `${config.redis.prefix}:alerts`;
  const halo: Api = { request: (call) => parts.halo.request({ ...call, lane: 'alerts' }) };
  const now = patience.now ?? Date.now;
  return {
    config,
    log,
    queues,
    links,
    rmm,
    halo,
    now,
    conditions: createConditions(redis.client, prefix),
    alertTickets: createAlertTickets(redis.client, prefix),
    alertCounts: createAlertCounts(redis.client, `${prefix}:counts`, now),
    polledTickets: createPolledTickets(redis.client, `${prefix}:polled`),
    generalUsers: createGeneralUsers(config.alerts.generalUser, now),
    alertRules: onceResolved(async (by: Api = halo) =>
      (await import('./alerts/rules.js')).resolveAlertRules(config, by),
    ),
    alertTurn: (key) => createTurn(redis.client, `${prefix}:turn:${key}`, queues.alerts),
    alertRetry: patience.alert ?? ALERT_RETRY,
    alertDoubtMs: patience.doubtMs ?? ALERT_DOUBT_MS,
  };
}

/** Resolves at the first call; a failure is not kept, so that the next call tries again. */
function onceResolved<Given extends unknown[], Rules>(
  resolve: (...given: Given) => Promise<Rules>,
): (...given: Given) => Promise<Rules> {
  let rules: Promise<Rules> | null = null;
  return (...given) => {
    rules ??= resolve(...given).catch((error) => {
      rules = null;
      throw error;
    });
    return rules;
  };
}
