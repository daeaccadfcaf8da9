import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminServer, openAdmin } from '../../src/daemon.js';
import { makeFleet } from '../../src/demo/fleet.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';

let all: Integrator;
let admin: AdminServer;

async function start(world: World = {}): Promise<void> {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 12, seed: 'admin' });
  all = await startIntegrator({ rmm: { fleet }, ...world });
  admin = await openAdmin(all.app);
}

afterEach(async () => {
  await admin.close();
  await all.close();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${admin.url}${path}`, { headers });

describe('the admin port', () => {
  it('says that the process is alive, and ready, and nothing on other paths', async () => {
    await start();
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, reasons: [], warnings: [] });
    expect((await get('/nowhere')).status).toBe(404);
    expect((await fetch(`${admin.url}/readyz`, { method: 'POST' })).status).toBe(404);
  });

  it('is not ready without Redis, and says so', async () => {
    await start();
    all.app.redis.client.disconnect();
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ready: false,
      reasons: [expect.stringMatching(/^Redis is not usable: /)],
    });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('is ready, though another version has left what cannot be read', async () => {
    await start();
    const { app, redis } = all;
    const report = { id: 'assets-1', state: 'failed', durationMs: 1, counts: {} };
    await app.redis.client.hset(`${redis.prefix}:runs:reports`, 'assets', JSON.stringify(report));
    await app.redis.client.set(`${redis.prefix}:run:assets-1`, '{"kind":"ghosts"}');
    await app.redis.client.set(`${redis.prefix}:away:Halo:bulk`, '{"since":"noon"}');
    const answer = await get('/readyz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ready: true, reasons: [] });
  });

  it('is ready, and warns, where Redis may throw away jobs', async () => {
    await start();
    await all.app.redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await (await get('/readyz')).json()).toEqual({
      ready: true,
      reasons: [],
      warnings: [
        'The eviction policy is allkeys-lru, which may throw away jobs. Set maxmemory-policy to noeviction.',
      ],
    });
  });

  it('wants the token, where one is set, for all but the health of the process', async () => {
    await start({ config: { admin: { port: 0, token: 'admin-token-of-the-test' } } });
    expect((await get('/healthz')).status).toBe(200);
    for (const path of ['/readyz', '/metrics', '/nowhere']) {
      const refused = await get(path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect((await get(path, { authorization: 'Bearer admin-token-of-the-tes' })).status).toBe(401);
    }
    expect((await get('/metrics', { authorization: 'Bearer admin-token-of-the-test' })).status).toBe(200);
  });

  it('is a warning where its port is taken: the work goes on', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { log, messages } = recordLog();
    try {
      await start({ log, config: { admin: { port } } });
      expect(admin.url).toBeNull();
      expect(messages).toContainEqual(
        expect.stringContaining(`warn: The admin port 127.0.0.1:${port} could not be opened`),
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
