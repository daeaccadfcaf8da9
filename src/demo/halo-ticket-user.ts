import { z } from 'zod';
import type { Changes } from './changes.js';
import type { HaloContext } from './halo-context.js';
import { clientById, resolveSite, siteById } from './halo-place.js';
import { exception, wholeNumber } from './halo-problem.js';
import { generalUserOf } from './halo-rows.js';
import type { HaloState, SiteRow, TicketRow, UserRow } from './halo-state.js';

/** The properties that say for whom a ticket is. */
export const ticketUserShape = {
  client_id: wholeNumber.nullish(),
  site_id: wholeNumber.nullish(),
  user_id: wholeNumber.nullish(),
  /** With the id -1 and the user type 1: details entered by hand, which means the client's general user. */
  userlookup: z.looseObject({ id: wholeNumber }).nullish(),
  usertype: wholeNumber.nullish(),
};
const shape = z.object(ticketUserShape);
type Sent = z.infer<typeof shape>;

const BY_HAND = -1;
const USER = 1;

type Place = Pick<TicketRow, 'client_id' | 'site_id' | 'user_id'>;

/**
 * For whom a ticket is. A site says which client it is; a client alone means its main site.
 * @throws Refusal where no user is named, or an id does not exist.
 */
export function resolveTicketUser(context: HaloContext, sent: Sent, changes: Changes): Place {
  const { client_id, site_id } = sent;
  const site = resolveSite(context.state, { client_id, site_id }, changes);
  const user = namedUser(context.state, sent);
  if (!site || !user) throw exception('Please select a user for this ticket');
  return placeWith(context, site, user);
}

/** What an update changes of it: only what was sent. @throws Refusal */
export function movedTicket(
  context: HaloContext,
  row: TicketRow,
  sent: Sent,
  changes: Changes,
): Partial<Place> {
  const { client_id, site_id } = sent;
  const namesOwnClient = site_id == null && client_id === row.client_id;
  const site = namesOwnClient ? null : resolveSite(context.state, { client_id, site_id }, changes);
  const user = namedUser(context.state, sent);
  if (user) return placeWith(context, site ?? siteById(context.state, row.site_id), user);
  return site ? { client_id: site.client_id, site_id: site.id } : {};
}

/** @returns `null` where none is named. */
function namedUser(state: HaloState, sent: Sent): UserRow | null {
  const { user_id, site_id, client_id, userlookup, usertype } = sent;
  if (user_id != null) {
    if (site_id == null) throw exception('A site must be selected for the user');
    const user = state.users.find(({ id }) => id === user_id);
    if (!user) throw exception(`User ${user_id} does not exist`);
    return user;
  }
  const isByHand = userlookup?.id === BY_HAND && usertype === USER;
  if (!isByHand || client_id == null) return null;
  return generalUserOf(state, clientById(state, client_id).id) ?? null;
}

function placeWith({ state, quirks }: HaloContext, site: SiteRow, user: UserRow): Place {
  const own = siteById(state, user.site_id);
  if (own.client_id !== site.client_id) {
    if (quirks.ticketUserOfOtherClient === 'refuse') {
      throw exception(`User ${user.id} does not belong to client ${site.client_id}`);
    }
    if (quirks.ticketUserOfOtherClient === 'moveToUser') {
      return { client_id: own.client_id, site_id: own.id, user_id: user.id };
    }
  }
  return { client_id: site.client_id, site_id: site.id, user_id: user.id };
}
