import { describe, expect, it } from 'vitest';
import { type Condition, createConditions, UNKNOWN_CONDITION } from '../../src/store/conditions.js';
import { useRedis } from '../support/redis.js';

const store = useRedis();
let opened = 0;

function open() {
  const prefix = `${store.prefix}:alerts-${++opened}`;
  return { prefix, conditions: createConditions(store.redis, prefix) };
}

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

const full: Condition = {
  ticket: {
    id: 7,
    openedBy: 'd-1',
    asMade: {
      statusId: 1,
      agentId: null,
      summary: 'Disk',
      clientId: 12,
      siteId: 18,
      userId: 3,
      priorityId: 2,
    },
  },
  occurrences: 3,
  raised: { atMs: null, source: 'poll', heardAtMs: 5 },
  resolved: { atMs: 4, alertId: null, isEarly: true, source: 'webhook', heardAtMs: 6 },
  pending: { marker: 'm', summary: 's', afterId: 6, sentAtMs: 1, delivery: 'd-2' },
  collectedIn: 'w',
};

describe('a condition', () => {
  it('is unknown at first, and then what was saved last', async () => {
    const { conditions } = open();
    expect(await conditions.read('c-1')).toEqual(UNKNOWN_CONDITION);
    await conditions.save('c-1', full);
    expect(await conditions.read('c-1')).toEqual(full);
    await conditions.save('c-1', { ...full, ticket: null });
    expect(await conditions.read('c-1')).toEqual({ ...full, ticket: null });
    expect(await conditions.read('c-2')).toEqual(UNKNOWN_CONDITION);
  });

  it('is kept for long while its ticket is open, else for a month', async () => {
    const { conditions, prefix } = open();
    const keptFor = () => store.redis.pttl(`${prefix}:condition:c-1`);
    await conditions.save('c-1', full);
    expect(await keptFor()).toBeGreaterThan(399 * DAY_MS);
    await conditions.finish('c-1', { ...full, ticket: null }, { key: 'd-1', isDated: true });
    expect(await keptFor()).toBeGreaterThan(29 * DAY_MS);
    expect(await keptFor()).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it('is not guessed where something else stands in its place', async () => {
    const { conditions, prefix } = open();
    await store.redis.set(`${prefix}:condition:c-1`, '{"ticket":5}');
    await expect(conditions.read('c-1')).rejects.toThrow('ticket');
  });
});

it.each([
  [true, 7 * DAY_MS],
  [false, 10 * MINUTE_MS],
])('knows that a delivery was dealt with; with a date (%s) for %i ms', async (isDated, keptMs) => {
  const { conditions, prefix } = open();
  const delivery = { key: 'd-1', isDated };
  expect(await conditions.isFinished(delivery)).toBe(false);
  await conditions.finish('c-1', full, delivery);
  expect(await conditions.isFinished(delivery)).toBe(true);
  expect(await conditions.isFinished({ ...delivery, key: 'd-2' })).toBe(false);
  expect(await conditions.read('c-1')).toEqual(full);
  const leftMs = await store.redis.pttl(`${prefix}:finished:d-1`);
  expect(leftMs).toBeLessThanOrEqual(keptMs);
  expect(leftMs).toBeGreaterThan(keptMs - MINUTE_MS);
});

describe('what an alert and its ticket in the RMM are called', () => {
  it('leads what another source calls by the same name to one condition, whichever comes first', async () => {
    for (const [first, second] of [
      ['webhook', 'poll'],
      ['poll', 'webhook'],
    ] as const) {
      const { conditions } = open();
      expect(await conditions.tie('c-1', first, ['5282', 'a-1'], false)).toBe('c-1');
      expect(await conditions.tie('a-9', second, ['t-1', '5282'], false)).toBe('c-1');
      expect(await conditions.tie('c-1', first, ['5282', 'a-1'], false)).toBe('c-1');
    }
  });

  it('leads whoever has nothing else to go by to the condition, too, from the names that came with it', async () => {
    const { conditions } = open();
    await conditions.tie('a-t1', 'poll', ['t-1', '5282'], true);
    expect(await conditions.tie('c-1', 'webhook', ['5282', 'a-1'], false)).toBe('a-t1');
    expect(await conditions.tie('a-a1', 'webhook', ['a-1'], true)).toBe('a-t1');
    expect(await conditions.tie('c-1', 'webhook', ['a-1'], false)).toBe('a-t1');
  });

  it('does not make one of two conditions that the same source tells apart', async () => {
    const { conditions } = open();
    expect(await conditions.tie('c-1', 'webhook', ['5282'], false)).toBe('c-1');
    expect(await conditions.tie('c-2', 'webhook', ['5282'], false)).toBe('c-2');
    expect(await conditions.tie('a-t1', 'poll', ['5282'], true)).toBe('c-1');
  });

  it('makes no one of two conditions that a source tells apart, though the other one has told them in one ticket', async () => {
    const { conditions } = open();
    await conditions.tie('a-t1', 'poll', ['t-1'], true);
    expect(await conditions.tie('c-1', 'webhook', ['t-1', 'a-1'], false)).toBe('a-t1');
    expect(await conditions.tie('c-2', 'webhook', ['t-1', 'a-2'], false)).toBe('c-2');
    expect(await conditions.tie('c-1', 'webhook', ['t-1', 'a-3'], false)).toBe('a-t1');
  });

  it('leads on with the newest ticket, where an alert keeps its id', async () => {
    const { conditions } = open();
    for (const ticket of ['t-1', 't-2']) {
      await conditions.tie(`a-${ticket}`, 'poll', [ticket], true);
      expect(await conditions.tie('c-1', 'webhook', [ticket, 'a-1'], false)).toBe(`a-${ticket}`);
      expect(await conditions.tie('c-1', 'webhook', ['a-1'], false)).toBe(`a-${ticket}`);
    }
  });

  it('is nothing where there are no names, and forgotten after a month', async () => {
    const { conditions, prefix } = open();
    expect(await conditions.tie('c-1', 'poll', [], true)).toBe('c-1');
    await conditions.tie('c-1', 'poll', ['odd name: ünïcode'], true);
    const keys = await store.redis.keys(`${prefix}:*`);
    expect(keys).toEqual([`${prefix}:tie:odd name: ünïcode`]);
    expect(await store.redis.pttl(keys[0] ?? '')).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it('leads two daemons that are at it at once to one condition', async () => {
    const other = store.redis.duplicate();
    try {
      for (let round = 0; round < 50; round++) {
        const { prefix, conditions } = open();
        const [one, two] = await Promise.all([
          conditions.tie('c-1', 'webhook', ['133023.1533', 'a-1'], false),
          createConditions(other, prefix).tie('a-t1', 'poll', ['t-1', 'a-1', '133023.1533'], true),
        ]);
        expect(one).toBe(two);
      }
    } finally {
      await other.quit();
    }
  });
});
