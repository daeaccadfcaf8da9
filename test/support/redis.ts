import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';

export interface TestRedis {
  url: string;
  port: number;
  /** Different for each call, so that two tests on one Redis do not meet. */
  prefix: string;
  /** Ends the server at once (SIGKILL) or with another signal, as a crash would. Resolves once it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after `kill`, on its port; with `appendOnly` it knows what it knew before. */
  restart(): Promise<void>;
  /** Stops the server where it stands: connections stay open, and nothing is answered any more. */
  freeze(): void;
  /** Lets it go on after `freeze`: it then does what it was told meanwhile. */
  thaw(): void;
  /** Ends the server and removes what it left. To be called in `afterEach` or `afterAll`; a second call does nothing. */
  stop(): Promise<void>;
}

/**
 * A real Redis for one test file: the one that REDIS_URL names, else a redis-server (or valkey-server) of its own
 * on a free port of 127.0.0.1, without persistence.
 * @param options.own `true`: never the one of REDIS_URL, because the test kills it.
 * @param options.port as `own`, on this port: a server that comes back, empty, after `kill`.
 * @param options.appendOnly keeps its data in a file that each write reaches.
 */
export async function startRedis(
  options: { own?: boolean; port?: number; appendOnly?: boolean } = {},
): Promise<TestRedis> {
  const shared = process.env.REDIS_URL;
  if (shared && !options.own && options.port === undefined) return sharedRedis(shared);
  const dir = await mkdtemp(join(tmpdir(), 'test-redis-'));
  const { appendOnly = false } = options;
  const started = await startServer(dir, appendOnly, options.port);
  const { port } = started;
  let { child } = started;
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => end(child, signal);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    prefix: newPrefix(),
    kill,
    restart: async () => {
      ({ child } = await startServer(dir, appendOnly, port));
    },
    freeze: () => {
      child.kill('SIGSTOP');
    },
    thaw: () => {
      child.kill('SIGCONT');
    },
    stop: async () => {
      await kill();
      process.off('exit', killWithUs);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A Redis for all tests of a file, with a client on it; both are gone afterwards. To be called at its top. */
export function useRedis(): { readonly redis: Redis; readonly prefix: string } {
  let server: TestRedis | undefined;
  let client: Redis | undefined;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    await client?.quit();
    await server?.stop();
  });
  return {
    get redis() {
      return started(client);
    },
    get prefix() {
      return started(server).prefix;
    },
  };
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('Redis is there only while a test runs.');
  return part;
}

function newPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

/** Another process may take a port between our finding it free and the server's binding it: hence the attempts. */
async function startServer(
  dir: string,
  appendOnly: boolean,
  wantedPort?: number,
): Promise<{ child: ChildProcess; port: number }> {
  let problem: unknown;
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = wantedPort ?? (await freePort());
    for (const program of ['redis-server', 'valkey-server']) {
      const child = spawn(program, serverArguments(dir, port, appendOnly), { stdio: 'ignore' });
      try {
        await once(child, 'spawn');
        await answering(child, port);
        return { child, port };
      } catch (error) {
        problem = error;
        await end(child, 'SIGKILL');
      }
    }
  }
  throw new Error(`No redis-server or valkey-server could be started for the test: ${String(problem)}`);
}

function serverArguments(dir: string, port: number, appendOnly: boolean): string[] {
  const options = {
    port,
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: appendOnly ? 'yes' : 'no',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  const retryStrategy = (attempt: number) => (child.exitCode === null && attempt < 1000 ? 10 : null);
  const redis = new Redis(port, '127.0.0.1', { retryStrategy, maxRetriesPerRequest: null });
  redis.on('error', () => undefined); // Refused until the server listens.
  try {
    const info = await redis.info('server');
    // Another server may have taken the port; ours then ends by itself, but perhaps only after the other answered.
    if (!info.includes(`process_id:${child.pid}\r\n`)) throw new Error(`port ${port} is another server's`);
  } finally {
    redis.disconnect();
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const running = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  if (!running) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function sharedRedis(url: string): TestRedis {
  const prefix = newPrefix();
  const refuse = () => {
    throw new Error('This test harms its Redis: it must ask for startRedis({ own: true })');
  };
  return {
    url,
    port: Number(new URL(url).port || 6379),
    prefix,
    kill: async () => refuse(),
    restart: async () => refuse(),
    freeze: refuse,
    thaw: refuse,
    stop: () => removeKeys(url, prefix),
  };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `*${prefix}*` })) {
    if (keys.length > 0) await redis.del(keys);
  }
  await redis.quit();
}
