import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Gate, Lane } from '../api/types.js';
import { type Answer, createLane, type Place } from './gate-lane.js';
import { CLOSE, ENTER, LEAVE } from './gate-script.js';
import { runScript } from './script.js';

export interface GateOptions {
  redis: Redis;
  /** `<prefix>:gate:<api>`. All that the gate keeps lies below, and expires by itself. */
  key: string;
  /** No more requests than this in any rolling window. */
  requests: number;
  windowMs: number;
  /** So many of them are kept free of bulk work. */
  reservedForAlerts?: number;
  /** How long the first 429 without Retry-After closes the gate. It doubles up to 15 minutes while 429 follows 429. */
  penaltyMs?: number;
  /** So long is a place kept for a request whose answer never comes, because its process ended meanwhile. */
  longestRequestMs?: number;
}

export interface GateUsage {
  /** Places in use: requests in flight, and those of the last window. */
  used: number;
  limit: number;
  /** What bulk work may use of it. */
  bulkLimit: number;
  /** 0: open. */
  closedForMs: number;
  /** When bulk work may go on; 0: now. */
  nextFreeInMs: number;
}

type Settings = Required<Omit<GateOptions, 'reservedForAlerts'>> & {
  what: string;
  bulkLimit: number;
  id: string;
};

const MINUTE = 60_000;
const LONGEST_PENALTY_MS = 15 * MINUTE;

const enterReply = z
  .tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
  .transform(([granted, waitMs, used, closedForMs, nowMs]) => ({
    granted,
    waitMs,
    used,
    closedForMs,
    nowMs,
  }));

/**
 * The rate limit of one API, kept in Redis and shared by every process: in no rolling window, as the API sees it, are
 * there more than `requests`, since a place is in use from its grant until `windowMs` after the answer. Alerts may
 * use all places and are served before bulk work.
 * Where Redis is away, nobody passes: `enter` rejects with a sentence.
 */
export function createGate(options: GateOptions): Gate & { usage(): Promise<GateUsage> } {
  const { requests, reservedForAlerts = 0, penaltyMs = MINUTE, longestRequestMs = 2 * MINUTE } = options;
  const bulkLimit = requests - reservedForAlerts;
  const what = 'the rate limit';
  const settings = { ...options, what, bulkLimit, penaltyMs, longestRequestMs, id: randomUUID() };
  const lanes = {
    bulk: createLane((want) => askForPlaces(settings, 'bulk', want)),
    alerts: createLane((want) => askForPlaces(settings, 'alerts', want)),
  };
  return {
    enter: (lane, signal) => lanes[lane].enter(signal),
    close: (retryAfterMs) => close(settings, retryAfterMs),
    usage: async () => {
      const { used, closedForMs, waitMs } = await runEnter(settings, 'bulk', 0, '');
      return { used, limit: requests, bulkLimit, closedForMs, nextFreeInMs: waitMs };
    },
  };
}

async function askForPlaces(settings: Settings, lane: Lane, want: number): Promise<Answer> {
  const id = randomUUID();
  const { granted, waitMs, nowMs } = await runEnter(settings, lane, want, id);
  const places = Array.from({ length: granted }, (_, i) =>
    createPlace(settings, lane, `${id}:${i + 1}`, nowMs),
  );
  return { places, waitMs };
}

async function runEnter(settings: Settings, lane: Lane, want: number, id: string) {
  const { requests, bulkLimit, windowMs, longestRequestMs } = settings;
  const reply = await runScript(
    settings,
    ENTER,
    ['bulk', 'alerts', 'alerts-waiting', 'closed'],
    [lane, want, id, requests, bulkLimit, windowMs, longestRequestMs, settings.id],
  );
  return enterReply.parse(reply);
}

function createPlace(settings: Settings, lane: Lane, id: string, grantedAtMs: number): Place {
  const { redis, key, windowMs, longestRequestMs } = settings;
  let isLeft = false;
  return {
    leave: async () => {
      if (isLeft) return;
      isLeft = true;
      await runScript(settings, LEAVE, [lane, 'closed'], [id, windowMs, longestRequestMs, grantedAtMs]);
    },
    giveBack: async () => {
      await redis.zrem(`${key}:${lane}`, id);
    },
  };
}

async function close(settings: Settings, retryAfterMs: number | null): Promise<void> {
  await runScript(
    settings,
    CLOSE,
    ['closed'],
    [retryAfterMs === null ? '' : Math.ceil(retryAfterMs), settings.penaltyMs, LONGEST_PENALTY_MS],
  );
}
