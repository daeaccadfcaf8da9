import { z } from 'zod';
import type { Changes } from './changes.js';
import type { HaloContext } from './halo-context.js';
import { bothForms } from './halo-html.js';
import { kept } from './halo-kept.js';
import { listPage, readListQuery } from './halo-list.js';
import { exception, plainText, wholeNumber } from './halo-problem.js';
import { addAction } from './halo-rows.js';
import { type ActionRow, sameName, type TicketRow } from './halo-state.js';
import { statusPatch } from './halo-ticket-status.js';
import { elementShape, serveWrites } from './halo-write.js';

/** The agent whom the API application acts as. */
export const API_AGENT = { who: 'HaloIntegrator', who_agentid: 3 } as const;

/** The outcomes that are known by name. Ids differ from instance to instance. */
const OUTCOMES = [
  { id: 7, name: 'Private Note' },
  { id: 16, name: 'Public Note' },
] as const;

const shape = elementShape.extend({
  ticket_id: wholeNumber.nullish(),
  outcome: z.string().nullish(),
  outcome_id: wholeNumber.nullish(),
  note: z.string().nullish(),
  note_html: z.string().nullish(),
  hiddenfromuser: z.boolean().optional(),
  new_status: wholeNumber.nullish(),
  inactive: z.boolean().optional(),
});
type Element = z.infer<typeof shape>;

/** Serves /Actions: what was done on tickets, by persons, by Halo itself and through the API. */
export function serveActions(context: HaloContext): void {
  const { frame, state, quirks } = context;
  frame.app.get('/api/Actions', (request) => {
    const query = readListQuery(request.query ?? {});
    const rows = state.actions.filter(
      ({ ticket_id, action_systemid }) =>
        (query.ticket_id?.includes(ticket_id) ?? true) && !(query.excludesys && action_systemid !== 0),
    );
    const searched = ({ note, outcome }: ActionRow) => [note, outcome];
    const render = (row: ActionRow) => actionRecord(row, query.includehtmlnote);
    return listPage(quirks, query, { plural: 'actions', rows, searched, render });
  });
  serveWrites(context, '/api/Actions', {
    noun: 'Action',
    shape,
    rows: state.actions,
    create: (element, changes) => createAction(context, element, changes),
    update: (row, element, changes) => changes.assign(row, written(element)),
    render: (row) => actionRecord(row, true),
  });
}

function createAction(context: HaloContext, element: Element, changes: Changes): ActionRow {
  const { state, quirks, key } = context;
  const ticket = ticketOf(context, element);
  const outcome = readOutcome(element);
  const isAllowed = quirks.allowedOutcomes?.includes(outcome.outcome_id) ?? true;
  if (quirks.refusesNotes || !isAllowed) {
    throw plainText('You do not have access to this Action at the moment');
  }
  changes.assign(ticket, statusPatch(context, element.new_status, ticket.hasbeenclosed));
  const author = { ...API_AGENT, actionby_application_id: key.clientId };
  const seen = { hiddenfromuser: false };
  return addAction(
    state,
    { ...seen, ...written(element), ...outcome, ...author, ticket_id: ticket.id },
    changes,
  );
}

function ticketOf({ state }: HaloContext, { ticket_id: wanted }: Element): TicketRow {
  const ticket = state.tickets.find(({ id }) => id === wanted);
  if (!ticket) throw exception(`Ticket ${wanted ?? 0} does not exist`);
  return ticket;
}

/** An outcome is named by its id or its name; one of a name that is not known has no id. */
function readOutcome({ outcome, outcome_id }: Element): Pick<ActionRow, 'outcome' | 'outcome_id'> {
  if (outcome_id == null && !outcome?.trim()) throw plainText('An Outcome must be entered for this Action');
  const known = OUTCOMES.find(({ id, name }) =>
    outcome_id == null ? sameName(name, outcome ?? '') : id === outcome_id,
  );
  return { outcome: outcome ?? known?.name ?? '', outcome_id: outcome_id ?? known?.id ?? 0 };
}

function written(element: Element): Partial<ActionRow> {
  const text = bothForms({ plain: element.note, html: element.note_html });
  return {
    ...kept(element, [
      'ticket_id',
      'outcome',
      'outcome_id',
      'note',
      'note_html',
      'new_status',
      'dont_do_rules',
    ]),
    ...(text && { note: text.plain, note_html: text.html }),
  };
}

/** The note with its markup comes only where it is asked for. */
function actionRecord(row: ActionRow, withHtml: boolean): object {
  const { note_html, inactive: _inactive, ...rest } = row;
  return { ...rest, ...(withHtml && { note_html }) };
}
