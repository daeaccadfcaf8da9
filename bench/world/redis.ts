import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endWithUs } from './children.js';

/** A Redis of its own, set up as the manual asks for: append-only file, nothing evicted. */
export interface BenchRedis {
  url: string;
  client: Redis;
  version: string;
  /** Of all that is kept. */
  usedBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a redis-server, or valkey-server, on a free port. */
export async function startRedis(): Promise<BenchRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const port = await freePort();
  const child = await startServer(['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...SETTINGS]);
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // Refused until the server listens.
  const read = async (section: string, name: string) => lineOf(await client.info(section), name);
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    version: await read('server', 'redis_version'),
    usedBytes: async () => Number(await read('memory', 'used_memory')),
    async close() {
      client.disconnect();
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const SETTINGS = ['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];

async function startServer(args: string[]) {
  for (const program of ['redis-server', 'valkey-server']) {
    const child = spawn(program, args, { stdio: 'ignore' });
    try {
      await once(child, 'spawn');
      endWithUs(child);
      return child;
    } catch {
      // The other one, then.
    }
  }
  throw new Error('There is neither redis-server nor valkey-server: script/bootstrap installs one.');
}

function lineOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
