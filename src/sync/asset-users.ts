import { isOfItem } from '../api/error.js';
import { findUsers } from '../halo/users.js';
import type { WantedAsset } from '../inventory/asset.js';
import type { AssetUser } from '../inventory/asset-difference.js';
import { matchUsers, searchText } from '../inventory/asset-user.js';
import { counted, firstOf } from '../inventory/sentence.js';
import { noteItem, type RunContext } from './context.js';

const NAMED = 5;

/** A device as far as its user is concerned. */
export type DeviceOfUser = Pick<WantedAsset, 'rmmId' | 'name' | 'clientId' | 'user'>;

/**
 * Finds the users in Halo that the devices' last users are. One that is not found leaves its asset the user that it
 * has: so does a Halo that does not let its users be read.
 * @returns RMM id → user; `null` where Halo does not let its users be read. Where the config names no `assets.user.from`, nobody is looked for.
 */
export async function usersOf(
  context: RunContext,
  wanted: readonly DeviceOfUser[],
): Promise<ReadonlyMap<string, AssetUser> | null> {
  const rule = context.rules.assets.user;
  const devices = wanted.flatMap(({ rmmId, clientId, user }) =>
    user === null ? [] : [{ rmmId, clientId, user }],
  );
  if (!rule || devices.length === 0) return new Map();
  try {
    const texts = new Set(devices.map(({ user }) => searchText(user, rule.matchBy)).filter(Boolean));
    const { users, problems } = await findUsers(context.halo, [...texts]);
    for (const problem of problems) noteItem(context, problem, 'skipped', 0);
    const { found, unmatched } = matchUsers(devices, users, rule.matchBy);
    noteUnmatched(context, wanted, unmatched);
    return found;
  } catch (error) {
    if (!isOfItem(error)) throw error;
    noteItem(
      context,
      { item: 'users', message: `${error.message} Assets keep the users that they have.` },
      'skipped',
      0,
    );
    return null;
  }
}

/** One line for all of them: a user who is not in Halo is no fault of the device. */
function noteUnmatched(
  context: RunContext,
  wanted: readonly DeviceOfUser[],
  unmatched: ReadonlyMap<string, string>,
): void {
  if (unmatched.size === 0) return;
  const devices = wanted.filter(({ rmmId }) => unmatched.has(rmmId));
  const named = devices.map(({ rmmId, name }) => `${name} (${unmatched.get(rmmId)})`);
  const message = `The last user of ${counted(devices.length, 'device')} is not a user of the same client in Halo, so assets get no user from it: ${firstOf(named, NAMED)}.`;
  noteItem(context, { item: 'users', message }, 'skipped', 0);
}
