import type { HaloContext } from './halo-context.js';

/** Serves /TicketType, /Status and /Priority, whose lists are bare arrays. */
export function serveTicketChoices({ frame, state }: HaloContext): void {
  frame.app.get('/api/TicketType', () =>
    state.ticketTypes.map((row, sequence) => ({
      ...row,
      use: 'ticket',
      sequence,
      cancreate: true,
      agentscanselect: true,
    })),
  );
  frame.app.get('/api/Status', () =>
    state.statuses.map((row, sequence) => ({ ...row, shortname: row.name, type: 0, sequence })),
  );
  // The id of a ticket's priority is `priorityid` here; what the text in `id` is made of is not known.
  frame.app.get('/api/Priority', () =>
    state.priorities.map(({ id, name }) => ({ id: `1-${id}`, slaid: 1, priorityid: id, name })),
  );
}
