import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, startCommand } from '../support/command.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let redis: TestRedis;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(() => redis.stop());

/** Of a Halo that the demo shall not ask. */
const SOMEBODYS_SECRETS = {
  HALO_CLIENT_ID: 'real-id',
  HALO_CLIENT_SECRET: 'real-secret',
  RMM_CLIENT_ID: 'real-id',
  RMM_CLIENT_SECRET: 'real-secret',
};

async function demoKeys(): Promise<string[]> {
  const client = new Redis(redis.url);
  try {
    return await client.keys('halo-integrator-demo-*');
  } finally {
    client.disconnect();
  }
}

describe('demo', () => {
  it('tells the story to its end on the Redis of REDIS_URL, and leaves nothing there', async () => {
    const before = await demoKeys();
    const env = { ...SOMEBODYS_SECRETS, REDIS_URL: redis.url };
    const { code, stdout, stderr } = await runCommand(['demo', '--once'], env);
    expect(stdout).toMatch(/^link +Harbor Dental \/ Main office /m);
    expect(stdout).toMatch(/^update +HDG-WS-05 .*matched by Serial Number/m);
    expect(stdout).toMatch(/^reactivate +HDG-WS-06 .*inactive: yes → no/m);
    expect(stdout).toMatch(/asks ConnectWise RMM, and Halo not at all.*41 unchanged\n.* 0 to Halo\./s);
    expect(stdout).toMatch(/^deactivate +\S.* \/ \S+ +\d+ +gone from ConnectWise RMM: .*inactive: no → yes/m);
    expect(stdout).toMatch(/1 read: 1 deactivated\n.*is back.*1 reactivated\n/s);
    expect(stdout).toMatch(/\n== Halo now has 42 assets\.\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await demoKeys()).toEqual(before);
  });

  it('stays up, and ends on Ctrl+C', async () => {
    const demo = startCommand(['demo'], { REDIS_URL: redis.url });
    await demo.says('Ctrl+C ends it.');
    await demo.says('plan assets --config');
    const [, console = ''] = /The console, in your browser: (\S+)/.exec(demo.output()) ?? [];
    expect(await (await fetch(console)).text()).toContain('<h1>Overview</h1>');
    const [, configPath = ''] = /plan assets --config (\S+)/.exec(demo.output()) ?? [];
    const { stdout } = await runCommand(['status', '--config', configPath], { REDIS_URL: redis.url });
    expect(stdout).toMatch(new RegExp(`^Daemons .*/${demo.child.pid}$`, 'm'));
    demo.child.kill('SIGINT');
    expect((await demo.end()).code).toBe(0);
    expect(await demoKeys()).toEqual([]);
  });

  it('says how to get a redis-server where there is none', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'bin-'));
    for (const program of ['sh', 'env', 'flock']) await symlink(`/usr/bin/${program}`, join(bin, program));
    const { code, stderr } = await runCommand(['demo', '--once'], { PATH: bin });
    await rm(bin, { recursive: true });
    expect(stderr).toMatch(/^No redis-server or valkey-server is installed\. Install one .*REDIS_URL.*\n$/);
    expect(code).toBe(1);
  });
});
