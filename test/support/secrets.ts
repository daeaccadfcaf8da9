import type { Redis } from 'ioredis';
import type { CommandEnd } from './command.js';

/** Each secret that is found, with the place where, however it is spelled there. */
export function secretsFound(secrets: readonly string[], places: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, content]) =>
    secrets
      .flatMap(spellings)
      .filter((secret) => content.includes(secret))
      .map((secret) => `${secret} in ${place}`),
  );
}

function spellings(secret: string): string[] {
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const all = [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret), inForm];
  return [...new Set([...all, Buffer.from(secret).toString('base64')])];
}

/** What each command has said, to be searched. */
export function printed(ends: CommandEnd[]): Record<string, string> {
  return Object.fromEntries(
    ends.map(({ stdout, stderr }, index) => [`command ${index + 1}`, stdout + stderr]),
  );
}

/** Access tokens are shared through Redis: in keys of their own, and nowhere else. */
export async function tokensIn(client: Redis, pattern: string): Promise<string[]> {
  const keys = await client.keys(pattern);
  const contents = await Promise.all(keys.map((key) => contentOf(client, key)));
  // So long are those of the simulators.
  return contents.flatMap((content) => content.match(/[\w-]{32}/g) ?? []);
}

/** All keys of the prefix but those, with what is in them. */
export async function everythingIn(client: Redis, prefix: string): Promise<Record<string, string>> {
  const keys = await client.keys(`*${prefix}*`);
  const others = keys.filter((key) => !key.startsWith(`${prefix}:token:`));
  const contents = await Promise.all(others.map(async (key) => [key, key + (await contentOf(client, key))]));
  return Object.fromEntries(contents);
}

async function contentOf(client: Redis, key: string): Promise<string> {
  const read: Record<string, () => Promise<unknown>> = {
    string: () => client.get(key),
    hash: () => client.hgetall(key),
    list: () => client.lrange(key, 0, -1),
    set: () => client.smembers(key),
    zset: () => client.zrange(key, '0', '-1'),
    stream: () => client.xrange(key, '-', '+'),
    none: async () => null,
  };
  const type = await client.type(key);
  const content = read[type];
  if (!content) throw new Error(`The test cannot read a key of type ${type}.`);
  return JSON.stringify(await content());
}
