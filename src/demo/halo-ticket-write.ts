import { z } from 'zod';
import type { Changes } from './changes.js';
import type { HaloContext } from './halo-context.js';
import { bothForms } from './halo-html.js';
import { kept } from './halo-kept.js';
import { exception, plainText, wholeNumber } from './halo-problem.js';
import { addAction, addTicket } from './halo-rows.js';
import type { NamedRow, TicketRow } from './halo-state.js';
import { statusPatch } from './halo-ticket-status.js';
import { movedTicket, resolveTicketUser, ticketUserShape } from './halo-ticket-user.js';
import { elementShape } from './halo-write.js';

/** Flags of the request, what Halo works out itself, and what is checked before it is stored. */
const NOT_STORED = [
  ...Object.keys(ticketUserShape),
  'assets',
  'details',
  'details_html',
  'donotapplytemplateintheapi',
  'do_not_apply_template_in_the_api',
  'dont_do_rules',
  'hasbeenclosed',
  'priority_id',
  'status_id',
  'status_name',
  'summary',
  'tickettype_id',
  'tickettype_name',
  'user_name',
];

/** A ticket as it is written. */
export const ticketShape = elementShape.extend({
  ...ticketUserShape,
  summary: z.string().nullish(),
  details: z.string().nullish(),
  details_html: z.string().nullish(),
  tickettype_id: wholeNumber.nullish(),
  status_id: wholeNumber.nullish(),
  priority_id: wholeNumber.nullish(),
  agent_id: wholeNumber.optional(),
  dateoccurred: z.string().optional(),
  inactive: z.boolean().optional(),
  assets: z.array(z.looseObject({ id: wholeNumber })).nullish(),
});
type Element = z.infer<typeof ticketShape>;

/** Adds a ticket, and what Halo notes of that itself. @throws Refusal where something is missing or does not stand. */
export function createTicket(context: HaloContext, element: Element, changes: Changes): TicketRow {
  const { state, quirks } = context;
  const { summary, tickettype_id } = element;
  if (tickettype_id == null) throw exception('A ticket must have a ticket type');
  if (!summary?.trim()) throw exception('A ticket must have a summary');
  checkRequired(quirks.requiredTicketProperty, element);
  const properties = { ...stored(context, element, false), summary, tickettype_id };
  const row = { ...properties, ...resolveTicketUser(context, element, changes) };
  const ticket = addTicket(state, row, changes);
  if (quirks.systemActions) noteCreation(context, ticket, changes);
  return ticket;
}

/** Changes what was sent of a ticket, and nothing else. @throws Refusal */
export function updateTicket(context: HaloContext, row: TicketRow, element: Element, changes: Changes): void {
  if (element.summary != null && !element.summary.trim()) throw exception('A ticket must have a summary');
  const place = movedTicket(context, row, element, changes);
  changes.assign(row, { ...stored(context, element, row.hasbeenclosed), ...place });
}

function stored(context: HaloContext, element: Element, wasClosed: boolean): Partial<TicketRow> {
  const { state } = context;
  const { summary, tickettype_id, priority_id, assets } = element;
  checkKnown('Ticket type', state.ticketTypes, tickettype_id);
  checkKnown('Priority', state.priorities, priority_id);
  for (const { id } of assets ?? []) checkKnown('Asset', state.assets, id);
  const text = bothForms({ plain: element.details, html: element.details_html });
  return {
    ...kept(element, NOT_STORED),
    ...statusPatch(context, element.status_id, wasClosed),
    ...(summary != null && { summary }),
    ...(tickettype_id != null && { tickettype_id }),
    ...(priority_id != null && { priority_id }),
    ...(assets && { assets: assets.map(({ id }) => ({ id })) }),
    ...(text && { details: text.plain, details_html: text.html }),
  };
}

function checkKnown(noun: string, rows: readonly Pick<NamedRow, 'id'>[], wanted: number | null | undefined) {
  if (wanted == null || rows.some(({ id }) => id === wanted)) return;
  throw exception(`${noun} ${wanted} does not exist`);
}

/** Which properties a ticket must have is a setting of its type; the code is one that has been seen. */
function checkRequired(name: string | null, element: Element): void {
  if (name === null || (element[name] ?? '') !== '') return;
  throw plainText(`CODE:APP03/2 Please select a value for ${name}`);
}

function noteCreation({ state }: HaloContext, ticket: TicketRow, changes: Changes): void {
  const outcome = { outcome: 'Ticket Created', outcome_id: 0 };
  const author = { who: 'System', who_agentid: 0, action_systemid: 1 };
  addAction(state, { ticket_id: ticket.id, ...outcome, ...author }, changes);
}
