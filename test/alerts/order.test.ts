import { describe, expect, it } from 'vitest';
import { handleAlert } from '../../src/alerts/handle.js';
import { waitFor } from '../support/wait.js';
import { type Alerts, startPerTest } from './support.js';
import { workOf } from './work.js';

const start = startPerTest();

/** Neither an id nor a time: nothing but the text tells one from another. */
const bare = { deviceName: 'PC-1', conditionId: 'cpu', summary: 'CPU is busy', status: 'raised' };
const bareEnd = { ...bare, status: 'resolved' };

/** Forgets which deliveries were dealt with, as time does. */
async function forgetDeliveries({ app, redis }: Alerts): Promise<void> {
  const keys = await app.redis.client.keys(`${redis.prefix}:alerts:finished:*`);
  await app.redis.client.del(...keys);
}

describe('an alert without id and time that comes again in the same words', () => {
  it('is a repeat once it can be no second delivery', async () => {
    const alerts = await start();
    await alerts.send(bare);
    await forgetDeliveries(alerts);
    await alerts.send(bare);
    expect(alerts.tickets()).toHaveLength(1);
    expect(alerts.notes(1)).toHaveLength(1);
  });

  it('makes a new ticket where a person has closed the one there was', async () => {
    const alerts = await start();
    await alerts.send(bare);
    Object.assign(alerts.tickets()[0] ?? {}, { status_id: 9, hasbeenclosed: true });
    await forgetDeliveries(alerts);
    await alerts.send(bare);
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('is new after its end, however soon', async () => {
    const alerts = await start();
    await alerts.send(bare, bareEnd, bare);
    expect(alerts.openTickets()).toHaveLength(1);
    await alerts.send(bareEnd);
    expect(alerts.openTickets()).toEqual([]);
  });
});

const raised = { alertId: 'a-1', endpointId: 'D-1', conditionId: 'disk-space', status: 'raised' };
const again = { ...raised, alertId: 'a-2' };
const resolved = { ...raised, status: 'resolved' };

describe('alerts that were received in order, and worked in another', () => {
  async function handleInTurn(...given: [payload: object, receivedAtMs: number][]): Promise<Alerts> {
    const alerts = await start();
    await waitFor(() => alerts.app.alerts.alertTickets.areRead());
    const nowMs = Date.now();
    for (const [payload, atMs] of given) {
      const receivedAtMs = nowMs + atMs;
      await handleAlert(alerts.app.alerts, await workOf({ ...payload }, { receivedAtMs }));
    }
    return alerts;
  }

  it('without times leave the ticket open that was raised again after the end', async () => {
    const alerts = await handleInTurn([raised, -3000], [again, -1000], [resolved, -2000]);
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('leave none open where Halo was away for hours before the first one could be worked', async () => {
    let hours = 0;
    const alerts = await start({ now: () => Date.now() + hours * 3_600_000 });
    await waitFor(() => alerts.app.alerts.alertTickets.areRead());
    const first = await workOf({ ...raised, timestamp: '2026-11-24T10:00:00Z' });
    const end = await workOf({ ...resolved, timestamp: '2026-11-24T11:00:00Z' });
    await handleAlert(alerts.app.alerts, end);
    hours = 3;
    await handleAlert(alerts.app.alerts, first);
    expect(alerts.tickets()).toHaveLength(1);
    expect(alerts.openTickets()).toEqual([]);
  });
});

it('an alert that only the poll has seen is new after an end without a time', async () => {
  const alerts = await start();
  await alerts.send(raised, resolved);
  const now = new Date();
  const attribute = { name: 'Condition', value: 'disk-space' };
  await alerts.app.queues.alerts.add('ticket', {
    task: 'ticket',
    receivedAtMs: now.getTime(),
    status: 'raised',
    atMs: now.getTime(),
    record: {
      id: 't-9',
      createdAt: now.toISOString(),
      assets: [{ id: 'D-1' }],
      extendedAttributes: [attribute],
    },
    isSent: false,
  });
  await alerts.settled();
  expect(alerts.openTickets()).toHaveLength(1);
});
