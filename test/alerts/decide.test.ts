import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterRaised,
  afterResolved,
  type Decision,
  decide,
  endHeard,
  type Heard,
} from '../../src/alerts/decide.js';
import { type Condition, UNKNOWN_CONDITION } from '../../src/store/conditions.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 24, 12);

const heard: Heard = {
  status: 'raised',
  atMs: NOW - MINUTE,
  alertId: 'a-1',
  source: 'webhook',
  delivery: 'd-1',
  heardAtMs: NOW,
};
const ended: Heard = { ...heard, status: 'resolved', atMs: NOW - 30_000 };
const ticket = { id: 900, openedBy: 'd-0', asMade: null };
const open: Condition = {
  ...afterRaised(UNKNOWN_CONDITION, { ...heard, delivery: 'd-0', atMs: NOW - 10 * MINUTE }),
  ticket,
};

describe('an alert that was raised', () => {
  it.each<[string, Condition, Partial<Heard>, Decision]>([
    ['opens a ticket where nothing is known', UNKNOWN_CONDITION, {}, { kind: 'open', isOver: false }],
    ['is a repeat where its ticket is open', open, {}, { kind: 'repeat' }],
    ['goes on where its own ticket was made', open, { delivery: 'd-0' }, { kind: 'resume', isOver: false }],
    [
      'is over where a later end is known',
      afterResolved(UNKNOWN_CONDITION, ended),
      {},
      { kind: 'open', isOver: true },
    ],
    [
      'is over at the very time of its end',
      afterResolved(UNKNOWN_CONDITION, { ...ended, atMs: heard.atMs }),
      {},
      { kind: 'open', isOver: true },
    ],
    [
      'is new after the end that is known',
      afterResolved(UNKNOWN_CONDITION, ended),
      { atMs: NOW },
      { kind: 'open', isOver: false },
    ],
    [
      'without a time is over where its end came early',
      afterResolved(UNKNOWN_CONDITION, ended),
      { atMs: null },
      { kind: 'open', isOver: true },
    ],
    [
      'is another one than the one that ended early',
      afterResolved(UNKNOWN_CONDITION, ended),
      { atMs: null, alertId: 'a-2' },
      { kind: 'open', isOver: false },
    ],
    [
      'is new where the early end has found its beginning',
      endHeard(afterResolved(UNKNOWN_CONDITION, ended)),
      { atMs: null },
      { kind: 'open', isOver: false },
    ],
    [
      'is new an hour after its end came',
      afterResolved(UNKNOWN_CONDITION, { ...ended, heardAtMs: NOW - 61 * MINUTE }),
      {},
      { kind: 'open', isOver: false },
    ],
    [
      'is known where the other source told it',
      { ...open, raised: { atMs: NOW - 5 * MINUTE, source: 'poll', heardAtMs: NOW } },
      {},
      { kind: 'nothing' },
    ],
    [
      'is known where the other source told it, and its ticket was closed since',
      { ...open, ticket: null, raised: { atMs: NOW - 5 * MINUTE, source: 'poll', heardAtMs: NOW } },
      {},
      { kind: 'nothing' },
    ],
    [
      'is a repeat where the other source told one long before',
      { ...open, raised: { atMs: NOW - 20 * MINUTE, source: 'poll', heardAtMs: NOW } },
      {},
      { kind: 'repeat' },
    ],
  ])('%s', (_what, condition, changes, decision) => {
    expect(decide(condition, { ...heard, ...changes })).toEqual(decision);
  });
});

describe('the end of an alert', () => {
  it.each<[string, Condition, Partial<Heard>, Decision]>([
    ['ends the condition', open, {}, { kind: 'end', isStale: false }],
    ['without a time ends the condition', open, { atMs: null }, { kind: 'end', isStale: false }],
    [
      'is stale where it was raised again since',
      open,
      { atMs: NOW - 11 * MINUTE },
      { kind: 'end', isStale: true },
    ],
    ['is remembered where there is no ticket', UNKNOWN_CONDITION, {}, { kind: 'remember' }],
  ])('%s', (_what, condition, changes, decision) => {
    expect(decide(condition, { ...ended, ...changes })).toEqual(decision);
  });

  it('is early only where its beginning is not known', () => {
    expect(afterResolved(UNKNOWN_CONDITION, ended).resolved?.isEarly).toBe(true);
    const closed = { ...afterResolved(open, ended), ticket: null };
    expect(closed.resolved?.isEarly).toBe(false);
    expect(afterResolved(closed, ended).resolved?.isEarly).toBe(false);
    expect(afterResolved(closed, { ...ended, source: 'poll', alertId: 'x' }).resolved?.isEarly).toBe(false);
    expect(afterResolved(closed, { ...ended, alertId: 'a-2' }).resolved?.isEarly).toBe(true);
  });
});

/** Events of one condition, minute by minute, in the order in which they are heard. */
const events = fc
  .array(fc.constantFrom<Heard['status'][]>('raised', 'resolved'), { minLength: 1, maxLength: 12 })
  .chain((statuses) => {
    const told = statuses.map(
      (status, minute): Heard => ({
        ...heard,
        status,
        atMs: NOW - (20 - minute) * MINUTE,
        alertId: null,
        delivery: `d-${minute}`,
      }),
    );
    return fc.shuffledSubarray(told, { minLength: 1 });
  });

/** What the actions would leave, were they carried out without a fault and no person there. */
function hear(condition: Condition, each: Heard): Condition {
  const decision = decide(condition, each);
  switch (decision.kind) {
    case 'open': {
      const opened = afterRaised(condition, each);
      const made = { id: 1, openedBy: each.delivery, asMade: null };
      return decision.isOver ? endHeard({ ...opened, ticket: null }) : { ...opened, ticket: made };
    }
    case 'repeat':
      return afterRaised(condition, each);
    case 'end':
      return { ...afterResolved(condition, each), ticket: decision.isStale ? condition.ticket : null };
    case 'remember':
      return afterResolved(condition, each);
    default:
      return condition;
  }
}

it('in whatever order events are heard, the last one that happened decides whether a ticket is open', () => {
  fc.assert(
    fc.property(events, (heardEvents) => {
      const condition = heardEvents.reduce(hear, UNKNOWN_CONDITION);
      const [last] = [...heardEvents].sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
      expect(condition.ticket !== null).toBe(last?.status === 'raised');
    }),
    { numRuns: 2000 },
  );
});
