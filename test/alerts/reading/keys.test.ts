import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlert } from '../../../src/alerts/reading/alert.js';
import { conditionKey, deliveryKey } from '../../../src/alerts/reading/keys.js';
import type { Payload } from '../../../src/alerts/reading/payload.js';

const conditionOf = async (payload: Payload) => conditionKey(await readAlert(payload, {}), payload);
const deliveryOf = async (payload: Payload) => deliveryKey(await readAlert(payload, {}), payload);

const payloads = fc.dictionary(
  fc.oneof(fc.constantFrom('id', 'deviceId', 'conditionId', 'time', 'status', 'ticketId'), fc.string()),
  fc.jsonValue(),
);

describe('conditionKey', () => {
  it('hangs on nothing but device and condition where both are known', async () => {
    const rest = fc.record(
      {
        alertId: fc.string(),
        timestamp: fc.date({ noInvalidDate: true }),
        title: fc.string(),
        status: fc.string(),
        ticketId: fc.nat(),
      },
      { requiredKeys: [] },
    );
    const key = await conditionOf({ deviceId: 'D-1', conditionId: 'Disk full' });
    await fc.assert(
      fc.asyncProperty(rest, async (others) => {
        const payload = JSON.parse(JSON.stringify({ ...others, deviceId: 'd-1', conditionId: 'DISK  FULL' }));
        expect(await conditionOf(payload)).toBe(key);
      }),
    );
    expect(key).toMatch(/^c-[0-9a-f]{24}$/);
  });

  it.each([
    ['another device', { deviceId: 'd-2', conditionId: 'disk' }],
    ['another condition', { deviceId: 'd-1', conditionId: 'cpu' }],
    ['a name instead of an id', { deviceName: 'd-1', conditionId: 'disk' }],
    ['what only reads alike', { deviceId: 'd-1disk', conditionId: '' }],
  ])('tells %s apart', async (_what, payload) => {
    expect(await conditionOf(payload)).not.toBe(await conditionOf({ deviceId: 'd-1', conditionId: 'disk' }));
  });

  it('tells devices of one name apart by company and site', async () => {
    const at = (companyId: string, siteName: string) =>
      conditionOf({ deviceName: 'SRV01', conditionId: 'disk', companyId, siteName });
    const keys = await Promise.all([at('1', 'a'), at('2', 'a'), at('1', 'b'), at('1', 'A')]);

    expect(new Set(keys).size).toBe(3);
    expect(keys[3]).toBe(keys[0]);
  });

  it.each([
    ['the alert', { alertId: 'A-1', title: 'x' }, { alertId: 'a-1', title: 'y', deviceId: 'd' }, /^a-/],
    ['its tickets', { ticketId: ['1', '2'], title: 'x' }, { ticketId: ['2', '1'], title: 'y' }, /^t-/],
    ['the payload', { title: 'x', b: 1 }, { b: 1, title: 'x' }, /^p-/],
  ])('else hangs on %s', async (_what, one, other, form) => {
    expect(await conditionOf(one)).toMatch(form);
    expect(await conditionOf(other)).toBe(await conditionOf(one));
  });
});

describe('deliveryKey', () => {
  const alert = {
    alertId: 'a-1',
    time: '2026-03-01T08:00:00Z',
    status: 'open',
    severity: 'low',
    message: 'Disk full',
  };

  it('is the same for what is sent again, with its attempts counted', async () => {
    const first = await deliveryOf({ ...alert, attempt: 1 });

    expect(first).toEqual({ key: expect.stringMatching(/^d-[0-9a-f]{24}$/), isDated: true });
    expect(await deliveryOf({ attempt: 2, ...alert })).toEqual(first);
  });

  it.each([
    ['status', { status: 'closed' }],
    ['time', { time: '2026-03-01T08:00:01Z' }],
    ['severity', { severity: 'high' }],
    ['message', { message: 'Disk full for an hour' }],
    ['alert', { alertId: 'a-2' }],
  ])('differs with another %s', async (_what, change) => {
    expect((await deliveryOf({ ...alert, ...change })).key).not.toBe((await deliveryOf(alert)).key);
  });

  it('is that of the whole payload where id or time are missing', async () => {
    const { alertId: _id, ...withoutId } = alert;
    const { time: _time, ...withoutTime } = alert;

    expect((await deliveryOf(withoutId)).isDated).toBe(true);
    expect((await deliveryOf(withoutTime)).isDated).toBe(false);
    for (const payload of [withoutId, withoutTime]) {
      expect((await deliveryOf({ ...payload, a: 1 })).key).not.toBe(
        (await deliveryOf({ ...payload, a: 2 })).key,
      );
      expect((await deliveryOf({ ...payload, a: 'x' })).key).not.toBe(
        (await deliveryOf({ ...payload, a: 'X' })).key,
      );
    }
  });
});

it('the order of keys changes no key', async () => {
  await fc.assert(
    fc.asyncProperty(payloads, async (payload) => {
      const turned = Object.fromEntries(Object.entries(payload).reverse());
      expect(await conditionOf(turned)).toBe(await conditionOf(payload));
      expect(await deliveryOf(turned)).toEqual(await deliveryOf(payload));
    }),
  );
});
