import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openApp } from '../../src/app.js';
import { startTelling } from '../../src/daemon.js';
import { makeFleet } from '../../src/demo/fleet.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { startAlertWorker } from '../../src/queue/alert-worker.js';
import { alertsConfig } from '../alerts/support.js';
import { type Integrator, PATIENCE, startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type Answer, reply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';
import { waitFor } from '../support/wait.js';

const PATH = '/services/T0/B0/a-marked-secret';
const OFF = { sites: 'off', assets: '1h', deactivation: 'off', verify: 'off' };

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** The integrator, and a chat that answers so. */
async function start(answers: Answer[], log = pino({ level: 'silent' })) {
  const chat = await startScriptedServer(answers);
  toClose.push(chat.close);
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 2, seed: 'notify' });
  const config = alertsConfig({
    config: { schedules: OFF, notify: { webhook: `${chat.url}${PATH}` } },
  });
  const all = await startIntegrator({ redis, rmm: { fleet }, config, log });
  toClose.push(all.close);
  return { chat, all };
}

/** A daemon's look at how it stands, every few milliseconds. */
function tell({ app }: Pick<Integrator, 'app'>): void {
  const telling = startTelling(app, 5);
  if (telling) toClose.push(telling.stop);
}

/** What the chat was sent, greeting included. */
const texts = ({ received }: ScriptedServer) => received.map(({ json }) => JSON.stringify(json));

async function failRun({ run, rmm }: Integrator): Promise<void> {
  const fault = rmm.faults.add({
    match: ({ path }) => path.endsWith('/companies'),
    action: { do: 'answer', status: 403, body: { message: 'client has no access' } },
  });
  expect((await run('assets')).state).toBe('failed');
  fault.remove();
}

it('tells of a run that failed and of its recovery, once, however many daemons look', async () => {
  const { chat, all } = await start([reply(200, 'ok')]);
  await failRun(all);
  tell(all);
  const other = await openApp(all.config, pino({ level: 'silent' }), PATIENCE);
  toClose.push(other.close);
  tell({ app: other });
  await waitFor(() => chat.received.length > 0);
  await all.run('sites');
  await all.run('assets');
  await waitFor(() => texts(chat).some((text) => text.includes('do their work again')));

  expect(chat.received.map(({ method, path }) => [method, path])).toEqual([
    ['POST', PATH],
    ['POST', PATH],
  ]);
  expect(texts(chat)).toEqual([
    expect.stringMatching(/From now on .*Run assets-\S+ failed: .*client has no access/),
    expect.stringContaining('Runs of assets do their work again.'),
  ]);
});

it('tells of a sweep that is refused, and of alerts that were given up', async () => {
  const { chat, all } = await start([reply(200, 'ok')]);
  const { app } = all;
  await app.census.setRefusal({ sinceMs: 1, message: 'It would retire 40.', of: 'x', lookedAtMs: 1 });
  all.halo.faults.add({
    match: ({ method, path }) => method === 'POST' && path === '/api/Tickets',
    action: { do: 'answer', status: 400, body: 'No such ticket type.' },
  });
  const worker = startAlertWorker(app.alerts, app.redis, 'daemon');
  toClose.push(worker.close);
  await acceptPayloads(app.queues, [{ summary: 'Disk full' }], app.alerts.alertRetry);
  await waitFor(async () => (await app.queues.alerts.getFailedCount()) > 0);
  tell(all);
  await waitFor(() => chat.received.length > 0);
  const [text] = texts(chat);
  expect(text).toContain('The sweep is refused. It would retire 40.');
  expect(text).toMatch(/One alert has been given up, without a ticket\. The newest: .*No such ticket type\./);
});

it.each<[what: string, answer: Answer, said: string]>([
  ['refuses', reply(404, 'no_service'), 'it answered 404, "no_service".'],
  ['hangs up', (_, response) => response.socket?.destroy(), 'no whole answer came (broken, ECONNRESET).'],
  [
    'says in its text alone that it failed',
    reply(
      200,
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429',
    ),
    'it answered "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429".',
  ],
])('keeps what it has to tell where the chat %s, and does not press it', async (_what, answer, said) => {
  const { log, messages } = recordLog();
  const { chat, all } = await start([answer, reply(202)], log);
  const key = `${all.config.redis.prefix}:told`;
  tell(all);
  await waitFor(async () => (await all.app.told.failure()) === said, { what: said });
  await waitFor(async () => (await all.app.redis.client.pttl(`${key}:turn`)) > 60_000);
  expect(chat.received).toHaveLength(1);
  expect(messages.filter((message) => message.startsWith('warn:'))).toEqual([
    `warn: People could not be told at ${new URL(chat.url).host}: ${said} ` +
      'This is tried again in 5 minutes. Is notify.webhook still right?',
  ]);
  expect(messages.join()).not.toContain('a-marked-secret');

  // As if the pause was over.
  await all.app.redis.client.del(`${key}:turn`);
  await waitFor(() => chat.received.length === 2);
  await waitFor(async () => (await all.app.told.failure()) === null);
  expect(texts(chat)[1]).toContain('From now on');
});

it('looks at nothing where no chat is named', async () => {
  const all = await startIntegrator({ redis });
  toClose.push(all.close);
  expect(startTelling(all.app)).toBeNull();
});

it('ends while the chat does not answer, and has the next daemon tell it', async () => {
  const { chat, all } = await start([() => undefined, reply(200, 'ok')]);
  const telling = startTelling(all.app, 5);
  await waitFor(() => chat.received.length === 1);
  await telling?.stop();
  expect(await all.app.told.failure()).toBeNull();
  tell(all);
  await waitFor(() => chat.received.length === 2);
  expect(texts(chat)[1]).toContain('From now on');
});
