import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { FaultWorld } from './world.js';

/** How many creates were waited for. */
export interface Doubts {
  assets: number;
  tickets: number;
}

const conditionShape = z.looseObject({ pending: z.looseObject({ sentAtMs: z.number() }).nullable() });
const LONG_AGO_MS = 60_000;

/**
 * Lets the time pass for which a create that nothing is known of is not sent again: a quarter of an hour for sites and
 * assets, two minutes for tickets. A test cannot wait for so long.
 */
export async function passDoubts({ redis }: FaultWorld): Promise<Doubts> {
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  const alerts = new Queue('alerts', { connection: client, prefix: `${redis.prefix}:bull` });
  try {
    const assets = await client.keys(`${redis.prefix}:doubt:*`);
    if (assets.length > 0) await client.del(assets);
    const conditions = await client.keys(`${redis.prefix}:alerts:condition:*`);
    const aged = await Promise.all(conditions.map((key) => age(client, key)));
    const tickets = aged.filter(Boolean).length;
    if (tickets > 0) await alerts.promoteJobs();
    return { assets: assets.length, tickets };
  } finally {
    await alerts.close();
    client.disconnect();
  }
}

/** @returns whether a ticket of this condition is waited for. */
async function age(client: Redis, key: string): Promise<boolean> {
  const condition = conditionShape.parse(JSON.parse((await client.get(key)) ?? '{"pending":null}'));
  const { pending } = condition;
  if (!pending || pending.sentAtMs < LONG_AGO_MS) return false;
  const aged = { ...condition, pending: { ...pending, sentAtMs: 1 } };
  await client.set(key, JSON.stringify(aged), 'KEEPTTL');
  return true;
}
