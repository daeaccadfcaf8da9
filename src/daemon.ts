import { toPayloads } from './alerts/reading/payload.js';
import { type App, openApp } from './app.js';
import { fingerprint } from './inventory/fingerprint.js';
import { startNotifying } from './notify/notify.js';
import { acceptPayloads, acceptRead } from './queue/accept.js';
import { startAlertWorker } from './queue/alert-worker.js';
import { operations } from './queue/operations.js';
import { keepSchedules } from './queue/schedules.js';
import { DEFAULT_HOLD, type JobHold, startWorkers, type Workers } from './queue/workers.js';
import { createSessions } from './store/sessions.js';
import { makePlanWithGaps } from './sync/plan.js';
import { createPlanner } from './sync/planner.js';

/** How long stopping may take before it is cut off: closing a worker hangs while Redis is away. */
const STOP_WITHIN_MS = 12_000;

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
 * Opens the app of a process that shows metrics. What counts for them is loaded only here: it takes longer than the
 * whole work of some commands.
 * @throws Error as `openApp` does.
 */
export async function openMeteredApp(...given: Parameters<typeof openApp>): Promise<App> {
  const [config, log, patience] = given;
  const { createMeters } = await import('./meters.js');
  return openApp(config, log, patience, createMeters());
}

/**
 * Works the queues, keeps the schedules and opens the ports. `stop` ends in order, at the latest after 12 s.
 * @throws Error where the port of the webhook cannot be opened.
 */
export async function startDaemon(app: App, hold: JobHold = DEFAULT_HOLD): Promise<Daemon> {
  const alerts = app.config.alerts.enabled ? await startAlerts(app, hold) : null;
  const admin = await openAdmin(app);
  const schedules = keepSchedules(app.queues, app.config, app.log);
  const telling = startTelling(app);
  const workers = startWorkers(app, app.redis, 'daemon', hold);
  const ports = `Console, health and metrics: ${admin.url ?? 'not shown'}. Webhook: ${alerts?.url ?? 'off'}.`;
  app.log.info(`The integrator is up. Redis: ${app.redis.describe}. ${ports}`);
  return {
    adminUrl: admin.url,
    webhookUrl: alerts?.url ?? null,
    async stop(reason) {
      app.log.info(`Stopping: ${reason}.`);
      schedules.stop();
      await within(2000, Promise.all([admin.close(), alerts?.closePort(), telling?.stop()]));
      const inTime = await within(STOP_WITHIN_MS, Promise.all([workers.close(), alerts?.worker.close()]));
      if (!inTime) app.log.warn('Redis did not answer in time, so jobs were left to be found as stalled.');
      await within(2000, app.close());
      app.log.info('Stopped.');
    },
  };
}

/** Tells a chat what is amiss, where the config names one. @param everyMs how often it looks. */
export function startTelling(app: App, everyMs?: number): ReturnType<typeof startNotifying> | null {
  const { webhook } = app.config.notify;
  if (webhook === undefined) return null;
  const deadAlerts = async () => {
    const { count, jobs } = await operations(app).deadAlerts(1);
    return { count, newestMs: jobs[0]?.atMs ?? 0, error: jobs[0]?.error ?? '' };
  };
  return startNotifying({ ...app, webhook, deadAlerts }, everyMs);
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
  const { url, close } = await startWebhook({ config, log, accept, answered: meters?.webhookAnswered });
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
