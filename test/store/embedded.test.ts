import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRedis, type RedisHandle } from '../../src/store/redis.js';
import { recordLog } from '../support/log.js';
import { waitFor } from '../support/wait.js';

let dataDir: string;
let opened: RedisHandle[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'test-embedded-'));
  opened = [];
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.map((handle) => handle.close()));
  await untilServerEnded();
  await rm(dataDir, { recursive: true });
});

/** Each call is what a process of its own would do: the server is found by its directory alone. */
async function open(dir = dataDir, { log } = recordLog()): Promise<RedisHandle> {
  const handle = await openRedis({ prefix: 'test', dataDir: dir }, log);
  opened.push(handle);
  return handle;
}

/** The lock is the server's for as long as it lives. */
function isServerRunning(dir = dataDir): boolean {
  return spawnSync('flock', ['--nonblock', join(dir, 'redis.lock'), 'true']).status !== 0;
}

async function untilServerEnded(): Promise<void> {
  await waitFor(() => !isServerRunning(), { what: 'the embedded server has ended' });
}

async function processId(redis: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
}

describe('the embedded server', () => {
  it('keeps an append-only file, evicts nothing, and listens on a socket for this user only', async () => {
    const { client, embedded, describe } = await open();
    expect(embedded).toBe(true);
    expect(describe).toBe(`${dataDir}/redis.sock (embedded)`);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'port')).toEqual(['port', '0']);
    expect((await stat(join(dataDir, 'redis.sock'))).mode & 0o777).toBe(0o700);
  });

  it('does not get to see our environment, which holds secrets', async () => {
    vi.stubEnv('HALO_CLIENT_SECRET', 'not for redis');
    const { client } = await open();
    const environment = await readFile(`/proc/${await processId(client)}/environ`, 'utf8');
    expect(environment).not.toContain('not for redis');
  });

  it('ends with the last who closes, and has kept everything when it is started again', async () => {
    const first = await open();
    const second = await open();
    await first.client.set('key', 'value');
    await first.close();
    expect(await second.client.get('key')).toBe('value');
    await second.close();
    await untilServerEnded();
    expect(await (await open()).client.get('key')).toBe('value');
  });

  it('is one server, however many start at the same time', async () => {
    const handles = await Promise.all(Array.from({ length: 8 }, () => open()));
    const ids = await Promise.all(handles.map(({ client }) => processId(client)));
    expect(new Set(ids).size).toBe(1);
    const starts = (await readFile(join(dataDir, 'redis.log'), 'utf8')).match(/is starting/g);
    expect(starts).toHaveLength(1);
  });

  it('ends when all close at the same time', async () => {
    const handles = await Promise.all(Array.from({ length: 8 }, () => open()));
    await Promise.all(handles.map((handle) => handle.close()));
    await untilServerEnded();
  });

  it('serves whoever comes while another is leaving', async () => {
    let last = await open();
    for (let round = 0; round < 10; round++) {
      const [next] = await Promise.all([open(), last.close()]);
      expect(await next.client.incr('rounds')).toBe(round + 1);
      last = next;
    }
  });

  it('is started again with its data when it is killed under a long-lived process', async () => {
    const { client } = await open();
    await client.config('SET', 'appendfsync', 'always');
    await client.set('key', 'value');
    const before = await processId(client);
    process.kill(before, 'SIGKILL');
    await waitFor(() => client.status !== 'ready', { what: 'the connection is lost' });
    await waitFor(() => client.status === 'ready', { what: 'the connection is back' });
    expect(await processId(client)).not.toBe(before);
    expect(await client.get('key')).toBe('value');
  });

  it('works in a directory that lies too deep for a socket address', async () => {
    const deep = join(dataDir, 'd'.repeat(60), 'e'.repeat(60));
    const { client, close } = await open(deep);
    expect(await client.ping()).toBe('PONG');
    expect(await (await open(deep)).client.ping()).toBe('PONG');
    await Promise.all([close(), opened.at(-1)?.close()]);
    await waitFor(() => !isServerRunning(deep));
  });
});

describe('where the embedded server cannot be started', () => {
  it.each([
    [
      'no server',
      ['sh', 'flock', 'env'],
      /No redis-server or valkey-server is installed.*apt install.*REDIS_URL/,
    ],
    ['no flock', ['sh', 'env', 'redis-server'], /needs the program flock.*REDIS_URL/],
  ])('a sentence says that %s is installed, and what to do', async (_, programs, sentence) => {
    const bin = join(dataDir, 'bin');
    await mkdir(bin);
    for (const program of programs) {
      const path = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
      await symlink(path, join(bin, program));
    }
    vi.stubEnv('PATH', bin);
    await expect(open()).rejects.toThrow(sentence);
  });

  it('a sentence repeats the last line of the log', async () => {
    await mkdir(join(dataDir, 'appendonlydir'));
    await writeFile(join(dataDir, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n');
    await expect(open()).rejects.toThrow(/did not start: .*manifest.*See redis.log there/i);
  });

  it('a sentence names the directory that cannot be used', async () => {
    const path = join(dataDir, 'file');
    await writeFile(path, '');
    await expect(open(path)).rejects.toThrow(`The data directory ${path} cannot be used: EEXIST`);
  });
});
