import type { HaloContext } from './halo-context.js';
import { exception } from './halo-problem.js';
import type { TicketRow } from './halo-state.js';

/** What a status makes of a ticket; `null` leaves it as it is. @throws Refusal for one that does not exist. */
export function statusPatch(
  { state, quirks }: HaloContext,
  status: number | null | undefined,
  wasClosed: boolean,
): Partial<Pick<TicketRow, 'status_id' | 'hasbeenclosed'>> {
  if (status == null) return {};
  if (!state.statuses.some(({ id }) => id === status)) throw exception(`Status ${status} does not exist`);
  const sticks = quirks.hasBeenClosedSticks && wasClosed;
  return { status_id: status, hasbeenclosed: sticks || status === quirks.closedStatusId };
}
