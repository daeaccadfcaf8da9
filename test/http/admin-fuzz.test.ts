import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminServer, openAdmin } from '../../src/daemon.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { anyRequest, type RawRequest } from './arbitrary-request.js';
import { sendBytes } from './raw.js';

const TOKEN = 'the-admin-token-of-the-test';
/** A busy machine takes its time; a hang takes 30 s. */
const WITHIN_MS = 10_000;
const BOARD = '/queues/api/queues/alerts';
const PATHS = [
  ...['/', '/runs', '/runs/x', '/import/sites', '/gaps', '/missing', '/failed', '/metrics', '/readyz'],
  ...['/plans', '/plans/cancel', '/sign-in', '/sign-out', '/healthz', '/console.js', '/nowhere'],
  ...['/queues', '/queues/api/queues'],
];
/** What anybody may see. */
const OPEN = /^\S+ \S*(healthz|console\.js|sign-in)/i;
const FORMS = [
  'kind=sites',
  'kind=deactivation&force=yes&confirm=yes',
  'all=alerts',
  'token=x&next=//evil',
  'key=',
];

/** Headers of somebody who does not know the token. */
const anyHeaders = fc.record(
  {
    authorization: fc.constantFrom('Bearer x', 'Bearer ', `bearer  ${TOKEN}`, `Basic ${TOKEN}`, TOKEN),
    cookie: fc.constantFrom('halo_integrator_session=x', 'halo_integrator_session', '=;=', '__proto__=1'),
    accept: fc.constantFrom('text/html', '*/*'),
    origin: fc.constantFrom('null', 'http://x', 'https://evil.example', '%', ''),
    'sec-fetch-site': fc.constantFrom('cross-site', 'same-site', ''),
    'x-forwarded-proto': fc.constantFrom('https', '%'),
  },
  { requiredKeys: [] },
);

/** What a page of somebody else may send from the browser of a person who may come in, and a bit more. */
const anyForm = fc
  .record({
    method: fc.constantFrom('POST', 'PUT'),
    path: fc.constantFrom(...PATHS),
    type: fc.constantFrom(
      'content-type: application/x-www-form-urlencoded',
      'content-type: text/plain',
      'x: y',
    ),
    form: fc.constantFrom(...FORMS),
  })
  .map(({ method, path, type, form }): RawRequest => {
    const lines = [`${method} ${path} HTTP/1.1`, 'host: x', 'connection: close', type];
    const head = `${lines.join('\r\n')}\r\ncontent-length: ${form.length}\r\n\r\n`;
    return { head, body: Buffer.from(form), isUnfinished: false, isAllowed: false };
  });
/** The buttons of the board. */
const anyAct = fc.constantFrom(...['pause', 'empty'].map((act) => `${BOARD}/${act}`)).map(
  (path): RawRequest => ({
    head: `PUT ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    body: Buffer.from(''),
    isUnfinished: false,
    isAllowed: false,
  }),
);
const anyVisit = fc.oneof(
  anyAct,
  anyForm,
  fc.constantFrom(...PATHS).chain((path) => anyRequest(path, 'none')),
);

let world: Integrator;
let admin: AdminServer;
const { log, messages } = recordLog();

async function open(config: Record<string, unknown>): Promise<void> {
  world = await startIntegrator({ log, config: { admin: { port: 0, ...config } } });
  await world.app.queues.alerts.add('webhook', { task: 'read' });
  admin = await openAdmin(world.app);
}

afterEach(async () => {
  await admin.close();
  await world.close();
});

/** All that stands in Redis. */
async function everything(): Promise<Record<string, string>> {
  const { client } = world.app.redis;
  // Whether Redis keeps what it is told is tried all the time.
  const isOurs = (key: string) => !key.endsWith(':probe');
  const keys = (await client.keys(`*${world.redis.prefix}*`)).filter(isOurs).sort();
  return Object.fromEntries(
    await Promise.all(keys.map(async (key) => [key, String(await client.dump(key))] as const)),
  );
}

/** @param mayLook whether those who call the server by this name may see its pages. */
async function besiege(host: string, mayLook: boolean): Promise<void> {
  const port = Number(new URL(admin.url ?? '').port);
  const before = await everything();
  const property = fc.asyncProperty(anyVisit, anyHeaders, async (request, headers) => {
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    const head = request.head.replace('host: x', lines.join('\r\n'));
    const { status, text } = await sendBytes(port, { ...request, head }, WITHIN_MS);
    expect(status).toBeLessThan(500);
    if (!request.isUnfinished) expect(status).not.toBe(0);
    if (!mayLook && status === 200) expect(head).toMatch(OPEN);
    expect(text).not.toContain(TOKEN);
  });
  await fc.assert(property, { numRuns: 200 });
  expect(await everything()).toEqual(before);
  expect(messages).toEqual([]);
}

describe('the admin port tells nothing, changes nothing and does not break, whatever is sent by somebody', () => {
  it('who does not know the token, where one is set', async () => {
    await open({ token: TOKEN });
    await besiege('localhost', false);
  });

  it('who calls it by another name, where none is set', async () => {
    await open({});
    await besiege('localhost.evil.example', false);
  });

  it('who has a person with a way in open a page of his own', async () => {
    await open({});
    await besiege('localhost', true);
  });
});
