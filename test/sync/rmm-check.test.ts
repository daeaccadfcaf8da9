import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RMM_SCOPES } from '../../src/demo/rmm-scope.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { linesOfCheck } from '../support/probes.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const TOKEN = '/v1/token';
const USER = 'lastLoggedOnUser.username';
const ASSETS = { defaultType: 'Workstation' };
const ALERTS = {
  enabled: true,
  token: 'long-enough',
  ticketType: 'Alert',
  newAlertUser: 'alerts@acme.example',
};

let redis: TestRedis;
let world: Integrator;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => world.close());
afterAll(() => redis.stop());

async function start(options: World = {}): Promise<void> {
  world = await startIntegrator({ redis, ...options });
}

/** What `check` finds out about the sign-in and the scopes of ConnectWise RMM: a mark and a message, by name. */
async function look(): Promise<Map<string, string>> {
  const lines = await linesOfCheck(world.app, /^ConnectWise RMM, (sign-in|scope )/);
  const parts = /^(.) ConnectWise RMM, (?:scope platform\.)?(\S+): (.*)$/;
  return new Map(
    lines.map((line) => {
      const [, mark, name = '', message] = parts.exec(line) ?? [];
      return [name, `${mark} ${message}`] as const;
    }),
  );
}

const without = (...parts: string[]) =>
  RMM_SCOPES.filter((scope) => !parts.some((part) => scope === `platform.${part}.read`));

const countSignIns = () => world.rmm.requests.filter(({ path }) => path === TOKEN).length;

const GRANTED = '✓ granted; nothing was read, since the sign-in with all scopes fails';
const notGranted = (scope: string) =>
  `✗ not granted to this API key. Grant platform.${scope}.read in ConnectWise RMM (Integrations > API Access)`;

describe('a scope that was not granted', () => {
  it.each([
    ['invalid_scope', '400: invalid_scope'],
    ['invalid_client', '401: invalid_client'],
    ['forbidden', '403: client has no access'],
  ] as const)(
    'is named, and so are those that were, where the sign-in says %s',
    async (ungrantedScope, said) => {
      await start({ rmm: { grantedScopes: without('sites', 'tickets'), quirks: { ungrantedScope } } });
      const told = await look();
      const signIn = told.get('sign-in') ?? '';
      expect(signIn.startsWith(`✗ ConnectWise RMM refused the sign-in (${said}). `)).toBe(true);
      expect(signIn).toMatch(/ Each scope was then asked for alone, and 2 of 5 refused: see below\.$/);
      told.delete('sign-in');
      expect(Object.fromEntries(told)).toEqual({
        'companies.read': GRANTED,
        'sites.read': `${notGranted('sites')}.`,
        'devices.read': GRANTED,
        'asset.read': GRANTED,
        'tickets.read': `${notGranted('tickets')}, or take it out of rmm.scope: nothing in this config needs it.`,
      });
    },
  );

  it('is found without a trace in Redis but that of the refusal', async () => {
    await start({ rmm: { grantedScopes: without('tickets') } });
    await look();
    const keys = await world.app.redis.client.keys(`${world.redis.prefix}:token:*`);
    expect(keys).toEqual([expect.stringMatching(/:token:rmm:.*:refusal$/)]);
    expect(countSignIns()).toBe(1 + RMM_SCOPES.length);
  });

  it('is named by its read where the sign-in leaves it out without a word', async () => {
    await start({
      rmm: { grantedScopes: without('sites', 'tickets'), quirks: { ungrantedScope: 'dropped' } },
    });
    const told = await look();
    const [mark, sites] = [told.get('sign-in'), told.get('sites.read')];
    expect(mark).toBe('✓ accepted');
    expect(sites).toBe(
      '✗ Listing the sites of ConnectWise RMM: ConnectWise RMM answered 403: client has no access. ' +
        'Grant platform.sites.read in ConnectWise RMM (Integrations > API Access). ' +
        'It counts from the next token on: check again; a daemon has it within an hour.',
    );
    expect(told.get('tickets.read')).toMatch(
      /^! .* Grant platform\.tickets\.read in .*, or take it out of rmm\.scope: nothing in this config needs it\. /,
    );
    expect(countSignIns()).toBe(1);
  });
});

describe('the scopes of rmm.scope', () => {
  it('are each proved by a read of its own', async () => {
    await start();
    const told = await look();
    expect([...told.keys()]).toEqual([
      'sign-in',
      ...RMM_SCOPES.map((scope) => scope.replace('platform.', '')),
    ]);
    expect([...told.values()].every((text) => text.startsWith('✓'))).toBe(true);
    const paths = world.rmm.requests.map(({ path }) => path).filter((path) => path !== TOKEN);
    expect(paths).toEqual([
      '/api/platform/v1/company/companies',
      '/api/platform/v1/company/sites',
      '/api/platform/v2/device/categories/all/endpoints',
      expect.stringMatching(/^\/api\/platform\/v1\/device\/clients\/.*\/endpoints$/),
      '/api/platform/v2/service/ticketing/tickets',
    ]);
  });

  it('are proved by the old device API where that is used, and the state of a device by itself', async () => {
    await start({ config: { rmm: { deviceApi: 'v1' } } });
    const told = await look();
    expect(told.get('asset.read')).toMatch(/^✓ 9 devices of .*, by the old device API$/);
    expect(told.get('devices.read')).toMatch(/^✓ the state of a device of /);
    expect(world.rmm.requests.some(({ path }) => path.endsWith('/system-state-info'))).toBe(true);
  });

  it('name also what the integrator reads nothing by', async () => {
    const scope = `${RMM_SCOPES.join(' ')} platform.agent.read`;
    await start({ config: { rmm: { scope } }, rmm: { grantedScopes: scope.split(' ') } });
    expect((await look()).get('agent.read')).toBe(
      '✓ accepted at the sign-in; the integrator reads nothing by it',
    );
  });

  it('lack one that this config needs', async () => {
    const scope = 'platform.companies.read platform.devices.read';
    await start({ config: { rmm: { scope } } });
    const told = await look();
    expect([...told.keys()]).toEqual(['sign-in', 'companies.read', 'sites.read', 'devices.read']);
    expect(told.get('sites.read')).toMatch(
      /^✗ .* 403: client has no access\. Add platform\.sites\.read to rmm\.scope, and grant it in ConnectWise RMM .*\.$/,
    );
  });

  it.each([
    ['✗', 'asset.read', { rmm: { deviceApi: 'v1' } }],
    ['✗', 'devices.read', { rmm: { deviceApi: 'v1' }, assets: { ...ASSETS, user: { from: USER } } }],
    ['!', 'devices.read', { rmm: { deviceApi: 'v1' } }],
    ['!', 'asset.read', {}],
    ['✗', 'tickets.read', { alerts: { ...ALERTS, poll: '5m' } }],
    ['!', 'tickets.read', { alerts: ALERTS }],
  ])('are failures (✗) only where they are needed: %s %s, %j', async (mark, scope, config) => {
    const quirks = { ungrantedScope: 'dropped' } as const;
    await start({ config, rmm: { grantedScopes: without(scope.replace('.read', '')), quirks } });
    expect((await look()).get(scope)).toMatch(new RegExp(`^${mark} .*403: client has no access`));
  });
});

describe('a sign-in that is refused for another reason', () => {
  it('is not tried with each scope: a wrong secret is sent once more, without any', async () => {
    await start({ config: { rmm: { clientSecret: 'wrong' } } });
    const told = await look();
    expect(told.get('sign-in')).toMatch(/^✗ ConnectWise RMM refused the sign-in \(401: invalid_client\)\. /);
    expect(told.get('sites.read')).toBe('– not asked, because of the failure above');
    expect(countSignIns()).toBe(2);
  });

  const isTokenAsked = ({ path }: { path: string }) => path === TOKEN;
  const answerTokens = (status: number, error: string) =>
    world.rmm.faults.add({ match: isTokenAsked, action: { do: 'answer', status, body: { error } } });

  it('is told from a locked key, which is not asked again', async () => {
    await start();
    answerTokens(423, 'locked');
    const told = await look();
    expect(told.get('sign-in')).toMatch(/^✗ .*423: locked\. The key is locked for a while, .* Wait\.$/);
    expect(countSignIns()).toBe(1);
  });

  it('is refused although a token from before is still good, which is left to the others', async () => {
    await start();
    expect((await look()).get('sign-in')).toBe('✓ accepted');
    answerTokens(401, 'invalid_client');
    const told = await look();
    expect(told.get('sign-in')).toMatch(/^✗ ConnectWise RMM refused the sign-in \(401: invalid_client\)\. /);
    expect(told.get('companies.read')).toBe('– not asked, because of the failure above');
    expect((await world.run('sites')).state).toBe('succeeded');
  });

  it('is not tried while the key is locked, and the token from before is used', async () => {
    await start();
    await look();
    answerTokens(423, 'locked');
    for (const signIns of [2, 2]) {
      const told = await look();
      expect(told.get('sign-in')).toMatch(
        /^! A token from (\d|<1) s ago is in use; the sign-in itself could not be tried, since the key is locked for a while\. .*423: locked\. .*Call "halo-integrator check" again later\.$/,
      );
      expect(told.get('companies.read')).toMatch(/^✓ /);
      expect(countSignIns()).toBe(signIns);
    }
  });

  it('stops trying once the key is locked', async () => {
    await start({
      rmm: { grantedScopes: without('tickets'), quirks: { tokenLimit: { requests: 3, windowMs: 60_000 } } },
    });
    const told = await look();
    expect([told.get('companies.read'), told.get('sites.read')]).toEqual([GRANTED, GRANTED]);
    for (const part of ['devices.read', 'asset.read', 'tickets.read'])
      expect(told.get(part)).toMatch(/^– not tried: .*423: .* The key is locked for a while, .* Wait\.$/);
    expect(countSignIns()).toBe(4);
  });
});
