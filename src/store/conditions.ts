import type { Redis } from 'ioredis';
import { z } from 'zod';
import { runScript } from './script.js';

/** Where alerts come from. */
export const ALERT_SOURCES = ['webhook', 'poll'] as const;
export type AlertSource = (typeof ALERT_SOURCES)[number];

const timeMs = z.number().nullable();

/** What a create that is under way is known by. */
const pendingShape = z.object({
  marker: z.string(),
  summary: z.string(),
  /** It will be newer than this ticket. */
  afterId: z.number(),
  sentAtMs: z.number(),
  /** The delivery that it is for. */
  delivery: z.string(),
});
export type PendingTicket = z.infer<typeof pendingShape>;

const asMadeShape = z.object({
  statusId: z.number(),
  agentId: z.number().nullable(),
  summary: z.string(),
  clientId: z.number(),
  siteId: z.number(),
  userId: z.number(),
  priorityId: z.number(),
});
export type AsMade = z.infer<typeof asMadeShape>;

const ticketShape = z.object({
  id: z.number(),
  /** The delivery that it was made for; '': that has come to its end, and a second one like it is a repeat. */
  openedBy: z.string(),
  /** As Halo made it, to tell whether a person has touched it since; `null`: not known. */
  asMade: asMadeShape.nullable(),
});

const conditionShape = z.object({
  /** The ticket that was open when it was last looked at. */
  ticket: ticketShape.nullable(),
  /** How often it was raised while this ticket was open. */
  occurrences: z.number(),
  /** The latest time at which it was raised, where we heard of it last, and when that reached us. */
  raised: z.object({ atMs: timeMs, source: z.enum(ALERT_SOURCES), heardAtMs: z.number() }).nullable(),
  /** Its last end. `isEarly`: we had not heard of its beginning yet. */
  resolved: z
    .object({
      atMs: timeMs,
      alertId: z.string().nullable(),
      isEarly: z.boolean(),
      source: z.enum(ALERT_SOURCES),
      heardAtMs: z.number(),
    })
    .nullable(),
  /** A create whose end is not recorded: it is looked up before another one is sent. */
  pending: pendingShape.nullable(),
  /** The maintenance window in whose ticket it was collected. */
  collectedIn: z.string().nullable(),
});

/** What is known of one condition of one device, and of its ticket. */
export type Condition = z.infer<typeof conditionShape>;

export const UNKNOWN_CONDITION: Condition = {
  ticket: null,
  occurrences: 0,
  raised: null,
  resolved: null,
  pending: null,
  collectedIn: null,
};

/** One delivery of an alert. Without a date in it, the same text may well be a second alert, later. */
export interface Delivery {
  key: string;
  isDated: boolean;
}

/**
 * Remembers each condition, and the deliveries that were dealt with. Lost, it is found again in Halo, by the
 * markers of the open tickets.
 */
export interface Conditions {
  read(key: string): Promise<Condition>;
  save(key: string, condition: Condition): Promise<void>;
  /** As `save`; from now on, this delivery is dealt with. */
  finish(key: string, condition: Condition, delivery: Delivery): Promise<void>;
  isFinished(delivery: Delivery): Promise<boolean>;
  /**
   * Ties what an alert and its ticket in the RMM are called to a condition. @returns the condition that the alert
   * belongs to: that which another source had tied one of these names to, so that two sources which call one condition
   * by different names make one ticket, or which this source had brought the same `key` to; else `key`. `isVague`:
   * nothing but these names tells which condition it is, so that it belongs to the one that they were tied to by
   * whichever source.
   */
  tie(key: string, source: AlertSource, names: readonly string[], isVague: boolean): Promise<string>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A ticket may stay open for long; while it is, its condition is not forgotten. */
const OPEN_FOR_MS = 400 * DAY_MS;
const KEPT_FOR_MS = 30 * DAY_MS;
/** A sender repeats what it thinks we have missed within minutes. */
const UNDATED_FOR_MS = 10 * MINUTE_MS;
const DATED_FOR_MS = 7 * DAY_MS;

/** @param prefix of the keys, such as `halo-integrator:alerts`; each expires by itself. */
export function createConditions(redis: Redis, prefix: string): Conditions {
  const keyOf = (key: string) => `${prefix}:condition:${key}`;
  const finishedKey = ({ key }: Delivery) => `${prefix}:finished:${key}`;
  const ties = { redis, key: `${prefix}:tie`, what: 'what alerts are called' };
  const ttlOf = ({ ticket }: Condition) => (ticket ? OPEN_FOR_MS : KEPT_FOR_MS);
  return {
    async read(key) {
      const text = await redis.get(keyOf(key));
      return text === null ? UNKNOWN_CONDITION : conditionShape.parse(JSON.parse(text));
    },
    async save(key, condition) {
      await redis.set(keyOf(key), JSON.stringify(condition), 'PX', ttlOf(condition));
    },
    async finish(key, condition, delivery) {
      await redis
        .multi()
        .set(keyOf(key), JSON.stringify(condition), 'PX', ttlOf(condition))
        .set(finishedKey(delivery), '', 'PX', delivery.isDated ? DATED_FOR_MS : UNDATED_FOR_MS)
        .exec();
    },
    isFinished: async (delivery) => (await redis.exists(finishedKey(delivery))) === 1,
    async tie(key, source, names, isVague) {
      if (names.length === 0) return key;
      const values = [source, key, isVague ? 1 : 0, KEPT_FOR_MS];
      return String(await runScript(ties, TIE, [...names], values));
    },
  };
}

/**
 * One step, since a webhook and a poll may be at the same names at once. Each is tied to
 * "<source> <key> <condition> <what the other source calls it>"; whoever comes first keeps it, and may tie it anew. Of
 * the other source, too, it takes the first only: the RMM may tell of two conditions in one ticket.
 */
const TIE = `
  local source, key, isVague, ttl = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4]
  local ties, tied = {}, nil
  for i, name in ipairs(KEYS) do
    local by, from, to, other = string.match(redis.call('GET', name) or '', '^(%S+) (%S+) (%S+) (%S+)$')
    local isOwn = by == nil or (by == source and from == key)
    local isSame = isOwn or (by ~= source and (other == '-' or other == key))
    if isOwn then
      ties[i] = { source, key, to, other or '-' }
    elseif isSame and not isVague and other == '-' then
      ties[i] = { by, from, to, key }
    end
    if tied == nil and by and (isSame or isVague) then tied = to end
  end
  tied = tied or key
  for i, tie in pairs(ties) do
    if tie[1] == source then tie[3] = tied end
    redis.call('SET', KEYS[i], table.concat(tie, ' '), 'PX', ttl)
  end
  return tied`;
