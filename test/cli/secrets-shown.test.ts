import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { alertsConfig } from '../alerts/support.js';
import { type Command, type CommandEnd, runCommand, startCommand } from '../support/command.js';
import { visitorOf } from '../support/console.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { everythingIn, printed, secretsFound } from '../support/secrets.js';

const SECRETS = {
  halo: 'Halo/Marked+Secret="1"',
  rmm: 'Rmm&Marked%Secret=2',
  alerts: 'Alert-Marked-Secret-3',
  admin: 'Admin-Marked-Secret-4',
  redis: 'Redis/Marked:Secret@5',
  proxy: 'Proxy-Marked-Secret-6',
};
const PAGES = [
  '/',
  '/runs',
  '/import/sites',
  '/gaps',
  '/missing',
  '/failed',
  '/sign-in',
  '/nowhere',
  '/metrics',
];
const BOARD = [
  '/queues',
  '/queues/api/queues?activeQueue=alerts&status=failed',
  '/queues/api/queues?activeQueue=runs',
];

let redis: TestRedis;
let world: Integrator | undefined;
let daemon: Command | undefined;
afterEach(async () => {
  daemon?.child.kill('SIGKILL');
  await daemon?.end();
  await world?.close();
  await redis.stop();
});

/** A Redis that asks for a password, and an integrator in which each secret is marked. */
async function start(): Promise<Integrator> {
  redis = await startRedis({ own: true });
  const address = (password: string) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`;
  world = await startIntegrator({
    redis,
    halo: { clientSecret: SECRETS.halo },
    rmm: { clientSecret: SECRETS.rmm },
    config: {
      ...alertsConfig({ config: { alerts: { token: SECRETS.alerts } } }),
      admin: { port: 0, token: SECRETS.admin },
      redis: { url: address(SECRETS.redis), prefix: redis.prefix },
      log: { level: 'trace' },
    },
  });
  await world.app.redis.client.config('SET', 'requirepass', SECRETS.redis);
  return world;
}

/** The arguments of a process and of all that it has started. */
async function argumentsOf(pid: number): Promise<string> {
  const own = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.join(' ').split(' ').map(Number).filter(Boolean);
  return [own, ...(await Promise.all(children.map(argumentsOf)))].join('\n');
}

it('what people look at shows no secret: commands, the console, the queues, the metrics', {
  timeout: 60_000,
}, async () => {
  const { configPath, halo, app } = await start();
  const hi = (...args: string[]) => runCommand([...args, '--config', configPath]);
  daemon = startCommand(['start', '--config', configPath]);
  await daemon.says('The integrator is up.');
  const [, adminUrl = '', webhookUrl = ''] =
    /metrics: (http:\S+)\. Webhook: (http:\S+?)\."/.exec(daemon.output()) ?? [];
  const visitor = visitorOf(adminUrl);
  expect((await visitor.signIn(SECRETS.admin)).status).toBe(303);
  expect((await visitor.signIn(`${SECRETS.admin} `)).status).toBe(401);

  // An alert that tells where it was sent to, and that Halo refuses for good with what it was sent.
  const path = `/api/notify/connectwisermm?token=${encodeURIComponent(SECRETS.alerts)}`;
  const body = { id: 'a', callback: `https://alerts.example${path}`, key: SECRETS.alerts };
  halo.faults.add({
    match: (request) => request.method === 'POST' && /\/tickets$/i.test(request.path),
    action: { do: 'answer', status: 400, body: { message: `You are ${SECRETS.halo}` } },
  });
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
    const init = { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) };
    expect((await fetch(`${webhookUrl}${path}`, init)).status).toBe(202);
  }
  await daemon.says('is given up: Creating the ticket');
  const dead = await hi('jobs', '--state', 'failed', '--json');
  const [job] = JSON.parse(dead.stdout).jobs;
  const ends = [
    dead,
    await hi('jobs'),
    await hi('jobs', 'show', job.id),
    await hi('jobs', 'show', job.id, '--json'),
  ];
  ends.push(
    await hi('config', 'show', '--json'),
    await hi('status'),
    await hi('run', 'sites', '--wait', '--json'),
  );
  const pages = await Promise.all(
    [...PAGES, ...BOARD].map(async (page) => [page, await (await visitor.get(page)).text()] as const),
  );
  const places = {
    ...printed(ends),
    ...Object.fromEntries(pages),
    'what the daemon says': daemon.output(),
    'the arguments of all processes': await argumentsOf(daemon.child.pid ?? 0),
    ...(await everythingIn(app.redis.client, redis.prefix)),
  };
  expect(Object.values(places).join('')).toContain('alerts.example');
  expect(secretsFound(Object.values(SECRETS), places)).toEqual([]);
});

it('no error gives a secret away: a check that fails, a proxy that refuses, a Redis that does not know us', {
  timeout: 60_000,
}, async () => {
  const { configPath } = await start();
  const proxy = createServer((_, response) => response.writeHead(407).end('<h1>Who are you?</h1>'));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const proxied = { HTTP_PROXY: `http://ann:${SECRETS.proxy}@127.0.0.1:${port}` };
  const hi = (args: string[], env: Record<string, string>) =>
    runCommand([...args, '--config', configPath], env);
  const wrong = { REDIS_URL: `redis://ann:${encodeURIComponent(SECRETS.redis)}@127.0.0.1:${redis.port}` };
  const ends: CommandEnd[] = [
    await hi(['check', '--json'], proxied),
    await hi(['check'], wrong),
    await hi(['start'], wrong),
    await hi(['config', 'validate'], { REDIS_URL: `redis:/${SECRETS.redis}`, ADMIN_TOKEN_FILE: '/nowhere' }),
  ];
  proxy.close();
  expect(ends.map(({ code }) => code)).toEqual([1, 1, 1, 2]);
  expect(ends[0]?.stdout).toContain('407');
  expect(ends[1]?.stdout).toContain('refused the sign-in: WRONGPASS');
  // The addresses that `check` prints are there to be pasted, with the token in them.
  const unpasted = ends.map((end) => ({ ...end, stdout: end.stdout.replaceAll(/\?token=[^\s"]+/g, '') }));
  expect(secretsFound(Object.values(SECRETS), printed(unpasted))).toEqual([]);
});
