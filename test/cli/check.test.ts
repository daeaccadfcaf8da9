import { afterEach, describe, expect, it } from 'vitest';
import { RMM_SCOPES } from '../../src/demo/rmm-scope.js';
import { alertsConfig, TOKEN } from '../alerts/support.js';
import { type CommandEnd, runCommand } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { startRedis } from '../support/redis.js';

const SUCCESS = 'Ticketing API Configured Successfully.';
const PUBLIC = { host: '127.0.0.1', port: 8080, publicUrl: 'https://alerts.acme.example/' };
const CALLBACK = 'https://alerts.acme.example/api/notify/ConnectWiseRMM';

let world: Integrator;
afterEach(() => world.close());

async function start(options: World = {}): Promise<void> {
  const config = { http: PUBLIC, ...options.config };
  world = await startIntegrator({ ...options, config: alertsConfig({ config }) });
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
      expect.stringMatching(
        /^! Redis, persistence: The append-only file is off: .* Set appendonly to yes; .*$/,
      ),
      '✓ ConnectWise RMM, rate limit: 0 of 100000 requests used in 5 min',
      '✓ Halo, rate limit: 0 of 100000 requests used in 5 min, 30 of them kept for alerts',
      '✓ ConnectWise RMM, companies: 6 found',
      expect.stringMatching(/^✓ ConnectWise RMM, sites: \d+ found$/),
      `✓ ConnectWise RMM, devices (v2): 9 devices of ${company?.name}`,
      '✓ ConnectWise RMM, clock: agrees with ours',
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
        /^! Sites: 0 by a row, \d+ by name, \d+ under the default client, 0 with none\. /,
      ),
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
    expect(told.findings).toHaveLength(20);
    for (const finding of told.findings) {
      const { name, ...rest } = finding;
      const warning = name === 'Redis, persistence' || name === 'Sites';
      expect(rest).toEqual({ ok: true, warning, message: expect.any(String) });
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('reads tickets of the RMM, too, where those are polled, and devices as the config says', async () => {
    await start({ config: { alerts: { poll: '5m' }, rmm: { deviceApi: 'v1' } } });
    const { code, stdout } = await check();
    expect(stdout).toMatch(/^✓ ConnectWise RMM, devices \(v1\): 9 devices of /m);
    expect(stdout).toMatch(/^✓ ConnectWise RMM, tickets: \d+ changes? in the last minute$/m);
    expect(code).toBe(0);
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
    const { stdout } = await check();
    for (const name of ['ConnectWise RMM', 'Halo']) {
      const said = `! ${name}, clock: Our clock is ${text} that of the server. `;
      expect(lineOf(stdout, `${name}, clock`)).toContain(said);
    }
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
    expect(lineOf((await check()).stdout, 'Halo, rate limit')).toMatch(
      /^! Halo, rate limit: 20 of 50 requests used in 6 s, 30 of them kept for alerts\. Runs wait for \d s\.$/,
    );
  });

  it('is content with a Redis that keeps an append-only file', async () => {
    const redis = await startRedis({ own: true });
    try {
      await start({ redis });
      await world.app.redis.client.config('SET', 'appendonly', 'yes');
      const { stdout } = await check();
      expect(lineOf(stdout, 'persistence')).toBe('✓ Redis, persistence: the append-only file is on');
    } finally {
      await world.app.close();
      await redis.stop();
    }
  });

  it('counts the sites by how they find their place, before and after they were linked', async () => {
    await start();
    const first = lineOf((await check()).stdout, 'Sites:');
    const told = /: 0 by a row, (\d+) by name, (\d+) under the default client, 0 with none\. Where the /;
    const [, byName, byDefault] = told.exec(first ?? '') ?? [];
    expect(Number(byName) + Number(byDefault)).toBe(11);
    await world.run('sites');
    expect(lineOf((await check()).stdout, 'Sites:')).toBe(first);
  });

  it('counts those of a row, and those that no client was found for', async () => {
    const rmm = { company: 'Willow Interiors', site: '*' };
    const mappings = [{ rmm, halo: { client: 'Unmapped Customers' } }];
    await start({ config: { sites: { defaultClient: undefined, mappings }, alerts: { enabled: false } } });
    const { companies, sites } = world.rmm.fleet;
    const known = companies.slice(0, 2).map(({ id }) => id);
    const byName = sites.filter(({ companyId }) => known.includes(companyId)).length;
    const willow = companies.find(({ name }) => name === rmm.company)?.id;
    const byRow = sites.filter(({ companyId }) => companyId === willow).length;
    const none = sites.length - byName - byRow;
    const { code, stdout } = await check();
    expect(lineOf(stdout, 'Sites:')).toContain(
      `! Sites: ${byRow} by a row, ${byName} by name, 0 under the default client, ${none} with none. Those with none `,
    );
    expect([code, byRow > 0, none > 0]).toEqual([0, true, true]);
  });
});

describe('check where something is wrong', () => {
  it('says what the RMM refused, and tests the rest', async () => {
    await start();
    const end = await check([], { RMM_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toEqual([
      expect.stringMatching(
        /^✗ ConnectWise RMM, companies: .*ConnectWise RMM refused the sign-in \(401: invalid_client\)/,
      ),
      '✗ ConnectWise RMM, sites: Not asked, because of the failure above.',
      '✗ ConnectWise RMM, devices (v2): Not asked, because of the failure above.',
    ]);
    expect(linesWith('✓ Halo, names', end.stdout)).toHaveLength(2);
    expect(linesWith('!', end.stdout)).toEqual([
      expect.stringContaining('Redis, persistence'),
      '! ConnectWise RMM, clock: Not compared, since no answer told the time.',
      '! Sites: Not counted, since a read failed. Not asked, because of the failure above.',
    ]);
    expect(end.stdout).not.toContain('not-the-secret');
  });

  it('says what Halo refused, and tests the rest', async () => {
    await start();
    const end = await check([], { HALO_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toHaveLength(10);
    expect(failed.shift()).toMatch(/^✗ Halo, clients: .*Halo refused the sign-in/);
    expect(failed.pop()).toMatch(/^✗ Halo, names of alerts: .*Halo refused the sign-in/);
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

  it('says that the key was not granted a scope', async () => {
    await start({ rmm: { grantedScopes: RMM_SCOPES.filter((scope) => !scope.includes('sites')) } });
    const failed = failures(await check());
    expect(failed).toHaveLength(3);
    expect(failed[0]).toContain('that the key was granted each scope in rmm.scope');
  });

  it('says for which thing the scope that is asked for does not suffice', async () => {
    await start({ config: { rmm: { scope: 'platform.companies.read platform.devices.read' } } });
    const failed = failures(await check());
    expect(failed).toEqual([expect.stringMatching(/^✗ ConnectWise RMM, sites: .*403/)]);
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
      const { code, stdout } = await check();
      expect(linesWith('✗', stdout)).toEqual([
        expect.stringMatching(/^✗ Redis, .*: The eviction policy is allkeys-lru, .* noeviction\.$/),
      ]);
      expect(code).toBe(1);
    } finally {
      await redis.stop();
    }
  });

  it('says in one sentence that Halo is away', async () => {
    await start();
    await world.halo.close();
    const failed = failures(await check());
    expect(failed[0]).toMatch(/^✗ Halo, clients: .*Halo/);
    expect(failed.filter((line) => !line.endsWith('Not asked, because of the failure above.'))).toHaveLength(
      2,
    );
  });

  it('ends with one sentence where Redis is away', async () => {
    await start();
    const { code, stdout, stderr } = await check([], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(stderr).toMatch(/^.*Redis at \S+ was not reached within 10 s: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
