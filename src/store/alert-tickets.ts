import type { Redis } from 'ioredis';

/** So many are remembered: more than can be made between a request and the look-up of what became of it. */
const KEPT_TICKETS = 10_000;

/** The tickets in Halo that alerts have made. */
export interface AlertTickets {
  /** Whether the open tickets of Halo were read since this Redis was empty. */
  areRead(): Promise<boolean>;
  /** @param newestId the newest ticket of Halo, whosever it is. */
  setRead(newestId: number): Promise<void>;
  add(ticketId: number): Promise<void>;
  known(ticketIds: readonly number[]): Promise<Set<number>>;
  /** The highest ticket id that was seen: a ticket that is made from now on has a higher one. */
  newestId(): Promise<number>;
}

/** @param prefix of the keys, such as `halo-integrator:alerts`. */
export function createAlertTickets(redis: Redis, prefix: string): AlertTickets {
  const readKey = `${prefix}:read`;
  const ticketsKey = `${prefix}:tickets`;
  return {
    areRead: async () => (await redis.exists(readKey)) === 1,
    async setRead(newestId) {
      await redis
        .multi()
        .zadd(ticketsKey, newestId, String(newestId))
        .set(readKey, new Date().toISOString())
        .exec();
    },
    async add(ticketId) {
      await redis
        .multi()
        .zadd(ticketsKey, ticketId, String(ticketId))
        .zremrangebyrank(ticketsKey, 0, -KEPT_TICKETS - 1)
        .exec();
    },
    async known(ticketIds) {
      if (ticketIds.length === 0) return new Set();
      const scores = await redis.zmscore(ticketsKey, ticketIds.map(String));
      return new Set(ticketIds.filter((_, index) => scores[index] != null));
    },
    async newestId() {
      const [newest] = await redis.zrange(ticketsKey, '-1', '-1');
      return Number(newest ?? 0);
    },
  };
}
