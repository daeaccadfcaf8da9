import { Redis } from 'ioredis';
import pino from 'pino';
import { z } from 'zod';
import { createApi } from '../src/api/client.js';
import { createGate } from '../src/store/gate.js';

/*
 * A process with more work than the rate limit lets through: it asks Halo for something small, through the product's own
 * gate, again and again. Started by gate.ts.
 */

const SIDE_BY_SIDE = 8;

const optionsShape = z.object({
  redisUrl: z.string(),
  haloUrl: z.string(),
  token: z.string(),
  requests: z.number(),
  windowMs: z.number(),
  forMs: z.number(),
});

const { redisUrl, haloUrl, token, requests, windowMs, forMs } = optionsShape.parse(
  JSON.parse(process.argv[2] ?? ''),
);
const redis = new Redis(redisUrl);
const api = createApi({
  name: 'Halo',
  baseUrl: `${haloUrl}/api`,
  timeoutMs: 10_000,
  gate: createGate({ redis, key: 'bench:gate:halo', requests, windowMs, longestRequestMs: 20_000 }),
  token: { get: async () => token, renew: async () => token },
  log: pino({ level: 'silent' }),
});
const endsAt = performance.now() + forMs;
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
process.exit();

async function work(): Promise<void> {
  const call = { doing: 'Asking', method: 'GET', path: '/Field', shape: z.unknown() } as const;
  while (performance.now() < endsAt) await api.request(call);
}
