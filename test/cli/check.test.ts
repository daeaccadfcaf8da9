import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RMM_SCOPES } from '../../src/demo/rmm-scope.js';
import { fingerprint } from '../../src/inventory/fingerprint.js';
import { HELLO } from '../../src/notify/news.js';
import { alertsConfig, TOKEN } from '../alerts/support.js';
import { type CommandEnd, runCommand } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { linesOfCheck } from '../support/probes.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const SUCCESS = 'Ticketing API Configured Successfully.';
const PUBLIC = { host: '127.0.0.1', port: 8080, publicUrl: 'https://alerts.acme.example/' };
const CALLBACK = 'https://alerts.acme.example/api/notify/ConnectWiseRMM';

let redis: TestRedis;
let world: Integrator;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => world.close());
afterAll(() => redis.stop());

async function start(options: World = {}): Promise<void> {
  const config = { http: PUBLIC, ...options.config };
  world = await startIntegrator({ redis, ...options, config: alertsConfig({ config }) });
}

const check = (args: string[] = [], env: Record<string, string> = {}): Promise<CommandEnd> =>
  runCommand(['check', '--config', world.configPath, ...args], env);

const linesWith = (mark: string, text: string) => text.split('\n').filter((line) => line.startsWith(mark));

/** What failed, by name, where something must have. */
function failures({ code, stdout, stderr }: CommandEnd): string[] {
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).not.toContain(SUCCESS);
  expect(stdout).toMatch(/^Not everything is as it should be: see the lines with ✗\.\n$/m);
  return linesWith('✗', stdout);
}

describe('check where all is well', () => {
  it('shows each test on a line of its own, the addresses and the sentence of the guide', async () => {
    await start();
    const { code, stdout, stderr } = await check();
    const [company] = world.rmm.fleet.companies;
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^✓ Redis, \S+: version \d+\.\d+/),
      '✓ Redis, eviction policy: noeviction',
      expect.stringMatching(
        /^! Redis, persistence: The append-only file is off: .* Set appendonly to yes; .*$/,
      ),
      '✓ ConnectWise RMM, rate limit: 0 of 100000 requests used in 5 min',
      '✓ Halo, rate limit: 0 of 100000 requests used in 5 min, 30 of them kept for alerts',
      '✓ ConnectWise RMM, sign-in: accepted',
      '✓ ConnectWise RMM, scope platform.companies.read: 6 companies',
      '✓ ConnectWise RMM, scope platform.sites.read: 11 sites',
      `✓ ConnectWise RMM, scope platform.devices.read: 9 devices of ${company?.name}`,
      `✓ ConnectWise RMM, scope platform.asset.read: 9 devices of ${company?.name}, by the old device API`,
      expect.stringMatching(/^✓ ConnectWise RMM, scope platform\.tickets\.read: \d+ tickets? changed in /),
      '✓ ConnectWise RMM, clock: agrees with ours',
      '✓ Halo, sign-in: accepted',
      expect.stringMatching(/^✓ Halo, clients: \d+ found$/),
      expect.stringMatching(/^✓ Halo, sites: \d+ found$/),
      '✓ Halo, assets: readable, none counted',
      expect.stringMatching(/^✓ Halo, asset types: \d+ found$/),
      expect.stringMatching(/^✓ Halo, asset fields: \d+ found$/),
      expect.stringMatching(/^✓ Halo, users: \d+ found$/),
      '✓ Halo, tickets: readable, none counted',
      '✓ Halo, actions of tickets: no ticket to look at',
      '✓ Halo, clock: agrees with ours',
      '✓ Halo, names of sites and assets: all known',
      '✓ Halo, names of alerts: all known',
      expect.stringMatching(
        /^! Sites: \d+ mapped \(0 by a row, \d+ by name\), \d+ under the default client, 0 unmapped\. /,
      ),
      expect.stringMatching(/^✓ Assets: \d+ mapped by a row, \d+ of the default type \(.*\), 0 unmapped$/),
      '✓ ConnectWise RMM, names in the config: each fits something',
      '',
      'Paste into ConnectWise:',
      `  Callback URL (method GET)  ${CALLBACK}`,
      `  Webhook URL                ${CALLBACK}?token=${TOKEN}`,
      '  A callback is asked for the token, too: where it cannot send one, paste the webhook URL there as well.',
      '',
      SUCCESS,
      '',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('changes nothing on either side', async () => {
    await start();
    await check();
    expect(world.posts()).toEqual([]);
    expect(await world.app.runs.list(1)).toEqual([]);
  });

  it('prints one JSON document', async () => {
    await start();
    const { code, stdout, stderr } = await check(['--json']);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      ok: true,
      callbackUrl: CALLBACK,
      webhookUrl: `${CALLBACK}?token=${TOKEN}`,
      isGuess: false,
    });
    expect(told.findings).toHaveLength(27);
    for (const finding of told.findings) {
      const { name, ...rest } = finding;
      const warning = name === 'Redis, persistence' || name === 'Sites';
      expect(rest).toEqual({ ok: true, warning, message: expect.any(String) });
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says that there is no webhook where alerts are switched off', async () => {
    await start({ config: { alerts: { enabled: false } } });
    const { code, stdout } = await check();
    expect(stdout).toContain('Alerts are switched off (alerts.enabled), so there is no webhook.');
    expect(stdout).not.toContain('names of alerts');
    expect(stdout).not.toContain(TOKEN);
    expect(stdout).toContain(SUCCESS);
    expect(code).toBe(0);
    const told = JSON.parse((await check(['--json'])).stdout);
    expect(Object.keys(told).sort()).toEqual(['findings', 'ok']);
  });

  it('says that the host is a guess, and writes a token so that it can be part of an address', async () => {
    const token = 'a/token+with what&means=something?';
    await start({ config: { http: { host: '0.0.0.0', port: 8080 }, alerts: { token } } });
    const { stdout } = await check();
    expect(stdout).toMatch(/^ {2}The host is a guess: set http\.publicUrl /m);
    const url = /Webhook URL +(\S+)$/m.exec(stdout)?.[1] ?? '';
    expect(new URL(url).port).toBe('8080');
    expect(new URL(url).searchParams.get('token')).toBe(token);
  });

  it('gives one address for both where the webhook asks for no token', async () => {
    await start({ config: { alerts: { authentication: 'none' } } });
    const { stdout } = await check();
    expect(stdout).toMatch(new RegExp(`^ {2}Webhook URL +${CALLBACK}$`, 'm'));
    expect(stdout).not.toContain('A callback is asked for the token');
    expect(stdout).not.toContain(TOKEN);
  });
});

describe('check where something is to be looked at', () => {
  const lineOf = (text: string, name: string) => text.split('\n').find((line) => line.includes(name));

  it.each([
    [-300_000, '5 min ahead of'],
    [7_200_000, '2 h behind'],
  ])('says by how much our clock differs from those of the servers (%d ms)', async (aheadMs, text) => {
    await start({ config: { alerts: { enabled: false } } });
    const date = () => new Date(Date.now() + aheadMs).toUTCString();
    const answer = { do: 'answer', status: 200, body: [], headers: { date: date() } } as const;
    const match = ({ path }: { path: string }) => /^\/api\//i.test(path);
    for (const side of [world.rmm, world.halo]) side.faults.add({ match, action: answer });
    const said = `clock: Our clock is ${text} that of the server. `;
    expect(await linesOfCheck(world.app, /clock|sign-in|scope|clients/)).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`! ConnectWise RMM, ${said}`),
        expect.stringContaining(`! Halo, ${said}`),
      ]),
    );
  });

  it('says that a rate limit is closed, and goes on once it is open', async () => {
    await start();
    await world.app.gates.rmm.close(4_000);
    const { code, stdout } = await check();
    expect(lineOf(stdout, 'ConnectWise RMM, rate limit')).toMatch(
      /^! .*: 0 of 100000 requests used in 5 min\. Closed for \d s, since the server answered 429\. Does another /,
    );
    expect({ code, success: stdout.includes(SUCCESS) }).toEqual({ code: 0, success: true });
  });

  it('says how much of a rate limit is used, and that runs wait', async () => {
    const rateLimit = { requests: 50, window: '6s', reservedForAlerts: 30 };
    await start({ config: { halo: { rateLimit } } });
    for (let request = 0; request < 20; request++) await (await world.app.gates.halo.enter('bulk')).leave();
    expect(await linesOfCheck(world.app, /^Halo, rate limit/)).toEqual([
      expect.stringMatching(
        /^! Halo, rate limit: 20 of 50 requests used in 6 s, 30 of them kept for alerts\. Runs wait for \d s\.$/,
      ),
    ]);
  });

  it('is content with a Redis that keeps an append-only file', async () => {
    const redis = await startRedis({ own: true });
    try {
      await start({ redis });
      await world.app.redis.client.config('SET', 'appendonly', 'yes');
      expect(await linesOfCheck(world.app, /persistence/)).toEqual([
        '✓ Redis, persistence: the append-only file is on',
      ]);
    } finally {
      await world.app.close();
      await redis.stop();
    }
  });
});

describe('check where something is wrong', () => {
  it('says what the RMM refused, and tests the rest', async () => {
    await start();
    const end = await check([], { RMM_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toEqual([
      expect.stringMatching(
        /^✗ ConnectWise RMM, sign-in: ConnectWise RMM refused the sign-in \(401: invalid_client\)/,
      ),
      '✗ ConnectWise RMM, scope platform.companies.read: Not asked, because of the failure above.',
      '✗ ConnectWise RMM, scope platform.sites.read: Not asked, because of the failure above.',
      '✗ ConnectWise RMM, scope platform.devices.read: Not asked, since the companies could not be listed.',
    ]);
    expect(linesWith('✓ Halo, names', end.stdout)).toHaveLength(2);
    expect(linesWith('!', end.stdout)).toEqual([
      expect.stringContaining('Redis, persistence'),
      expect.stringContaining('scope platform.asset.read: Not asked'),
      expect.stringContaining('scope platform.tickets.read: Not asked'),
      '! ConnectWise RMM, clock: Not compared, since no answer told the time.',
      '! Sites: Not counted, since a read failed. Not asked, because of the failure above.',
      '! Assets: Not counted, since a read failed. Not asked, because of the failure above.',
      expect.stringContaining('names in the config: Not counted'),
    ]);
    expect(end.stdout).not.toContain('not-the-secret');
  });

  it('says what Halo refused, and tests the rest', async () => {
    await start();
    const end = await check([], { HALO_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toHaveLength(11);
    expect(failed.shift()).toMatch(/^✗ Halo, sign-in: Halo refused the sign-in/);
    for (const line of failed)
      expect(line).toMatch(/^✗ Halo, .*: Not asked, because of the failure above\.$/);
    expect(linesWith('✗ ConnectWise RMM', end.stdout)).toEqual([]);
    expect(end.stdout).not.toContain('not-the-secret');
    expect(JSON.parse((await check(['--json'], { HALO_CLIENT_SECRET: 'no' })).stdout)).toMatchObject({
      ok: false,
    });
  });

  it('names each name that Halo does not have, of assets and of alerts', async () => {
    await start({
      config: {
        assets: { defaultType: 'Toaster', typeMappings: [{ rmm: 'Server', halo: 'Mainframe' }] },
        alerts: { ticketType: 'Alarm', newAlertUser: 'nobody@acme.example' },
      },
    });
    const [assets, alerts, ...others] = failures(await check());
    expect(assets).toContain('Halo has no asset type called "Toaster"');
    expect(assets).toContain('Halo has no asset type called "Mainframe"');
    expect(alerts).toContain('Halo has no ticket type called "Alarm"');
    expect(alerts).toContain('Halo has no active user called "nobody@acme.example"');
    expect(others).toEqual([]);
  });

  it('names each id that Halo does not have', async () => {
    const rmm = { company: 'Willow Interiors', site: 'Main office' };
    const mappings = [{ rmm, halo: { client: 1, site: 8888 } }];
    await start({ config: { sites: { defaultClient: 9999, mappings }, alerts: { enabled: false } } });
    const [names = '', ...others] = await linesOfCheck(world.app, /names of sites|^Sites|^Assets/);
    expect(names).toContain('✗ Halo, names of sites and assets: ');
    expect(names).toContain('sites.defaultClient: Halo has no client with the id 9999.');
    expect(names).toContain('sites.mappings[0].halo.site: Halo has no site of that client with the id 8888.');
    expect(others).toEqual([
      '! Sites: Not counted, since not all names are known.',
      '! Assets: Not counted, since not all names are known.',
    ]);
  });

  it('says which scope the key was not granted, and which it was', async () => {
    await start({ rmm: { grantedScopes: RMM_SCOPES.filter((scope) => !scope.includes('sites')) } });
    const end = await check();
    expect(failures(end)).toEqual([
      expect.stringMatching(/^✗ ConnectWise RMM, sign-in: .* \(400: invalid_scope\)\. /),
      '✗ ConnectWise RMM, scope platform.sites.read: not granted to this API key. ' +
        'Grant platform.sites.read in ConnectWise RMM (Integrations > API Access).',
    ]);
    expect(linesWith('✓ ConnectWise RMM, scope', end.stdout)).toHaveLength(4);
  });

  it('says which things of Halo may not be read, and what to do', async () => {
    await start();
    const match = ({ path }: { path: string }) => /^\/api\/(users|tickets)$/i.test(path);
    world.halo.faults.add({ match, action: { do: 'answer', status: 403, body: { error: 'no permission' } } });
    const failed = failures(await check());
    const [users, tickets, actions, ...others] = failed;
    const advice = 'Give the agent of the API application in Halo the permission to read';
    expect(users).toMatch(new RegExp(`^✗ Halo, users: .*403: no permission\\. ${advice} users\\.$`));
    expect(tickets).toMatch(new RegExp(`^✗ Halo, tickets: .*403: no permission\\. ${advice} tickets\\.$`));
    expect(actions).toMatch(/^✗ Halo, actions of tickets: .*403/);
    expect(others).toEqual([expect.stringMatching(/^✗ Halo, names of alerts: .*403/)]);
  });

  it('says that Redis may throw away jobs', async () => {
    const redis = await startRedis({ own: true });
    try {
      await start({ redis });
      const { runs, tasks, alerts } = world.app.queues;
      await Promise.all([runs, tasks, alerts].map((queue) => queue.waitUntilReady()));
      await world.app.redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      expect(await linesOfCheck(world.app, /^Redis/)).toEqual([
        expect.stringMatching(/^✓ Redis, .*: version /),
        expect.stringMatching(
          /^✗ Redis, eviction policy: The eviction policy is allkeys-lru, .* noeviction\.$/,
        ),
        expect.stringMatching(/^! Redis, persistence: /),
      ]);
    } finally {
      await redis.stop();
    }
  });

  it('says why the last message to the chat did not arrive', async () => {
    await start({ config: { notify: { webhook: 'https://chat.example/services/T0/B0/x' } } });
    const unheard = 'Chat at chat.example: nothing was sent yet; the daemon greets it when it starts';
    expect((await check()).stdout).toContain(`\n✓ ${unheard}\n`);
    await world.app.told.setFailure('it answered 404, "no_service".');
    expect(failures(await check())).toEqual([
      '✗ Chat at chat.example: The last message did not arrive: it answered 404, "no_service".',
    ]);
    await world.app.told.setFailure(null);
    await world.app.told.replace(
      new Map([[HELLO + fingerprint('https://chat.example/services/T0/B0/x'), { mark: '', atMs: 1 }]]),
    );
    expect((await check()).stdout).toContain('\n✓ Chat at chat.example: the last message arrived\n');
  });

  it('says in one sentence that Halo is away', async () => {
    await start();
    await world.halo.close();
    const failed = failures(await check());
    expect(failed[0]).toMatch(/^✗ Halo, sign-in: .*Halo/);
    for (const line of failed.slice(1)) expect(line).toMatch(/: Not asked, because of the failure above\.$/);
  });

  it('ends with one sentence where Redis is away', async () => {
    await start();
    const { code, stdout, stderr } = await check([], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(stderr).toMatch(/^.*Redis at \S+ was not reached within 10 s: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
