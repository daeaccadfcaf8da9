import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import type { HaloUser } from './types.js';

export type MatchUserBy = 'email' | 'username';

/** A device and its last user, as the RMM calls that. */
export interface DeviceUser {
  rmmId: string;
  /** The Halo client that the asset belongs to. */
  clientId: number;
  user: string;
}

/**
 * Finds who the last users of devices are in Halo: active users of the same client whose address is the text or,
 * by username, whose login is it, with or without a domain (`DOMAIN\user`, `user@domain`). For a text with a domain, a
 * login that is equal as a whole goes before one that only has the same bare name. Where several fit, nobody is found.
 * @returns RMM id → the user; RMM id → why there is none.
 */
export function matchUsers(
  devices: readonly DeviceUser[],
  users: readonly HaloUser[],
  matchBy: MatchUserBy,
): { found: Map<string, HaloUser>; unmatched: Map<string, string> } {
  const byClient = groupBy(
    users.filter((user) => !user.inactive),
    (user) => user.clientId,
  );
  const found = new Map<string, HaloUser>();
  const unmatched = new Map<string, string>();
  for (const { rmmId, clientId, user: text } of devices) {
    const [user, ...others] = candidates(normaliseValue(text), byClient.get(clientId) ?? [], matchBy);
    if (user && others.length === 0) found.set(rmmId, user);
    else unmatched.set(rmmId, user ? `${text}: ambiguous, ${1 + others.length} users fit` : text);
  }
  return { found, unmatched };
}

function candidates(text: string, users: readonly HaloUser[], matchBy: MatchUserBy): HaloUser[] {
  if (matchBy === 'email') return users.filter((user) => user.emails.includes(text));
  const whole = users.filter((user) => user.logins.includes(text));
  const bare = bareName(text);
  // Without a domain, a text is nobody's whole login: it may be short for the login of any domain.
  const isDecided = whole.length > 0 && text !== bare;
  return isDecided || bare === ''
    ? whole
    : users.filter((user) => user.logins.some((login) => bareName(login) === bare));
}

/** `DOMAIN\user` and `user@domain` without the domain. */
function bareName(login: string): string {
  const afterDomain = login.slice(login.lastIndexOf('\\') + 1);
  return afterDomain.split('@')[0] ?? '';
}

/** What Halo's loose search is to be asked for a user. */
export function searchText(user: string, matchBy: MatchUserBy): string {
  return matchBy === 'email' ? normaliseValue(user) : bareName(normaliseValue(user));
}
