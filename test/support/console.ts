import { UnrecoverableError, Worker } from 'bullmq';
import { startDaemon } from '../../src/daemon.js';
import { makeFleet } from '../../src/demo/fleet.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { ALERTS_QUEUE } from '../../src/queue/queues.js';
import { createAlertCounts } from '../../src/store/alert-counts.js';
import { SHORT_HOLD } from '../queue/daemon.js';
import { type Integrator, startIntegrator, type World } from './integrator.js';
import { waitFor } from './wait.js';

/** The integrator with a daemon and its console. */
export interface Console extends Integrator {
  /** The root of the admin port, without a trailing slash. */
  url: string;
}

/** A name that would be trouble where it is not shown with care: markup, an escape sequence, marks that turn text. */
export const HOSTILE =
  '<img src=x onerror="alert(1)">\u001b[31m</td>\u202Egpj.exe\u202C "quoted" \'{{7*7}}\' שלום';

const OFF = { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' };

/** Nothing runs but what a test asks for. To be closed in `afterEach` or `afterAll`. */
export async function startConsole(world: World = {}): Promise<Console> {
  const all = await startIntegrator({ ...world, config: { schedules: OFF, ...world.config } });
  const daemon = await startDaemon(all.app, SHORT_HOLD);
  return {
    ...all,
    url: daemon.adminUrl ?? '',
    async run(kind, asked) {
      const run = await all.run(kind, asked);
      // The daemon's worker may not have let go of it yet, and a run that is asked for now would join it.
      const state = () => all.app.queues.runs.getJobState(run.id);
      await waitFor(async () => ['completed', 'failed'].includes(await state()), {
        what: 'the end of its job',
      });
      return run;
    },
    async close() {
      await daemon.stop('the test is over');
      await all.close();
    },
  };
}

/** Some companies with a client in Halo, more without, and hostile names among them. */
export function hostileFleet(): ReturnType<typeof makeFleet> {
  const fleet = makeFleet({ companies: 4, devicesPerCompany: 12, seed: 'console' });
  const [company] = fleet.companies.slice(-1);
  if (company) company.name = `${HOSTILE} GmbH`;
  const [device, other] = fleet.devices;
  if (device) device.name = HOSTILE;
  if (other) other.name = `LONG-${'W'.repeat(240)}`;
  return fleet;
}

/** Devices vanish until the guard refuses the sweep. The grace must be of two runs, and no time. */
export async function loseDevices(all: Console, count: number): Promise<void> {
  all.rmm.fleet.devices.splice(0, count);
  for (const kind of ['assets', 'assets', 'deactivation'] as const) await all.run(kind);
}

/** Alerts that failed for good, as if Halo had refused them. */
export async function loseAlerts({ app }: Console, payloads: Record<string, unknown>[]): Promise<string[]> {
  const ids = await acceptPayloads(app.queues, payloads, { attempts: 1, backoffMs: 1 });
  const refuse = async () => {
    throw new UnrecoverableError(`Halo refused the ticket: the user ${HOSTILE} is not active.`);
  };
  const connection = app.redis.connection('worker');
  const worker = new Worker(ALERTS_QUEUE, refuse, { connection, prefix: app.queues.prefix });
  const areDead = async () => (await app.queues.alerts.getFailedCount()) >= ids.length;
  await waitFor(areDead, { what: 'the end of the alerts' });
  await worker.close();
  return ids;
}

/** A visitor without a browser: keeps the cookie, and fills in the key of the forms. */
export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The text of a page that is there. */
  page(path: string): Promise<string>;
  /** Sends a form as the page at `/runs` would. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** @returns the answer to the sign-in. */
  signIn(token: string, fields?: Record<string, string>): Promise<Response>;
  cookie: string;
}

/** Follows no redirect: a test shall see each. */
export function visitorOf(url: string): Visitor {
  const send = (path: string, init: RequestInit & { headers: Record<string, string> }) => {
    const cookie: Record<string, string> = visitor.cookie === '' ? {} : { cookie: visitor.cookie };
    const headers = { accept: 'text/html', ...cookie, ...init.headers };
    return fetch(`${url}${path}`, { redirect: 'manual', ...init, headers });
  };
  const sendForm = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    send(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
  const visitor: Visitor = {
    cookie: '',
    get: (path, headers = {}) => send(path, { headers }),
    async page(path) {
      const answer = await visitor.get(path);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.text();
    },
    async post(path, fields = {}, headers = {}) {
      const key = /name="key" value="([^"]+)"/.exec(await visitor.page('/runs'))?.[1] ?? '';
      return sendForm(path, { key, ...fields }, headers);
    },
    async signIn(token, fields = {}) {
      const answer = await sendForm('/sign-in', { token, ...fields });
      visitor.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? visitor.cookie;
      return answer;
    },
  };
  return visitor;
}

/** Alerts of the last day: a quiet night, a storm, and now and then one. `counts[0]` came in this hour. */
export async function handleAlerts({ app, redis }: Console, counts: readonly number[]): Promise<void> {
  for (const [hoursAgo, count] of counts.entries()) {
    const atMs = app.now() - hoursAgo * 60 * 60_000;
    const then = createAlertCounts(app.redis.client, `${redis.prefix}:alerts:counts`, () => atMs);
    for (let alert = 0; alert < count; alert++) await then.add(alert % 3 === 0 ? 'ticket' : 'note');
  }
}
