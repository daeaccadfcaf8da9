import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type pino from 'pino';
import { messageOf } from '../inventory/sentence.js';
import type { RedisTarget } from './redis-url.js';

/** The redis-server of a data directory, used by every process that works on that directory. */
export interface EmbeddedServer {
  target: RedisTarget;
  /** Starts the server where it does not run. Calls at the same time share one attempt. */
  ensureRunning(): Promise<void>;
  /** Ends the server where nobody else is connected: the last one out turns off the light. Never rejects. */
  leave(): Promise<void>;
}

/** Time to read a large append-only file as well. */
const START_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 1_000;
const LEAVE_TIMEOUT_MS = 2_000;
const LEAVING = 'halo-integrator-leaving';

/** A unix socket's path has 108 bytes on Linux, the closing zero included. */
const LONGEST_SOCKET_PATH = 107;

const NO_SERVER = 69;
const NO_FLOCK = 70;
const LOCKED = 75;

/**
 * The server itself holds the lock, on a descriptor that it inherits, for as long as it lives. So two servers never
 * write one append-only file, whoever starts them at the same time and however they end; nothing is left to
 * clean up after a crash. The environment, which holds our secrets, is not passed on.
 */
const START_SCRIPT = `
command -v flock >/dev/null || exit ${NO_FLOCK}
server=$(command -v redis-server || command -v valkey-server) || exit ${NO_SERVER}
exec 9>redis.lock
flock -n 9 || exit ${LOCKED}
exec env -i PATH="$PATH" "$server" "$@"
`;

const SERVER_OPTIONS = Object.entries({
  port: '0',
  unixsocket: 'redis.sock',
  unixsocketperm: '700',
  save: '',
  appendonly: 'yes',
  'maxmemory-policy': 'noeviction',
  loglevel: 'warning',
}).flatMap(([name, value]) => [`--${name}`, value]);

/**
 * Finds or starts the server of `dataDir`. It is detached, so that it outlives this process while others use it.
 * @throws Error a sentence: no redis-server is installed, the directory cannot be used, or the server does not start.
 */
export async function openEmbedded(dataDir: string, log: pino.Logger): Promise<EmbeddedServer> {
  const dir = resolve(dataDir);
  const socket = await openSocketPath(dir);
  let starting: Promise<void> | undefined;
  const ensureRunning = () => {
    starting ??= untilAnswering(dir, socket.path, log).finally(() => {
      starting = undefined;
    });
    return starting;
  };
  try {
    await ensureRunning();
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    target: { options: { path: socket.path }, describe: `${join(dir, 'redis.sock')} (embedded)` },
    ensureRunning,
    leave: () => leave(socket.path).finally(socket.close),
  };
}

/**
 * Makes the directory, and gives a path to its socket that fits into a socket address. Where the directory lies too
 * deep, the path leads through a descriptor that is kept open, which Linux offers below /proc/self/fd.
 */
async function openSocketPath(dir: string): Promise<{ path: string; close: () => void }> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const path = join(dir, 'redis.sock');
    if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return { path, close: () => undefined };
    const descriptor = openSync(dir, 'r');
    let isOpen = true;
    const close = () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    };
    return { path: `/proc/self/fd/${descriptor}/redis.sock`, close };
  } catch (error) {
    throw unusable(dir, error);
  }
}

function unusable(dir: string, error: unknown): Error {
  const reason = messageOf(error);
  return new Error(
    `The data directory ${dir} cannot be used: ${reason}. Check redis.dataDir and who owns it.`,
  );
}

async function untilAnswering(dir: string, socketPath: string, log: pino.Logger): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let child: ChildProcess | undefined;
  while (!(await answers(socketPath))) {
    if (performance.now() > deadline) throw await startFailure(dir, child?.exitCode ?? null);
    if (child === undefined || isAnotherTurn(child)) {
      if (child === undefined) log.debug(`Starting a redis-server in ${dir}.`);
      child = spawnServer(dir);
    } else if (hasEnded(child)) {
      throw await startFailure(dir, child.exitCode);
    }
    await pause(25);
  }
}

/** Another server was there, starting or ending, or somebody has already ended ours: worth another attempt. */
function isAnotherTurn(child: ChildProcess): boolean {
  return child.exitCode === LOCKED || child.exitCode === 0;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function spawnServer(dir: string): ChildProcess {
  let logFile: number;
  try {
    logFile = openSync(join(dir, 'redis.log'), 'a', 0o600);
  } catch (error) {
    throw unusable(dir, error);
  }
  const child = spawn('sh', ['-c', START_SCRIPT, 'sh', ...SERVER_OPTIONS], {
    cwd: dir,
    detached: true,
    stdio: ['ignore', logFile, logFile],
  });
  closeSync(logFile);
  child.on('error', () => undefined); // No shell: the time-out reports that the server does not answer.
  child.unref();
  return child;
}

async function startFailure(dir: string, exitCode: number | null): Promise<Error> {
  const otherWay = 'or set redis.url (REDIS_URL) to a Redis of your own.';
  if (exitCode === NO_SERVER) {
    return new Error(
      `No redis-server or valkey-server is installed. Install one (apt install redis-server, dnf install valkey, apk add redis, brew install redis), ${otherWay}`,
    );
  }
  if (exitCode === NO_FLOCK) {
    return new Error(`The embedded redis-server needs the program flock. Install util-linux, ${otherWay}`);
  }
  if (exitCode === LOCKED) {
    return new Error(
      `A redis-server holds ${join(dir, 'redis.lock')} but does not answer on redis.sock beside it. End it and try again, ${otherWay}`,
    );
  }
  const log = await readFile(join(dir, 'redis.log'), 'utf8').catch(() => '');
  const lastLine = log.trim().split('\n').at(-1) || 'it said nothing';
  return new Error(`The redis-server in ${dir} did not start: ${lastLine}. See redis.log there, ${otherWay}`);
}

/** Not only listens: a server does that before it has read its file, and may still end over what it finds there. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(socketPath, () => socket.write('PING\r\n'));
    const settle = (isAnswer: boolean) => {
      socket.destroy();
      done(isAnswer);
    };
    socket.setTimeout(PING_TIMEOUT_MS, () => settle(false));
    socket.once('data', (reply) => settle(reply.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}

/**
 * To be called when our own connections are closed. Others that are leaving at the same time do not count, so that
 * the last one finds itself alone. Who connects just after the look round loses the server, and starts it anew.
 */
async function leave(socketPath: string): Promise<void> {
  const redis = new Redis({
    path: socketPath,
    connectionName: LEAVING,
    retryStrategy: () => null,
    commandTimeout: LEAVE_TIMEOUT_MS,
  });
  redis.on('error', () => undefined);
  try {
    const clients = String(await redis.client('LIST'))
      .trim()
      .split('\n');
    if (clients.every((line) => line.includes(` name=${LEAVING} `))) await redis.shutdown();
  } catch {
    // It has ended, which is also how it answers SHUTDOWN; or it is stuck, and is left alone.
  } finally {
    redis.disconnect();
  }
}
