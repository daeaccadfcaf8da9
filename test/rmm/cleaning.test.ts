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

  it.each([
    '2024-05-01T10:00:00Z',
    '1990-01-01T00:00:00Z',
    'since 1601-01-01',
    '1601-01',
    '0001',
    '',
    '1042-77-13',
    '1601-01-01T25:00:00Z',
  ])('%j stays', (text) => {
    expect(cleanRecord({ text })).toEqual({ text });
  });
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
    expect(cleanRecord({ ipAddress: '10.0.0.5,,0.0.0.0' })).toEqual({ ipAddress: '10.0.0.5' });
    expect(cleanRecord({ ipAddress: '0.0.0.0,,127.0.0.1,' })).toEqual({ ipAddress: null });
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

const HERE = 'a date that stands for none';
const years = (from: string, to: string) =>
  fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true }).map((date) => date.toISOString());
const realDate = years('1990-01-01', '2100-01-01');
const idleAddress = fc
  .tuple(fc.constantFrom('127.0', '169.254'), fc.nat(255), fc.nat(255))
  .map((parts) => parts.join('.'));
const realAddress = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => `10.${parts.join('.')}`);

/** Addresses stand in it as well: outside the adapters they are no junk. */
const record = fc.object({
  key: fc.string().map((name) => `x${name}`),
  values: [fc.string(), fc.integer(), fc.constantFrom(null, true), fc.constant(HERE), realDate, idleAddress],
  maxDepth: 4,
});

describe('any record', () => {
  it('loses each date that stands for none, and nothing else', () => {
    fc.assert(
      fc.property(record, years('0001-01-01', '1989-12-31'), (some, zeroDate) => {
        const withDate = (date: string | null) =>
          JSON.parse(JSON.stringify(some), (_, value) => (value === HERE ? date : value));
        expect(cleanRecord(withDate(zeroDate))).toEqual(withDate(null));
        expect(cleanRecord(withDate(null))).toEqual(withDate(null));
      }),
    );
  });

  it('loses each address that stands for none, and no other', () => {
    const addresses = fc.array(fc.oneof(realAddress, idleAddress, fc.constant('0.0.0.0')), { minLength: 1 });
    fc.assert(
      fc.property(addresses, (all) => {
        const real = all.filter((address) => address.startsWith('10.'));
        const adapters = [{ ipv4: all[0], ipv4List: all, dnsServers: all }];
        const ipv4 = all[0] === real[0] ? all[0] : null;
        expect(cleanRecord({ ipAddress: all, networks: adapters })).toEqual({
          ipAddress: real,
          networks: [{ ipv4, ipv4List: real, dnsServers: all }],
        });
        expect(cleanRecord({ ipAddress: all.join(', ') })).toEqual({ ipAddress: real.join(', ') || null });
      }),
    );
  });

  it('is the same when it is cleaned again', () => {
    const ipAddress = fc.array(fc.oneof(realAddress, idleAddress, fc.constant(''))).map((all) => all.join());
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), ipAddress, (some, address) => {
        const clean = cleanRecord({ ...some, ipAddress: address });
        expect(cleanRecord(clean)).toEqual(clean);
      }),
    );
  });

  it('may be nested without end', () => {
    let nested: Record<string, unknown> = { date: '0001-01-01T00:00:00Z' };
    for (let depth = 0; depth < 50_000; depth++) nested = { nested };
    expect(() => cleanRecord(nested)).not.toThrow();
  });
});
