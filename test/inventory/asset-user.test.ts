import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchUsers, searchText } from '../../src/inventory/asset-user.js';
import type { HaloUser } from '../../src/inventory/types.js';

function user(id: number, parts: Partial<HaloUser> = {}): HaloUser {
  return { id, name: `User ${id}`, clientId: 12, inactive: false, emails: [], logins: [], ...parts };
}

/** The id of the user who was found for a device of client 12, or why there is none. */
function match(text: string, users: HaloUser[], matchBy: 'email' | 'username' = 'username') {
  const { found, unmatched } = matchUsers([{ rmmId: 'd1', clientId: 12, user: text }], users, matchBy);
  return found.get('d1')?.id ?? unmatched.get('d1');
}

describe('a last user', () => {
  it.each([
    ['HDG\\Kim', ['kim']],
    ['HDG\\Kim', ['hdg\\kim']],
    ['kim@hdg.local', ['kim']],
    ['Kim', ['hdg\\kim']],
    ['HDG\\kim', ['kim@hdg.local']],
  ])('%s is the one who signs in as %j', (text, logins) => {
    expect(match(text, [user(1, { logins }), user(2, { logins: ['lee'] })])).toBe(1);
  });

  it('is the one with that address', () => {
    const users = [
      user(1, { emails: ['other@hdg.example', 'kim@hdg.example'] }),
      user(2, { logins: ['kim@hdg.example'] }),
    ];
    expect(match(' Kim@hdg.example ', users, 'email')).toBe(1);
  });

  it('is the one whose whole login it is, before one of another domain', () => {
    const users = [user(1, { logins: ['lab\\kim'] }), user(2, { logins: ['hdg\\kim'] })];
    expect(match('HDG\\kim', users)).toBe(2);
  });

  it('is nobody where several fit', () => {
    const users = [user(1, { logins: ['lab\\kim'] }), user(2, { logins: ['hdg\\kim'] })];
    expect(match('kim', users)).toBe('kim: ambiguous, 2 users fit');
  });

  it('is nobody where it names no domain, and one signs in without a domain, another with one', () => {
    const users = [user(1, { logins: ['kim'] }), user(2, { logins: ['hdg\\kim'] })];
    expect(match('Kim', users)).toBe('Kim: ambiguous, 2 users fit');
  });

  it.each(['email', 'username'] as const)('is nobody where two have the same %s', (matchBy) => {
    const same = { logins: ['kim@hdg.example'], emails: ['kim@hdg.example'] };
    const expected = 'kim@hdg.example: ambiguous, 2 users fit';
    expect(match('kim@hdg.example', [user(1, same), user(2, same)], matchBy)).toBe(expected);
  });

  it('is nobody where the only one is inactive, or of another client', () => {
    expect(match('kim', [user(1, { logins: ['kim'], inactive: true })])).toBe('kim');
    expect(match('kim', [user(1, { logins: ['kim'], clientId: 13 })])).toBe('kim');
  });

  it('is nobody where nothing is in common but that there is no name', () => {
    expect(match('HDG\\', [user(1, { logins: ['lab\\'] })])).toBe('HDG\\');
  });
});

it('is searched for by address, or by the bare name', () => {
  expect(searchText('Kim@hdg.example', 'email')).toBe('kim@hdg.example');
  expect(searchText('HDG\\Kim', 'username')).toBe('kim');
  expect(searchText('kim@hdg.local', 'username')).toBe('kim');
});

describe('whoever is in Halo, in whatever order', () => {
  const clients = fc.constantFrom(12, 13);
  const users = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 8 }),
      name: fc.constant('Kim'),
      clientId: clients,
      inactive: fc.boolean(),
      logins: fc.subarray(['kim', 'hdg\\kim', 'lab\\kim', 'lee', 'lee@hdg.local']),
      emails: fc.subarray(['kim@hdg.example', 'lee@hdg.example']),
    }),
    { selector: ({ id }) => id },
  );
  const devices = fc.uniqueArray(
    fc.record({
      rmmId: fc.constantFrom('d1', 'd2', 'd3'),
      clientId: clients,
      user: fc.constantFrom('kim', 'HDG\\kim', 'lee', 'kim@hdg.example', 'nobody'),
    }),
    { selector: ({ rmmId }) => rmmId },
  );
  const matchBy = fc.constantFrom('email' as const, 'username' as const);
  const shuffled = <T>(all: T[]) => fc.shuffledSubarray(all, { minLength: all.length });

  it('each device has a user or a reason, and the order of users and devices does not matter', () => {
    const orders = fc.tuple(devices, users).chain(([some, all]) =>
      fc.record({
        devices: fc.constant(some),
        users: fc.constant(all),
        otherDevices: shuffled(some),
        otherUsers: shuffled(all),
      }),
    );
    fc.assert(
      fc.property(orders, matchBy, (given, by) => {
        const result = matchUsers(given.devices, given.users, by);
        expect(matchUsers(given.otherDevices, given.otherUsers, by)).toEqual(result);
        const told = [...result.found.keys(), ...result.unmatched.keys()];
        expect(told.toSorted()).toEqual(given.devices.map(({ rmmId }) => rmmId).toSorted());
      }),
    );
  });

  it('nobody is found who is inactive or of another client, nor do such users keep anybody from being found', () => {
    fc.assert(
      fc.property(devices, users, matchBy, (some, all, by) => {
        const { found } = matchUsers(some, all, by);
        for (const { rmmId, clientId, user: text } of some) {
          const own = all.filter((each) => each.clientId === clientId && !each.inactive);
          const alone = matchUsers([{ rmmId, clientId, user: text }], own, by).found.get(rmmId);
          expect(found.get(rmmId)).toEqual(alone);
          if (alone) expect(own).toContainEqual(alone);
        }
      }),
    );
  });

  it('who is found is not found any more once there is another just like that', () => {
    fc.assert(
      fc.property(devices, users, matchBy, (some, all, by) => {
        for (const [rmmId, twin] of matchUsers(some, all, by).found) {
          const again = matchUsers(some, [...all, { ...twin, id: 99 }], by);
          expect(again.found.has(rmmId)).toBe(false);
          expect(again.unmatched.get(rmmId)).toContain('ambiguous');
        }
      }),
    );
  });
});
