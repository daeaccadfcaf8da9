import { type Changes, makeChanges } from './changes.js';
import {
  type ActionRow,
  type AssetRow,
  type AssetTypeRow,
  type ClientRow,
  type FieldRow,
  type HaloState,
  nextId,
  type SiteRow,
  type TicketRow,
  type UserRow,
} from './halo-state.js';

/** The name of the user whom Halo makes with each client. */
export const GENERAL_USER = 'General User';

/** Adds a client, and what Halo makes with it: its main site, and there a general user. */
export function addClient(
  state: HaloState,
  given: { id?: number; name: string; mainSiteName?: string; [property: string]: unknown },
  changes: Changes = makeChanges(),
): ClientRow {
  const { mainSiteName = 'Main', ...properties } = given;
  const id = given.id ?? nextId(state.clients);
  const client: ClientRow = { inactive: false, ...properties, id, main_site_id: 0 };
  changes.push(state.clients, client);
  const site = addSite(state, { name: mainSiteName, client_id: id }, changes);
  client.main_site_id = site.id;
  addUser(state, { name: GENERAL_USER, site_id: site.id }, changes);
  return client;
}

/** Adds a site. */
export function addSite(
  state: HaloState,
  given: { id?: number; name: string; client_id: number; [property: string]: unknown },
  changes: Changes = makeChanges(),
): SiteRow {
  return changes.push(state.sites, { inactive: false, ...given, id: given.id ?? nextId(state.sites) });
}

/** Adds a user. */
export function addUser(
  state: HaloState,
  given: { id?: number; name: string; site_id: number; [property: string]: unknown },
  changes: Changes = makeChanges(),
): UserRow {
  const id = given.id ?? nextId(state.users);
  return changes.push(state.users, { inactive: false, emailaddress: '', login: '', ...given, id });
}

/** Adds a type of assets; without more, its assets have all fields. */
export function addAssetType(
  state: HaloState,
  given: Partial<AssetTypeRow> & { name: string },
): AssetTypeRow {
  const row = { fieldIds: null, keyFieldIds: [], ...given, id: given.id ?? nextId(state.assetTypes) };
  state.assetTypes.push(row);
  return row;
}

/** Adds a field of assets. */
export function addField(state: HaloState, given: { id?: number; name: string }): FieldRow {
  const row = { name: given.name, id: given.id ?? nextId(state.fields) };
  state.fields.push(row);
  return row;
}

/** Adds an asset as it stands, unchecked. */
export function addAsset(
  state: HaloState,
  given: Partial<AssetRow> & { inventory_number: string; site_id: number; assettype_id: number },
  changes: Changes = makeChanges(),
): AssetRow {
  const client_id = state.sites.find(({ id }) => id === given.site_id)?.client_id ?? 0;
  const row = { inactive: false, status_id: 1, fields: [], users: [], client_id, ...given };
  return changes.push(state.assets, { ...row, id: given.id ?? nextId(state.assets) });
}

/** Adds a ticket as it stands, unchecked; without more, an open one of the general user of its site's client. */
export function addTicket(
  state: HaloState,
  given: Partial<TicketRow> & { summary: string; site_id: number; tickettype_id: number },
  changes: Changes = makeChanges(),
): TicketRow {
  const client_id = state.sites.find(({ id }) => id === given.site_id)?.client_id ?? 0;
  const row = {
    inactive: false,
    details: '',
    details_html: '',
    status_id: 1,
    priority_id: 3,
    client_id,
    user_id: generalUserOf(state, client_id)?.id ?? 0,
    agent_id: 1,
    dateoccurred: new Date().toISOString(),
    hasbeenclosed: false,
    assets: [],
    ...given,
  };
  return changes.push(state.tickets, { ...row, id: given.id ?? nextId(state.tickets) });
}

/** Adds an action to a ticket, unchecked; without more, a note that a person wrote. */
export function addAction(
  state: HaloState,
  given: Partial<ActionRow> & { ticket_id: number },
  changes: Changes = makeChanges(),
): ActionRow {
  const row = {
    inactive: false,
    outcome: 'Private Note',
    outcome_id: 7,
    note: '',
    note_html: given.note ?? '',
    who: 'Robin Technician',
    who_agentid: 4,
    hiddenfromuser: true,
    datetime: new Date().toISOString(),
    actionby_application_id: null,
    action_systemid: 0,
    ...given,
  };
  return changes.push(state.actions, { ...row, id: given.id ?? nextId(state.actions) });
}

/** The user whom Halo made with the client, wherever in it that user is by now. */
export function generalUserOf(state: HaloState, clientId: number): UserRow | undefined {
  const sites = state.sites.filter(({ client_id }) => client_id === clientId).map(({ id }) => id);
  return state.users.find(({ name, site_id }) => name === GENERAL_USER && sites.includes(site_id));
}
