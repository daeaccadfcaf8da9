import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanRecord } from '../../src/rmm/cleaning.js';

describe('dates that stand for none', () => {
  it.each([
    '0001-01-01T00:00:00Z',
    '1601-01-01T00:00:00Z',
    '1601-01-01T00:00:00.000+00:00',
    '0001-01-01',
    '1970-01-01 00:00:00',
  ])('%s is nothing, however deep it stands', (date) => {
    expect(cleanRecord({ date, os: { installDate: date }, list: [{ date }, date] })).toEqual({
      date: null,
      os: { installDate: null },
      list: [{ date: null }, null],
    });
  });

  it.each(['2024-05-01T10:00:00Z', '1990-01-01T00:00:00Z', 'since 1601-01-01', '1601-01', '0001', ''])(
    '%j stays',
    (text) => {
      expect(cleanRecord({ text })).toEqual({ text });
    },
  );
});

describe('addresses that stand for none', () => {
  it.each(['0.0.0.0', '127.0.0.1', '169.254.12.7', ' 169.254.0.1 '])('%s leaves the adapters', (address) => {
    const adapter = { macAddress: 'AA:BB', dnsServers: ['127.0.0.1'], defaultIPGateway: '0.0.0.0' };
    expect(
      cleanRecord({ networks: [{ ...adapter, ipv4: address, ipv4List: [address, '10.0.0.5'] }] }),
    ).toEqual({ networks: [{ ...adapter, ipv4: null, ipv4List: ['10.0.0.5'] }] });
  });

  it('leave the address of the device, alone or among others', () => {
    expect(cleanRecord({ ipAddress: '127.0.0.1' })).toEqual({ ipAddress: null });
    expect(cleanRecord({ ipAddress: '169.254.1.1, 10.0.0.5,0.0.0.0' })).toEqual({ ipAddress: '10.0.0.5' });
    expect(cleanRecord({ ipAddress: ['0.0.0.0', '10.0.0.5'] })).toEqual({ ipAddress: ['10.0.0.5'] });
    expect(cleanRecord({ ipAddress: '10.0.0.5,10.0.0.6' })).toEqual({ ipAddress: '10.0.0.5,10.0.0.6' });
  });

  it('stay elsewhere, and where they only look so', () => {
    const record = {
      remoteAddress: '127.0.0.1',
      networks: [{ ipv4: '10.127.0.1', product: '127.0.0.1' }, null, 7],
    };
    expect(cleanRecord(record)).toEqual(record);
  });
});

it('is the same when it is cleaned again, and takes nothing else away', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const clean = cleanRecord(record);
      expect(cleanRecord(clean)).toEqual(clean);
      expect(Object.keys(clean)).toEqual(Object.keys(record));
    }),
  );
});

it('does not lose its way in a record that is nested without end', () => {
  let nested: Record<string, unknown> = { date: '0001-01-01T00:00:00Z' };
  for (let depth = 0; depth < 50_000; depth++) nested = { nested };
  expect(() => cleanRecord(nested)).not.toThrow();
});
