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
      '✓ ConnectWise RMM, companies: 6 found',
      expect.stringMatching(/^✓ ConnectWise RMM, sites: \d+ found$/),
      `✓ ConnectWise RMM, devices (v2): 9 devices of ${company?.name}`,
      '✓ Halo, names of sites and assets: all known',
      '✓ Halo, names of alerts: all known',
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
    expect(told.findings).toHaveLength(6);
    for (const finding of told.findings) {
      expect(finding).toEqual({ name: expect.any(String), ok: true, message: expect.any(String) });
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

describe('check where something is wrong', () => {
  it('says what the RMM refused, and tests the rest', async () => {
    await start();
    const end = await check([], { RMM_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toHaveLength(3);
    for (const line of failed)
      expect(line).toMatch(
        /^✗ ConnectWise RMM, .*ConnectWise RMM refused the sign-in \(401: invalid_client\)/,
      );
    expect(linesWith('✓ Halo', end.stdout)).toHaveLength(2);
    expect(end.stdout).not.toContain('not-the-secret');
  });

  it('says what Halo refused, and tests the rest', async () => {
    await start();
    const end = await check([], { HALO_CLIENT_SECRET: 'not-the-secret' });
    const failed = failures(end);
    expect(failed).toHaveLength(2);
    for (const line of failed) expect(line).toMatch(/^✗ Halo, names of .*Halo refused the sign-in/);
    expect(linesWith('✓ ConnectWise RMM', end.stdout)).toHaveLength(3);
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
    for (const line of failed) expect(line).toContain('that the key was granted each scope in rmm.scope');
  });

  it('says for which thing the scope that is asked for does not suffice', async () => {
    await start({ config: { rmm: { scope: 'platform.companies.read platform.devices.read' } } });
    const failed = failures(await check());
    expect(failed).toEqual([expect.stringMatching(/^✗ ConnectWise RMM, sites: .*403/)]);
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
    expect(failed).toHaveLength(2);
  });

  it('ends with one sentence where Redis is away', async () => {
    await start();
    const { code, stdout, stderr } = await check([], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(stderr).toMatch(/^.*Redis at \S+ was not reached within 10 s: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
