import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';

/** Without `replyMapping`, which the constructor's types do not take back from RedisOptions. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Where a Redis is, and how sentences call it. */
export interface RedisTarget {
  options: ConnectionOptions;
  /** The address without user and password. */
  describe: string;
}

/** Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch it off. */
const CHECKED = { rejectUnauthorized: true };

const URL_FORM =
  'redis://user:password@host:6379/0, rediss:// for TLS, or redis+sentinel://host1,host2/name/0';

/**
 * Reads `redis.url`:
 * - `redis://[user:password@]host[:port][/db]`, and `rediss://…` for TLS. A certificate authority of one's own
 *   is made known to Node with NODE_EXTRA_CA_CERTS.
 * - `redis+sentinel://[user:password@]host[:port],host[:port]…/name[/db]`, and `rediss+sentinel://…` for TLS to
 *   the sentinels and to Redis. User and password are those of Redis; the sentinels are asked without.
 * A user or password with `@`, `:`, `/` or `%` in it is percent-encoded.
 * @throws Error a sentence that does not repeat the URL, since that holds the password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const match = /^(rediss?)(\+sentinel)?:\/\/(?:([^@/]*)@)?([^@/?]+)((?:\/[^/?]*)*)$/.exec(url);
  if (!match) throw new Error(`redis.url cannot be read. It has the form ${URL_FORM}.`);
  const [, scheme = '', sentinel, credentials = '', hosts = '', path = ''] = match;
  const parts = path.split('/').slice(1);
  const common = { ...readCredentials(credentials) };
  const isTls = scheme === 'rediss';
  return sentinel === undefined
    ? standalone(scheme, hosts, parts, { ...common, isTls })
    : sentinels(scheme, hosts, parts, { ...common, isTls });
}

type Common = Pick<RedisOptions, 'username' | 'password'> & { isTls: boolean };

function standalone(scheme: string, hosts: string, path: string[], common: Common): RedisTarget {
  const { isTls, ...credentials } = common;
  const { host, port } = readHost(hosts, 6379);
  const db = readDatabase(path[0]);
  const tls = isTls ? { tls: { ...CHECKED, ...serverName(host) } } : {};
  return {
    options: { host, port, db, ...credentials, ...tls },
    describe: `${scheme}://${hosts}${db === 0 ? '' : `/${db}`}`,
  };
}

function sentinels(scheme: string, hosts: string, path: string[], common: Common): RedisTarget {
  const { isTls, ...credentials } = common;
  const [name = '', database] = path;
  if (name === '') throw new Error(`redis.url names no master. It has the form ${URL_FORM}.`);
  const db = readDatabase(database);
  const addresses = hosts.split(',').map((host) => readHost(host, 26379));
  const tls = isTls ? { tls: CHECKED, sentinelTLS: CHECKED, enableTLSForSentinelMode: true } : {};
  return {
    options: { sentinels: addresses, name, db, ...credentials, ...tls },
    describe: `${scheme}+sentinel://${hosts}/${name}${db === 0 ? '' : `/${db}`}`,
  };
}

function readCredentials(text: string): Pick<RedisOptions, 'username' | 'password'> {
  if (text === '') return {};
  const colon = text.indexOf(':');
  const username = decode(colon < 0 ? text : text.slice(0, colon));
  const password = colon < 0 ? '' : decode(text.slice(colon + 1));
  return { ...(username && { username }), ...(password && { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('redis.url: user and password must be percent-encoded; a lone % is written %25.');
  }
}

function readHost(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Error(`redis.url: "${text}" is no host and port. The URL has the form ${URL_FORM}.`);
  }
  return { host, port };
}

function readDatabase(text = ''): number {
  if (!/^\d*$/.test(text)) throw new Error(`redis.url: "${text}" is no database number.`);
  return Number(text);
}

/** Hosted Redis often sits behind a proxy that chooses by this name; Node does not send it by itself. */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}
