import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { webhookAddresses } from '../../src/config/webhook-address.js';
import { RMM_SCOPES } from '../../src/demo/rmm-scope.js';
import { fingerprint } from '../../src/inventory/fingerprint.js';
import { HELLO } from '../../src/notify/news.js';
import { alertsConfig, TOKEN } from '../alerts/support.js';
import { type CommandEnd, runCommand } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { checkOf, linesOfCheck } from '../support/probes.js';
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
      expect.stringMatching(/^✓ Redis: version \d+\.\d+\S* at \S+$/),
      '✓ Redis, eviction policy: noeviction',
      expect.stringMatching(
        /^! Redis, persistence: The append-only file is off: .* Set appendonly to yes; .*$/,
      ),
      '✓ ConnectWise RMM, rate limit: 0 of 100000 requests used in 5 min',
      '✓ Halo, rate limit: 0 of 100000 requests used in 5 min, 30 of them kept for alerts',
      '✓ ConnectWise RMM, sign-in: accepted',
      '✓ ConnectWise RMM, scope platform.companies.read: 6 companies',
      '✓ ConnectWise RMM, scope platform.sites.read: 11 sites',
      `✓ ConnectWise RMM, scope platform.devices.read: the first 9 devices of ${company?.name}`,
      `✓ ConnectWise RMM, scope platform.asset.read: 9 devices of ${company?.name}, by the old device API`,
      expect.stringMatching(/^✓ ConnectWise RMM, scope platform\.tickets\.read: \d+ tickets? changed in /),
      '✓ ConnectWise RMM, companies.include[0]: "*" fits 6 companies',
      '✓ ConnectWise RMM, clock: agrees with ours',
      '✓ Halo, sign-in: accepted',
      expect.stringMatching(/^✓ Halo, clients: \d+ found$/),
      expect.stringMatching(/^✓ Halo, sites: \d+ found$/),
      '✓ Halo, assets: readable, none counted',
      expect.stringMatching(/^✓ Halo, asset types: \d+ found$/),
      expect.stringMatching(/^✓ Halo, asset fields: \d+ found$/),
      expect.stringMatching(/^✓ Halo, users: \d+ found$/),
      '✓ Halo, tickets: readable, none counted',
      '– Halo, actions of tickets: not asked, since there is no ticket to look at',
      expect.stringMatching(/^– Halo, permission to write: not tried, since nothing is written here: .*\.$/),
      '✓ Halo, sites.defaultClient: client "Unmapped Customers" has the id 1',
      '✓ Halo, assets.defaultType: asset type "Workstation" has the id 1',
      '✓ Halo, assets.typeMappings[0].halo: asset type "Server" has the id 2',
      '✓ Halo, assets.matching.halo: asset field "Serial Number" has the id 117',
      '✓ Halo, assets.fields[0].halo: asset field "Serial Number" has the id 117',
      '✓ Halo, assets.fields[1].halo: asset field "Operating System" has the id 124',
      '✓ Halo, alerts.ticketType: ticket type "Alert" has the id 21',
      '✓ Halo, alerts.closedStatus: the id 9 is status "Closed"',
      '✓ Halo, alerts.newAlertUser: user "alerts@acme.example" has the id 4, "New Alert User"',
      '✓ Halo, clock: agrees with ours',
      '– Webhook: not asked, since no daemon is up. Start one, then check again: halo-integrator start',
      '– Webhook, address: https://alerts.acme.example, as http.publicUrl says; not asked, since ConnectWise comes from outside. ' +
        'From there, "curl -i https://alerts.acme.example/api/notify/connectwisermm" must answer 401.',
      expect.stringMatching(
        /^! Sites: \d+ mapped \(0 by a row, \d+ by name\), \d+ under the default client, 0 unmapped\. /,
      ),
      expect.stringMatching(/^✓ Assets: \d+ mapped by a row, \d+ of the default type \(.*\), 0 unmapped$/),
      expect.stringMatching(/^✓ ConnectWise RMM, expressions of the config: each gives a value /),
      '',
      '✓ proved   ! works, look at it   ✗ mend it   – not asked',
      '',
      'Paste into ConnectWise:',
      '  Callback URL (method GET)',
      `    ${CALLBACK}?token=${TOKEN}`,
      '  Webhook URL',
      `    ${CALLBACK}?token=${TOKEN}`,
      '',
      SUCCESS,
      '',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('changes nothing on either side', async () => {
    await start();
    expect((await linesOfCheck(world.app, /^/)).length).toBeGreaterThan(30);
    expect(world.posts()).toEqual([]);
    expect(await world.app.runs.list(1)).toEqual([]);
  });

  it('prints one JSON document', async () => {
    await start();
    const { code, stdout, stderr } = await check(['--json']);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      ok: true,
      callbackUrl: `${CALLBACK}?token=${TOKEN}`,
      webhookUrl: `${CALLBACK}?token=${TOKEN}`,
      isGuess: false,
    });
    expect(told.findings).toHaveLength(38);
    const states = new Map<string, string>();
    for (const { name, ...rest } of told.findings) {
      states.set(name, rest.state);
      expect(rest).toMatchObject({
        ok: true,
        warning: rest.state === 'warning',
        message: expect.any(String),
      });
      expect(rest.remedy === null || typeof rest.remedy === 'string').toBe(true);
    }
    const others = [...states].filter(([, state]) => state !== 'ok');
    expect(Object.fromEntries(others)).toEqual({
      'Redis, persistence': 'warning',
      'Halo, actions of tickets': 'notAsked',
      'Halo, permission to write': 'notAsked',
      Webhook: 'notAsked',
      'Webhook, address': 'notAsked',
      Sites: 'warning',
    });
    const of = (wanted: string) => told.findings.find(({ name }: { name: string }) => name === wanted);
    expect(of('Redis, persistence').remedy).toMatch(/^Set appendonly to yes/);
    const { mapped, unmapped, ...sites } = of('Sites').counts;
    expect([mapped + sites.default, unmapped]).toEqual([11, 0]);
    expect(Object.values(of('Assets').counts).every((count) => typeof count === 'number')).toBe(true);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says that there is no webhook where alerts are switched off', async () => {
    await start({ config: { alerts: { enabled: false } } });
    const { code, stdout } = await check();
    expect(stdout).toContain('– Webhook: not asked, since alerts are switched off (alerts.enabled)');
    expect(stdout).not.toMatch(/Halo, alerts\.|Paste into/);
    expect(stdout).not.toContain(TOKEN);
    expect(stdout).toContain(SUCCESS);
    expect(code).toBe(0);
  });

  it('spells the token so that it can be part of an address', async () => {
    const token = 'a/token+with what&means=something?';
    await start({ config: { alerts: { token } } });
    const { stdout } = await check();
    const url = /Webhook URL\n +(\S+)$/m.exec(stdout)?.[1] ?? '';
    expect(new URL(url).searchParams.get('token')).toBe(token);
    expect(stdout).not.toContain('In place of');
  });

  it('leaves the name of the host to be filled in rather than to guess it', async () => {
    await start({ config: { http: { host: '127.0.0.1', port: 8080 } } });
    const { stdout } = await check();
    expect(stdout).toMatch(/^ {2}In place of <your public name>, put the name under which ConnectWise /m);
    expect(stdout).toContain('\n    https://<your public name>/api/notify/ConnectWiseRMM?token=');
    expect(stdout).toMatch(
      /^! Webhook, address: It listens on 127\.0\.0\.1 alone, where ConnectWise cannot .*/m,
    );
  });

  it('gives one address for both where the webhook asks for no token', async () => {
    await start({ config: { alerts: { authentication: 'none' } } });
    expect(webhookAddresses(world.config)).toEqual({
      callbackUrl: CALLBACK,
      webhookUrl: CALLBACK,
      isGuess: false,
    });
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
    // An answer that says no has a date as well.
    const answer = { do: 'answer', status: 401, body: [], headers: { date: date() } } as const;
    for (const side of [world.rmm, world.halo]) side.faults.add({ match: () => true, action: answer });
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
        /^! Halo, rate limit: 20 of 50 requests used in 6 s, 30 of them kept for alerts\. Runs wait for \d s\. They go on by themselves\.$/,
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
    ]);
    const above = 'not asked, because of the failure above';
    expect(linesWith('–', end.stdout).filter((line) => !/Webhook|Halo/.test(line))).toEqual([
      `– ConnectWise RMM, scope platform.companies.read: ${above}`,
      `– ConnectWise RMM, scope platform.sites.read: ${above}`,
      '– ConnectWise RMM, scope platform.devices.read: not asked, since the companies could not be listed',
      '– ConnectWise RMM, scope platform.asset.read: not asked, since the companies could not be listed',
      `– ConnectWise RMM, scope platform.tickets.read: ${above}`,
      '– ConnectWise RMM, names in the config: not asked, since companies and sites could not be listed',
      `– Sites: ${above}`,
      `– Assets: ${above}`,
      `– ConnectWise RMM, expressions of the config: ${above}`,
    ]);
    expect(linesWith('✓ ConnectWise RMM, clock: agrees', end.stdout)).toHaveLength(1);
    expect(linesWith('✓ Halo, alerts.', end.stdout)).toHaveLength(3);
    expect(end.stdout).not.toContain('not-the-secret');
  });

  it('says what Halo refused, and tests the rest', async () => {
    await start();
    const end = await check([], { HALO_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toEqual([expect.stringMatching(/^✗ Halo, sign-in: Halo refused the sign-in/)]);
    const above = /^– Halo, .*: not asked, because of the failure above$/;
    expect(linesWith('–', end.stdout).filter((line) => above.test(line))).toHaveLength(10);
    expect(linesWith('✗ ConnectWise RMM', end.stdout)).toEqual([]);
    expect(end.stdout).not.toContain('not-the-secret');
  });

  it('names each name that is not there, by the key where it stands, on both sides', async () => {
    const rmm = { company: 'Willow Interors', site: '*' };
    await start({
      config: {
        companies: { exclude: ['Harbour Dentall'] },
        sites: {
          defaultClient: 'Unmaped Customers',
          mappings: [{ rmm, halo: { client: 'Nobody', site: 'Attic' } }],
        },
        assets: { defaultType: 'Toaster', typeMappings: [{ rmm: 'Server', halo: 'Servr' }] },
        alerts: { ticketType: 'Alarm', newAlertUser: 'nobody@acme.example' },
      },
    });
    const end = await check();
    expect(failures(end)).toEqual([
      expect.stringMatching(
        /^✗ Halo, sites\.mappings\[0\]\.halo\.client: Halo has no client called "Nobody"\./,
      ),
      '✗ Halo, sites.defaultClient: Halo has no client called "Unmaped Customers". Did you mean "Unmapped Customers"?',
      expect.stringMatching(
        /^✗ Halo, assets\.defaultType: Halo has no asset type called "Toaster"\. It has: Workstation, /,
      ),
      '✗ Halo, assets.typeMappings[0].halo: Halo has no asset type called "Servr". Did you mean "Server"?',
      '✗ Halo, alerts.ticketType: Halo has no ticket type called "Alarm". It has: Incident, Alert.',
      '✗ Halo, alerts.newAlertUser: Halo has no active user called "nobody@acme.example".',
    ]);
    expect(linesWith('! ConnectWise RMM', end.stdout)).toEqual([
      '! ConnectWise RMM, companies.exclude[0]: "Harbour Dentall" fits no company of ConnectWise RMM. Did you mean "Harbor Dental"?',
      '! ConnectWise RMM, sites.mappings[0]: "Willow Interors / *" fits no site of ConnectWise RMM. Did you mean "Willow Interiors / *"?',
    ]);
    expect(end.stdout).toContain(
      '– Halo, sites.mappings[0].halo.site: not asked, since its client is not known',
    );
    expect(end.stdout).toContain('– Sites: not asked, since not all names of Halo are known');
  });

  it('shows the wrong ones of many names, and counts the others', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({ rmm: `Type ${index}`, halo: 'Server' }));
    const typeMappings = [...rows, { rmm: 'Printer', halo: 'Printr' }];
    const assets = { defaultType: 'Workstation', typeMappings };
    await start({ config: { assets, alerts: { enabled: false } } });
    const { stdout } = await check();
    expect(stdout.split('\n').filter((line) => /typeMappings|names of sites and assets/.test(line))).toEqual([
      expect.stringMatching(
        /^✗ Halo, assets\.typeMappings\[20\]\.halo: Halo has no asset type called "Printr"\. /,
      ),
      '✓ Halo, names of sites and assets: the other 25 are known',
    ]);
    const findings = await checkOf(world.app, /^Halo, names/);
    expect(findings.filter(({ name }) => name.includes('typeMappings'))).toHaveLength(21);
  });

  it('names each id that Halo does not have', async () => {
    const rmm = { company: 'Willow Interiors', site: 'Main office' };
    const mappings = [{ rmm, halo: { client: 1, site: 8888 } }];
    const alerts = { closedStatus: 77 };
    await start({ config: { sites: { defaultClient: 9999, mappings }, alerts } });
    const lines = await linesOfCheck(world.app, /names of|^Sites/);
    expect(lines.filter((line) => !line.startsWith('✓'))).toEqual([
      '✗ Halo, sites.mappings[0].halo.site: Halo has no site of that client with the id 8888.',
      '✗ Halo, sites.defaultClient: Halo has no client with the id 9999.',
      '✗ Halo, alerts.closedStatus: Halo has no status with the id 77.',
      '– Sites: not asked, since not all names of Halo are known',
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
        expect.stringMatching(/^✓ Redis: version /),
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
    const say = () => linesOfCheck(world.app, /^Chat/);
    expect(await say()).toEqual([
      '– Chat at chat.example: nothing was sent yet; the daemon greets it when it starts',
    ]);
    await world.app.told.setFailure('it answered 404, "no_service".');
    expect(await say()).toEqual([
      '✗ Chat at chat.example: The last message did not arrive: it answered 404, "no_service".',
    ]);
    await world.app.told.setFailure(null);
    await world.app.told.replace(
      new Map([[HELLO + fingerprint('https://chat.example/services/T0/B0/x'), { mark: '', atMs: 1 }]]),
    );
    expect(await say()).toEqual(['✓ Chat at chat.example: the last message arrived']);
  });

  it('says in one sentence that Halo is away', async () => {
    await start();
    await world.halo.close();
    const [signIn, ...others] = await linesOfCheck(world.app, /^Halo, (?!rate)/);
    expect(signIn).toMatch(/^✗ Halo, sign-in: .*Halo could not be reached .* Check halo\.url /);
    expect(others.filter((line) => !line.startsWith('–'))).toEqual([]);
  });

  it('asks both sides all the same where Redis refuses the sign-in', async () => {
    await start();
    const url = new URL(world.redis.url);
    url.username = 'nobody';
    url.password = 'not-the-password';
    const end = await check([], { REDIS_URL: url.href });
    expect(failures(end)).toEqual([
      expect.stringMatching(
        /^✗ Redis: Redis at \S+ refused the sign-in: [^.]*\. Check user and password in redis\.url\.$/,
      ),
    ]);
    expect(end.stdout).not.toContain('not-the-password');
    expect(
      linesWith('✓', end.stdout).filter((line) => /sign-in|scope|Halo, (clients|alerts)/.test(line)),
    ).toHaveLength(11);
    expect(linesWith('–', end.stdout)).toEqual(
      expect.arrayContaining([
        '– Redis, eviction policy: not asked, because of the failure above',
        '– Halo, rate limit: not asked, since Redis keeps the count',
        '– Sites: not asked, since Redis keeps what is linked',
      ]),
    );
  });
});
