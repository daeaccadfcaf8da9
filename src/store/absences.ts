import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Away, Lane } from '../api/types.js';
import { duration } from '../inventory/words.js';

/** One of the two APIs, which does not answer. */
export interface AbsentApi extends Away {
  api: ApiName;
  /** Whose requests wait for it. */
  waiting: ('runs' | 'alerts')[];
}

const API_NAMES = ['Halo', 'ConnectWise RMM'] as const;
type ApiName = (typeof API_NAMES)[number];

/** Which API does not answer, told by every process that asks it, for those that do not ask: commands and pages. */
export interface Absences {
  /** Does not wait for Redis: a request is not held up by what is told of it. @param away `null`: it answers. */
  note(api: ApiName, lane: Lane, away: Away | null): void;
  read(): Promise<AbsentApi[]>;
}

/** Where nobody has asked for so long, nobody knows any more. Longer than a request may take. */
const OLD_NEWS_AFTER_MS = 5 * 60_000;

const LANES = [
  { lane: 'bulk', whose: 'runs' },
  { lane: 'alerts', whose: 'alerts' },
] as const satisfies { lane: Lane; whose: string }[];

const awayShape: z.ZodType<Away> = z.object({ sinceMs: z.number(), why: z.string() });

/** @param key prefix of the keys, such as `halo-integrator:away`; each expires by itself. */
export function createAbsences(redis: Redis, key: string): Absences {
  const keyOf = (api: ApiName, lane: Lane) => `${key}:${api}:${lane}`;

  async function readOne(api: ApiName): Promise<AbsentApi | null> {
    const texts = await redis.mget(LANES.map(({ lane }) => keyOf(api, lane)));
    const found = LANES.flatMap(({ whose }, index) => {
      const text = texts[index];
      return text ? [{ whose, ...awayShape.parse(JSON.parse(text)) }] : [];
    });
    const [first] = found.toSorted((one, other) => one.sinceMs - other.sinceMs);
    return first
      ? { api, sinceMs: first.sinceMs, why: first.why, waiting: found.map(({ whose }) => whose) }
      : null;
  }

  return {
    note(api, lane, away) {
      const told = away
        ? redis.set(keyOf(api, lane), JSON.stringify(away), 'PX', OLD_NEWS_AFTER_MS)
        : redis.del(keyOf(api, lane));
      // Redis is away as well, and has its own ways of being told of.
      told.catch(() => undefined);
    },
    async read() {
      const absent = await Promise.all(API_NAMES.map(readOne));
      return absent.filter((each) => each !== null);
    },
  };
}

/** "Halo has not answered since 21:04 UTC (5 min): runs and alerts wait." and why. */
export function describeAbsence({ api, sinceMs, waiting, why }: AbsentApi, nowMs: number): string {
  const [date, clock = ''] = new Date(sinceMs).toISOString().slice(0, 16).split('T');
  const since = nowMs - sinceMs < 12 * 60 * 60_000 ? clock : `${date} ${clock}`;
  return `${api} has not answered since ${since} UTC (${duration(nowMs - sinceMs)}): ${waiting.join(' and ')} wait. ${why}`;
}
