import type { Logger } from 'pino';
import { createGeneralUsers } from './alerts/general-users.js';
import { toPayloads } from './alerts/reading/payload.js';
import { resolveAlertRules } from './alerts/rules.js';
import { createApi } from './api/client.js';
import type { Retry } from './api/exchange.js';
import type { Api } from './api/types.js';
import type { Config } from './config/config.js';
import { haloSignIn } from './halo/sign-in.js';
import { fingerprint } from './inventory/fingerprint.js';
import { createMeters, type Meters } from './meters.js';
import { ALERT_RETRY, acceptPayloads, acceptRead } from './queue/accept.js';
import type { AlertJobParts } from './queue/alert-job.js';
import { startAlertWorker } from './queue/alert-worker.js';
import { operations } from './queue/operations.js';
import { openQueues } from './queue/queues.js';
import { DEFAULT_RETRY, type RetryPolicy } from './queue/request.js';
import type { JobParts } from './queue/run-job.js';
import { keepSchedules } from './queue/schedules.js';
import { createTurn } from './queue/turn.js';
import { DEFAULT_HOLD, type JobHold, startWorkers, type Workers } from './queue/workers.js';
import { rmmSignIn } from './rmm/sign-in.js';
import { createAlertCounts } from './store/alert-counts.js';
import { createAlertTickets } from './store/alert-tickets.js';
import { createCensus } from './store/census.js';
import { createConditions } from './store/conditions.js';
import { createDetails } from './store/details.js';
import { createDoubts } from './store/doubts.js';
import { createGate } from './store/gate.js';
import { createLearned } from './store/learned.js';
import { createLinks } from './store/links.js';
import { createPolledTickets } from './store/polled-tickets.js';
import { openRedis, type RedisHandle } from './store/redis.js';
import { createRuns } from './store/runs.js';
import { createSessions } from './store/sessions.js';
import { createTokenSource } from './store/token.js';
import { createUnsettled } from './store/unsettled.js';
import { createWorksheet } from './store/worksheet.js';
import { makePlanWithGaps } from './sync/plan.js';
import { createPlanner } from './sync/planner.js';
import { resolveRules } from './sync/rules.js';

/** How long stopping may take before it is cut off: closing a worker hangs while Redis is away. */
const STOP_WITHIN_MS = 12_000;
/** Twice as long as a request may take: an alert cannot wait as long as an asset can. */
const ALERT_DOUBT_MS = 2 * 60_000;

type RateGate = ReturnType<typeof createGate>;

/** Everything, built and connected; nothing is being worked yet. */
export interface App extends JobParts {
  /** What alerts are worked with. */
  alerts: AlertJobParts;
  redis: RedisHandle;
  gates: { rmm: RateGate; halo: RateGate };
  /** What this process counts of its own doing. */
  meters: Meters;
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
export async function openApp(config: Config, log: Logger, patience: Patience = {}): Promise<App> {
  const redis = await openRedis(config.redis, log);
  const prefix = config.redis.prefix;
  const gates = openGates(config, redis, patience);
  const meters = createMeters();
  const apis = openApis({ config, redis, gates, meters, log }, patience);
  const queues = openQueues(redis, prefix);
  const sheetKey = (runId: string) => `${prefix}:run:${runId}:sheet`;
  const turn = createTurn(redis.client, `${prefix}:turn`, queues.runs);
  const links = {
    sites: createLinks(redis.client, `${prefix}:links:sites`),
    assets: createLinks(redis.client, `${prefix}:links:assets`),
  };
  return {
    alerts: openAlerts({ config, log, redis, queues, links, ...apis }, patience),
    config,
    log,
    redis,
    gates,
    meters,
    queues,
    turn,
    rmm: apis.rmm,
    halo: apis.halo,
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
    sheet: (runId) => createWorksheet(redis.client, sheetKey(runId)),
    rules: onceResolved((halo: Api) => resolveRules(config, halo)),
    hasTurn: (runId) => turn.has(runId),
    close: once(async () => {
      await queues.close();
      apis.close();
      await redis.close();
    }),
  };
}

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

function openApis(
  { config, redis, gates, meters, log }: Pick<App, 'config' | 'redis' | 'gates' | 'meters' | 'log'>,
  patience: Patience,
): { rmm: Api; halo: Api; close(): void } {
  const ofRmm = meters.ofApi('rmm');
  const ofHalo = meters.ofApi('halo');
  const retry = patience.request ? { retry: patience.request } : {};
  const token = (name: string, account: unknown, signIn: ReturnType<typeof haloSignIn>) =>
    // Another account, secret or scope is another token. A hash of them all names it; none can be read from it.
    createTokenSource({
      redis: redis.client,
      key: `${config.redis.prefix}:token:${name}:${fingerprint(account)}`,
      signIn,
      log,
    });
  const { rmm: r, halo: h } = config;
  const rmm = createApi({
    name: 'ConnectWise RMM',
    baseUrl: r.url,
    timeoutMs: r.timeoutMs,
    gate: gates.rmm,
    meter: ofRmm,
    token: token(
      'rmm',
      [r.url, r.clientId, r.clientSecret, r.scope],
      rmmSignIn(r, gates.rmm, patience.request, ofRmm),
    ),
    log,
    ...retry,
  });
  const halo = createApi({
    name: 'Halo',
    baseUrl: `${h.url}/api`,
    timeoutMs: h.timeoutMs,
    gate: gates.halo,
    meter: ofHalo,
    token: token(
      'halo',
      [h.authUrl, h.tenant, h.clientId, h.clientSecret, h.scope],
      haloSignIn(h, gates.halo, patience.request, ofHalo),
    ),
    log,
    ...retry,
  });
  return {
    rmm,
    halo,
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
    alertCounts: createAlertCounts(redis.client, `${prefix}:counts`),
    polledTickets: createPolledTickets(redis.client, `${prefix}:polled`),
    generalUsers: createGeneralUsers(config.alerts.generalUser, now),
    alertRules: onceResolved(() => resolveAlertRules(config, halo)),
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

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}

/** The admin port. `url` is `null` where it could not be opened. */
export interface AdminServer {
  url: string | null;
  close(): Promise<void>;
}

export interface Daemon {
  /** `null`: the admin port could not be opened. */
  adminUrl: string | null;
  /** `null`: alerts are switched off. */
  webhookUrl: string | null;
  stop(reason: string): Promise<void>;
}

/** Where alerts come in, and what works them. */
export interface AlertsWay {
  /** The root of the public port. */
  url: string;
  closePort(): Promise<void>;
  worker: Workers;
}

/**
 * Works the queues, keeps the schedules and opens the ports. `stop` ends in order, at the latest after 12 s.
 * @throws Error where the port of the webhook cannot be opened.
 */
export async function startDaemon(app: App, hold: JobHold = DEFAULT_HOLD): Promise<Daemon> {
  const alerts = app.config.alerts.enabled ? await startAlerts(app, hold) : null;
  const admin = await openAdmin(app);
  const schedules = keepSchedules(app.queues, app.config, app.log);
  const workers = startWorkers(app, app.redis, 'daemon', hold);
  const ports = `Console, health and metrics: ${admin.url ?? 'not shown'}. Webhook: ${alerts?.url ?? 'off'}.`;
  app.log.info(`The integrator is up. Redis: ${app.redis.describe}. ${ports}`);
  return {
    adminUrl: admin.url,
    webhookUrl: alerts?.url ?? null,
    async stop(reason) {
      app.log.info(`Stopping: ${reason}.`);
      schedules.stop();
      await within(2000, Promise.all([admin.close(), alerts?.closePort()]));
      const inTime = await within(STOP_WITHIN_MS, Promise.all([workers.close(), alerts?.worker.close()]));
      if (!inTime) app.log.warn('Redis did not answer in time, so jobs were left to be found as stalled.');
      await within(2000, app.close());
      app.log.info('Stopped.');
    },
  };
}

/** Opens the admin port alone: health, metrics and the console. Loaded only here: no other command needs a server. */
export async function openAdmin(app: App): Promise<AdminServer> {
  const { startAdmin } = await import('./http/admin.js');
  const { config, redis, queues } = app;
  const operating = operations(app);
  const planner = createPlanner((kind, signal) => makePlanWithGaps(app, kind, signal), app.now);
  const admin = await startAdmin({
    ...app,
    queueCounts: operating.queueCounts,
    console: { ...app, ...operating, planner },
    sessions: createSessions(
      redis.client,
      `${config.redis.prefix}:session:${fingerprint(config.admin.token ?? null)}`,
    ),
    board: {
      queues: [
        { queue: queues.runs, mayChange: false, description: 'Runs, one at a time, and their schedules' },
        { queue: queues.tasks, mayChange: false, description: 'Their parts: listing and writing' },
        { queue: queues.alerts, mayChange: true, description: 'Alerts on their way to their tickets' },
      ],
    },
  });
  const close = async () => {
    planner.cancel();
    await admin.close();
  };
  return { url: admin.url, close };
}

/** The way of alerts alone: the webhook, and what works them. With alerts switched off, those that wait are kept. */
export async function startAlerts(app: App, hold: JobHold = DEFAULT_HOLD): Promise<AlertsWay> {
  const { startWebhook } = await import('./http/webhook.js');
  const { config, log, queues, alerts, redis, meters } = app;
  const accept = (query: Record<string, unknown>, body: unknown) =>
    acceptPayloads(queues, toPayloads(query, body), alerts.alertRetry);
  const { url, close } = await startWebhook({ config, log, accept, answered: meters.webhookAnswered });
  if (!(await alerts.alertTickets.areRead())) await acceptRead(queues);
  return { url, closePort: close, worker: startAlertWorker(alerts, redis, 'daemon', hold) };
}

/** @returns whether `work` ended within the time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
