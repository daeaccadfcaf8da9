import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { checkServerFacts, openRedis, type RedisHandle, readServerFacts } from '../../src/store/redis.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function server(options?: Parameters<typeof startRedis>[0]): Promise<TestRedis> {
  const redis = await startRedis(options);
  toClose.unshift(redis.stop); // Ended last: BullMQ does not close without Redis.
  return redis;
}

async function open(url: string, { log } = recordLog(), timeoutMs = 2_000): Promise<RedisHandle> {
  const handle = await openRedis({ url, prefix: 'test', dataDir: '/nowhere' }, log, { timeoutMs });
  toClose.push(handle.close);
  return handle;
}

describe('openRedis', () => {
  it('gives a client that works, and describes the address', async () => {
    const redis = await server({ own: true });
    const handle = await open(redis.url);
    await handle.client.set('key', 'value');
    expect(await handle.client.get('key')).toBe('value');
    expect(handle).toMatchObject({ describe: redis.url, embedded: false });
  });

  it('says which address it did not reach, why, and what to check', async () => {
    const redis = await server({ own: true });
    await redis.kill();
    const { log, messages } = recordLog();
    await expect(open(redis.url, { log, messages }, 300)).rejects.toThrow(
      `Redis at ${redis.url} was not reached within 0.3 s: connect ECONNREFUSED 127.0.0.1:${redis.port}. Check redis.url`,
    );
    expect(messages).toEqual([]);
  });

  it('gives up on a Redis that accepts the connection and then says nothing', async () => {
    const redis = await server({ own: true });
    redis.freeze();
    await expect(open(redis.url, recordLog(), 300)).rejects.toThrow(
      /was not reached within 0.3 s: no answer/,
    );
  });

  it('waits for a Redis that is still starting', async () => {
    const first = await server({ own: true });
    await first.kill();
    const opening = open(first.url, recordLog(), 10_000);
    await server({ port: first.port });
    expect(await (await opening).client.ping()).toBe('PONG');
  });

  it('signs in with an ACL user, and refuses a wrong password at once without repeating it', async () => {
    const redis = await server({ own: true });
    const admin = await open(redis.url);
    await admin.client.acl('SETUSER', 'ann', 'on', '>secret', 'allcommands', 'allkeys');
    const address = `127.0.0.1:${redis.port}`;
    const { log, messages } = recordLog();
    expect(await (await open(`redis://ann:secret@${address}`)).client.acl('WHOAMI')).toBe('ann');

    const refused = open(`redis://ann:wr0ng@${address}`, { log, messages }, 10_000);
    await expect(refused).rejects.toThrow(
      /refused the sign-in: WRONGPASS.*Check user and password in redis.url/,
    );
    await expect(refused).rejects.not.toThrow(/wr0ng/);
    expect(messages.join('\n')).not.toContain('wr0ng');
  });

  it('warns of an eviction policy that may throw away jobs', async () => {
    const redis = await server({ own: true });
    const { log, messages } = recordLog();
    const { client } = await open(redis.url, { log, messages });
    expect(messages.join()).not.toContain('eviction');
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await readServerFacts(client)).toMatchObject({ evictionPolicy: 'allkeys-lru' });
    await open(redis.url, { log, messages });
    expect(messages).toContainEqual(expect.stringMatching(/^warn: .*eviction policy is allkeys-lru/));
  });
});

describe('checkServerFacts', () => {
  const check = (version: string) =>
    checkServerFacts({ version, evictionPolicy: null }, 'redis://cache:6379', recordLog().log);

  it.each(['5.0.7', '6.0.16'])('refuses Redis %s', (version) => {
    expect(() => check(version)).toThrow(`Redis at redis://cache:6379 is version ${version}; 6.2 or newer`);
  });

  it.each(['6.2.0', '7.2.4', '8.0.1', 'unknown'])('takes Redis %s', (version) => {
    expect(() => check(version)).not.toThrow();
  });
});

describe('while Redis is away', () => {
  it('fails a command within seconds, logs one line however many connections are lost, and recovers', async () => {
    const redis = await server({ own: true });
    const { log, messages } = recordLog();
    const handle = await open(redis.url, { log, messages });
    await handle.connection('worker').ping();
    await redis.kill();
    await expect(handle.client.ping()).rejects.toThrow();
    const away = () => messages.filter((message) => message.startsWith('error: '));
    await waitFor(() => away().length > 0);
    expect(away()).toEqual([
      `error: Redis at ${redis.url} is not usable: connect ECONNREFUSED 127.0.0.1:${redis.port}. Trying until it is.`,
    ]);

    await server({ port: redis.port });
    await waitFor(() => messages.includes(`info: Redis at ${redis.url} is usable again.`), {
      timeoutMs: 15_000,
      what: 'the log says that Redis is back',
    });
    expect(await handle.client.ping()).toBe('PONG');
    expect(away()).toHaveLength(1);
  });

  it('fails a queue at once, and lets a worker go on when Redis is back', async () => {
    const redis = await server({ own: true });
    const handle = await open(redis.url);
    const queue = new Queue('work', { connection: handle.connection('queue') });
    const done: string[] = [];
    const worker = new Worker('work', async (job) => done.push(job.name), {
      connection: handle.connection('worker'),
    });
    toClose.push(
      () => queue.close(),
      () => worker.close(),
    );
    queue.on('error', () => undefined);
    worker.on('error', () => undefined);
    await queue.add('before', {});
    await waitFor(() => done.includes('before'));

    await redis.kill();
    await waitFor(() => handle.connection('queue').status !== 'ready');
    await expect(queue.add('meanwhile', {})).rejects.toThrow();

    await server({ port: redis.port });
    await waitFor(() => handle.connection('queue').status === 'ready', { timeoutMs: 15_000 });
    await queue.add('after', {});
    await waitFor(() => done.includes('after'), { timeoutMs: 15_000, what: 'the worker works again' });
  });
});

describe('whether Redis is usable', () => {
  it('is proven by having it keep something', async () => {
    const redis = await server({ own: true });
    const { client, whyUnusable } = await open(redis.url);
    expect(await whyUnusable()).toBeNull();
    await client.config('SET', 'min-replicas-to-write', '1');
    expect(await whyUnusable()).toBe('NOREPLICAS Not enough good replicas to write');
    await client.config('SET', 'min-replicas-to-write', '0', 'maxmemory', '1');
    expect(await whyUnusable()).toBe("OOM command not allowed when used memory > 'maxmemory'");
    await client.config('SET', 'maxmemory', '0');
    await client.replicaof('127.0.0.1', 1);
    expect(await whyUnusable()).toBe("READONLY You can't write against a read only replica");
    await client.replicaof('NO', 'ONE');
    expect(await whyUnusable()).toBeNull();
  });

  it('is told within seconds where it has frozen, and in the log once', async () => {
    const redis = await server({ own: true });
    const { log, messages } = recordLog();
    const { whyUnusable } = await open(redis.url, { log, messages });
    redis.freeze();
    expect(await whyUnusable()).toBe('it does not answer');
    const said = `error: Redis at ${redis.url} is not usable: it does not answer. Trying until it is.`;
    await waitFor(() => messages.includes(said));
    redis.thaw();
    await waitFor(() => messages.includes(`info: Redis at ${redis.url} is usable again.`));
    expect(messages).toHaveLength(2);
  });
});

describe('close', () => {
  it('ends every connection, and does so once', async () => {
    const redis = await server({ own: true });
    const observer = new Redis(redis.url);
    toClose.push(async () => observer.disconnect());
    const handle = await open(redis.url);
    await Promise.all([
      handle.connection('worker').ping(),
      handle.connection('queue').once('ready', () => undefined),
    ]);
    await Promise.all([handle.close(), handle.close()]);
    await waitFor(
      async () =>
        String(await observer.client('LIST'))
          .trim()
          .split('\n').length === 1,
      {
        what: 'only the observer is connected',
      },
    );
  });

  it('ends although Redis is away', async () => {
    const redis = await server({ own: true });
    const handle = await open(redis.url);
    await redis.kill();
    await waitFor(() => handle.client.status !== 'ready');
    await handle.close();
    expect(['end', 'close', 'reconnecting']).toContain(handle.client.status);
  });

  it('ends although Redis has frozen', async () => {
    const redis = await server({ own: true });
    const handle = await open(redis.url);
    redis.freeze();
    await handle.close();
    await waitFor(() => handle.client.status === 'end');
  });
});
