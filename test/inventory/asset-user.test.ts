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
    expect(match('kim', users)).toBe('kim: 2 users fit');
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

const logins = fc.subarray(['kim', 'hdg\\kim', 'lab\\kim', 'lee', 'lee@hdg.local']);
const users = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 8 }),
    clientId: fc.constantFrom(12, 13),
    inactive: fc.boolean(),
    logins,
    emails: fc.subarray(['kim@hdg.example', 'lee@hdg.example']),
  }),
  { selector: ({ id }) => id },
);
const texts = fc.constantFrom('kim', 'HDG\\kim', 'lee', 'kim@hdg.example', 'nobody');

it('finds the same, or nobody, in whatever order the users come, and never one of another client', () => {
  const shuffled = users.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(
      shuffled,
      texts,
      fc.constantFrom<'email' | 'username'>('email', 'username'),
      ([all, other], text, by) => {
        const named = all.map((each) => ({ ...each, name: 'x' }));
        const result = match(text, named, by);
        expect(
          match(
            text,
            other.map((each) => ({ ...each, name: 'x' })),
            by,
          ),
        ).toBe(result);
        const found = named.find(({ id }) => id === result);
        if (found) expect(found).toMatchObject({ clientId: 12, inactive: false });
      },
    ),
  );
});
