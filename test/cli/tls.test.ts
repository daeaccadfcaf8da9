import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeFleet } from '../../src/demo/fleet.js';
import { openRedis } from '../../src/store/redis.js';
import { type Command, runCommand, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type AuthorityFiles, addTlsPort, tlsInFrontOf, writeAuthority } from '../support/tls.js';

const PASSWORD = 'Marked/Password+1';
/** What SECURITY.md says that the integrator needs, and no more. */
const LEAST = [
  'resetchannels',
  '+@all',
  '-@admin',
  '-@dangerous',
  '+info',
  '+client|list',
  '+client|setname',
];

let authority: AuthorityFiles;
let redis: TestRedis;
let world: Integrator;
let daemon: Command | undefined;
let fronts: { url: string; close(): void }[] = [];
let redisUrl: string | null;

beforeAll(async () => {
  [authority, redis] = await Promise.all([writeAuthority(), startRedis({ own: true })]);
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 6, seed: 'tls' });
  const schedules = { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' };
  world = await startIntegrator({ redis, rmm: { fleet }, config: { schedules, log: { level: 'info' } } });
  const rights = ['on', `>${PASSWORD}`, `~${world.redis.prefix}:*`, ...LEAST];
  await world.app.redis.client.acl('SETUSER', 'ann', ...rights);
  fronts = [await tlsInFrontOf(world.halo.url), await tlsInFrontOf(world.rmm.url)];
  const port = await addTlsPort(redis, authority);
  redisUrl = port === null ? null : `rediss://ann:${encodeURIComponent(PASSWORD)}@localhost:${port}`;
  const config = parse(await readFile(world.configPath, 'utf8'));
  [config.halo.url, config.rmm.url] = fronts.map(({ url }) => url);
  if (redisUrl) config.redis.url = redisUrl;
  await writeFile(world.configPath, stringify(config));
});

afterAll(async () => {
  daemon?.child.kill('SIGKILL');
  await daemon?.end();
  await world.close();
  for (const front of fronts) front.close();
  await redis.stop();
  await authority.remove();
});

const hi = (args: string[], env: Record<string, string>) =>
  runCommand([...args, '--config', world.configPath], env);

it('with the authority in NODE_EXTRA_CA_CERTS, all goes over TLS: Redis as an ACL user with few rights, Halo and the RMM', async (test) => {
  if (!redisUrl) return test.skip('This redis-server was built without TLS.');
  const env = { NODE_EXTRA_CA_CERTS: authority.certPath };
  const checked = await hi(['check'], env);
  expect(checked.stdout).toContain('Ticketing API Configured Successfully.');
  daemon = startCommand(['start', '--config', world.configPath], env);
  await daemon.says('The integrator is up.');
  const run = await hi(['run', 'sites', '--wait'], env);
  const shown = await hi(['status', '--json'], env);
  expect([checked.code, run.code, shown.code]).toEqual([0, 0, 0]);
  expect(JSON.parse(shown.stdout).daemons).toHaveLength(1);
  expect(await world.app.redis.client.acl('LOG')).toEqual([]);
});

it('a certificate that nobody vouches for is refused, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
  const asked = world.halo.requests.length + world.rmm.requests.length;
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', REDIS_URL: redis.url };
  const { code, stdout, stderr } = await hi(['check'], env);
  expect(code).toBe(1);
  expect(stdout.match(/could not be reached \(DEPTH_ZERO_SELF_SIGNED_CERT\)/g)).toHaveLength(2);
  expect(stdout).toContain('name that in NODE_EXTRA_CA_CERTS.');
  expect(stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is set, and changes nothing');
  expect(world.halo.requests.length + world.rmm.requests.length).toBe(asked);
});

it('so is that of Redis, before the password is sent', async (test) => {
  if (!redisUrl) return test.skip('This redis-server was built without TLS.');
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const config = { url: redisUrl, prefix: 'test', dataDir: '/nowhere' };
  const opening = openRedis(config, recordLog().log, { timeoutMs: 300 });
  await expect(opening).rejects.toThrow(
    /^Redis at rediss:\/\/localhost:\d+ was not reached within 0.3 s: self-signed certificate\..*NODE_EXTRA_CA_CERTS\.$/,
  );
  vi.unstubAllEnvs();
  expect(await world.app.redis.client.acl('LOG')).toEqual([]);
});
