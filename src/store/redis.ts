import { Redis } from 'ioredis';
import type pino from 'pino';
import { trustAdvice } from '../api/certificate.js';
import type { Config } from '../config/config.js';
import { RemedyError } from '../inventory/remedy.js';
import { ended } from '../inventory/sentence.js';
import { type EmbeddedServer, openEmbedded } from './embedded.js';
import { forQueues } from './queue-connection.js';
import { type ConnectionOptions, parseRedisUrl, type RedisTarget } from './redis-url.js';
import { codeOf, createProbe, onBroken, type Probe, reasonOf, watchRedis } from './redis-watch.js';

/** Redis as the rest of the program sees it. */
export interface RedisHandle {
  /** For ordinary commands. A command fails after some seconds without Redis; it never hangs. */
  client: Redis;
  /**
   * For BullMQ; one connection for each role, shared by all who ask.
   * `worker` waits for Redis as long as it takes; `queue` fails at once where Redis is away.
   */
  connection(role: 'worker' | 'queue'): Redis;
  /** The address without user and password. */
  describe: string;
  embedded: boolean;
  /** Why Redis cannot be worked with now; `null`: it can. Tells within some seconds. */
  whyUnusable: Probe;
  /** Closes every connection, within seconds even where Redis is away. A second call does nothing more. */
  close(): Promise<void>;
}

/** What BullMQ needs to know of the server behind a connection. */
export interface ServerFacts {
  version: string;
  /** Anything but `noeviction` may throw away jobs. `null` where the server does not tell. */
  evictionPolicy: string | null;
  /** Whether each write goes to a file. `null` where the server does not tell. */
  appendOnly: boolean | null;
}

const SECOND = 1000;
const CLOSE_TIMEOUT_MS = 2 * SECOND;

const COMMON: ConnectionOptions = {
  connectionName: 'halo-integrator',
  connectTimeout: 5 * SECOND,
  // The only thing that ends a connection whose other side has frozen: the keep-alive does not see that, and a
  // blocked worker would wait for ever. Longer than the 10 s for which BullMQ blocks.
  socketTimeout: 30 * SECOND,
};

/** After a failover behind one host name, the old connection still leads to what is now a replica. */
const isReplica = ({ message }: Error) => message.startsWith('READONLY');

/** Five attempts to connect again take about two seconds: time enough for a failover or a restart. */
const BOUNDED: ConnectionOptions = {
  maxRetriesPerRequest: 5,
  commandTimeout: 10 * SECOND,
  reconnectOnError: (error) => (isReplica(error) ? 1 : false),
};

type Role = 'client' | 'worker' | 'queue';

const BY_ROLE: Record<Role, ConnectionOptions> = {
  client: { ...COMMON, ...BOUNDED },
  queue: { ...COMMON, ...BOUNDED, enableOfflineQueue: false },
  // Says again on the next connection what the replica refused.
  worker: {
    ...COMMON,
    maxRetriesPerRequest: null,
    reconnectOnError: (error) => (isReplica(error) ? 2 : false),
  },
};

/**
 * Connects to `redis.url`, or to the embedded server where that is left out.
 * @throws Error a sentence: Redis is not reached within `timeoutMs`, refuses the sign-in, or is too old.
 */
export async function openRedis(
  config: Config['redis'],
  log: pino.Logger,
  { timeoutMs = 10 * SECOND }: { timeoutMs?: number } = {},
): Promise<RedisHandle> {
  const { url, dataDir } = config;
  const server = url === undefined ? await openEmbedded(dataDir, log) : null;
  const target = server?.target ?? parseRedisUrl(url ?? '');
  const connections = openConnections(target, server, log);
  try {
    const client = connections.get('client');
    await untilReady(client, target.describe, timeoutMs);
    checkServerFacts(await readServerFacts(client), target.describe, log);
    const whyUnusable = createProbe(client, `${config.prefix}:probe`);
    const watch = watchRedis(whyUnusable, target.describe, log);
    const close = () => {
      watch.stop();
      return connections.close();
    };
    const { describe } = target;
    return {
      client,
      connection: (role) => forQueues(connections.get(role)),
      describe,
      embedded: server !== null,
      whyUnusable,
      close,
    };
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** Asks the server for its version, eviction policy and persistence. INFO, since hosted servers often forbid CONFIG. */
export async function readServerFacts(redis: Redis): Promise<ServerFacts> {
  const info = await redis.info();
  const read = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? null;
  const aof = read('aof_enabled');
  return {
    version: read('redis_version') ?? 'unknown',
    evictionPolicy: read('maxmemory_policy'),
    appendOnly: aof === null ? null : aof === '1',
  };
}

/**
 * Warns of an eviction policy that may throw away jobs.
 * @throws Error a sentence, where the server is too old: the Lua scripts here and in BullMQ need 6.2.
 */
export function checkServerFacts(
  facts: Omit<ServerFacts, 'appendOnly'>,
  describe: string,
  log: pino.Logger,
): void {
  const { version, evictionPolicy } = facts;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new RemedyError(
      `Redis at ${describe} is version ${version}; 6.2 or newer (or Valkey) is needed.`,
      'Upgrade it, or name another in redis.url.',
    );
  }
  const evicts = whyEvicts(evictionPolicy);
  if (evicts) log.warn(`Redis at ${describe}: ${evicts.message}`);
}

/** What is wrong where Redis may throw away jobs when its memory runs short, else `null`. */
export function whyEvicts(evictionPolicy: ServerFacts['evictionPolicy']): RemedyError | null {
  if (evictionPolicy === null || evictionPolicy === 'noeviction') return null;
  return new RemedyError(
    `The eviction policy is ${evictionPolicy}, which may throw away jobs.`,
    'Set maxmemory-policy to noeviction.',
  );
}

function openConnections(target: RedisTarget, server: EmbeddedServer | null, log: pino.Logger) {
  const open = new Map<Role, Redis>();
  let closing: Promise<void> | undefined;
  return {
    get(role: Role): Redis {
      const known = open.get(role);
      if (known) return known;
      const redis = new Redis({ ...target.options, ...BY_ROLE[role] });
      open.set(role, redis);
      onBroken(redis, server, log, () => closing === undefined);
      return redis;
    },
    close(): Promise<void> {
      closing ??= closeAll([...open.values()]).then(() => server?.leave());
      return closing;
    },
  };
}

function untilReady(redis: Redis, describe: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = 'no answer';
    let advice = '';
    const settle = (error?: Error) => {
      clearTimeout(timer);
      redis.off('error', onError);
      if (error) reject(error);
      else resolve();
    };
    const onError = (error: unknown) => {
      said = reasonOf(error);
      advice = trustAdvice(codeOf(error));
      if (/^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password)/.test(said)) {
        settle(
          new RemedyError(
            `Redis at ${describe} refused the sign-in: ${ended(said)}`,
            'Check user and password in redis.url.',
          ),
        );
      }
    };
    const onTimeout = () =>
      settle(
        new RemedyError(
          `Redis at ${describe} was not reached within ${timeoutMs / SECOND} s: ${ended(said)}`,
          `Check redis.url (REDIS_URL), and that Redis runs and can be reached from here.${advice}`,
        ),
      );
    const timer = setTimeout(onTimeout, timeoutMs);
    redis.on('error', onError);
    redis.once('ready', () => settle());
  });
}

async function closeAll(connections: Redis[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  const quits = connections.map((redis) => (redis.status === 'ready' ? redis.quit() : undefined));
  await Promise.race([Promise.allSettled(quits), late]);
  clearTimeout(timer);
  for (const redis of connections) redis.disconnect();
}
