import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction } from '../../src/demo/faults.js';
import { unlimited } from '../sync/support.js';
import { type Alerts, startOther, startPerTest } from './support.js';

const start = startPerTest();

/** Something that happens to one of three devices, in the order in which it really happens. */
interface Event {
  device: number;
  what: 'raised' | 'resolved';
  /** A repeat under the id of the alert before it; else under one of its own. */
  isSameAlert: boolean;
}

/** How the events reach the webhook: any of them, any number of times, in any order, some at the same time. */
interface Story {
  events: Event[];
  /** Positions in `events`, in parcels that are sent at once. */
  parcels: number[][];
  /** What Halo does to so many of the first requests of a parcel. */
  faults: (FaultAction | null)[];
}

const event: fc.Arbitrary<Event> = fc.record({
  device: fc.integer({ min: 0, max: 2 }),
  what: fc.constantFrom('raised', 'raised', 'resolved'),
  isSameAlert: fc.boolean(),
});

const fault: fc.Arbitrary<FaultAction | null> = fc.constantFrom<(FaultAction | null)[]>(
  null,
  null,
  { do: 'hangUp', afterWork: true },
  { do: 'hangUp' },
  ERROR_AFTER_WORK,
);

const story: fc.Arbitrary<Story> = fc.array(event, { minLength: 2, maxLength: 14 }).chain((events) => {
  const position = fc.integer({ min: 0, max: events.length - 1 });
  return fc.record({
    events: fc.constant(events),
    parcels: fc.array(fc.array(position, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
    faults: fc.array(fault, { minLength: 5, maxLength: 5 }),
  });
});

interface Payload {
  alertId: string;
  endpointId: string;
  conditionId: string;
  status: string;
  timestamp: string;
  summary: string;
}

/** What the webhook is sent of each event: the end of an alert carries the id of the last one that was raised. */
function payloadsOf(events: readonly Event[]): Payload[] {
  const last = new Map<number, string>();
  return events.map(({ device, what, isSameAlert }, minute) => {
    const own = `alert-${device}-${minute}-end`;
    const alertId = what === 'resolved' || isSameAlert ? (last.get(device) ?? own) : own;
    last.set(device, alertId);
    return {
      alertId,
      endpointId: `D-${device}`,
      conditionId: 'disk-space',
      status: what,
      timestamp: new Date(Date.UTC(2026, 10, 24, 10, minute)).toISOString(),
      summary: `Disk space low, ${what} in minute ${minute}`,
    };
  });
}

function openPerCondition(alerts: Alerts): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { third_party_id_string: marker } of alerts.openTickets()) {
    counts.set(marker, (counts.get(marker) ?? 0) + 1);
  }
  return counts;
}

/** The texts of all tickets and notes. */
function written({ halo }: Alerts): string {
  const tickets = halo.state.tickets.map(({ summary, details }) => `${summary} ${details}`);
  return [...tickets, ...halo.state.actions.map(({ note }) => note)].join('\n');
}

function expectLaws(alerts: Alerts, delivered: readonly Payload[]): void {
  // Never two open tickets for one condition.
  expect(Math.max(0, ...openPerCondition(alerts).values())).toBeLessThanOrEqual(1);
  const last = new Map<string, Payload>();
  for (const payload of [...delivered].sort((a, b) => a.timestamp.localeCompare(b.timestamp))) {
    last.set(payload.endpointId, payload);
  }
  // What happened last, of all that was delivered, decides whether there is one.
  const raised = [...last.values()].filter(({ status }) => status === 'raised');
  expect(alerts.openTickets()).toHaveLength(raised.length);
  // Never a lost one.
  const text = written(alerts);
  for (const { status, summary } of delivered) {
    if (status === 'raised') expect(text).toContain(summary);
  }
}

it('never two open tickets for one condition, never a lost alert', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ events, parcels, faults }) => {
      const alerts = await start({ halo: { quirks: unlimited } });
      const other = await startOther(alerts);
      const payloads = payloadsOf(events);
      const delivered: Payload[] = [];
      for (const [index, parcel] of parcels.entries()) {
        const action = faults[index];
        if (action) {
          alerts.halo.faults.add({
            match: ({ method, path }) => method === 'POST' && !/token/.test(path),
            times: 1,
            action,
          });
        }
        const sent = parcel.flatMap((position) => payloads[position] ?? []);
        await Promise.all(sent.map(alerts.post));
        await alerts.settled();
        delivered.push(...sent);
        expectLaws(alerts, delivered);
      }
      await other.stop('the story is over');
      await alerts.close();
    }),
    { numRuns: 15 },
  );
}, 60_000);
