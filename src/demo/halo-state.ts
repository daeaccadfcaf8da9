/** A row of a table, with anything else that was written to it. */
export interface HaloRow {
  id: number;
  inactive: boolean;
  [property: string]: unknown;
}

export interface ClientRow extends HaloRow {
  name: string;
  /** Halo makes a first site with each client. */
  main_site_id: number;
}

export interface SiteRow extends HaloRow {
  name: string;
  client_id: number;
}

export interface UserRow extends HaloRow {
  name: string;
  site_id: number;
  emailaddress: string;
  /** The name that the user signs in with. */
  login: string;
}

export interface AssetTypeRow {
  id: number;
  name: string;
  /** The fields that assets of this type have; `null`: all. */
  fieldIds: number[] | null;
  /** The fields whose values stand in `key_field`, `key_field2` and `key_field3`. */
  keyFieldIds: number[];
}

export interface FieldRow {
  id: number;
  name: string;
}

export interface AssetRow extends HaloRow {
  /** On Halo's pages "Asset Tag". */
  inventory_number: string;
  client_id: number;
  site_id: number;
  assettype_id: number;
  fields: { id: number; value: string }[];
  users: { id: number }[];
}

/** A row of a table that is chosen from. */
export interface NamedRow {
  id: number;
  name: string;
}

export interface TicketRow extends HaloRow {
  summary: string;
  /** The text without its markup. */
  details: string;
  details_html: string;
  tickettype_id: number;
  status_id: number;
  priority_id: number;
  client_id: number;
  site_id: number;
  user_id: number;
  /** 1: nobody. */
  agent_id: number;
  dateoccurred: string;
  hasbeenclosed: boolean;
  assets: { id: number }[];
}

/** An entry in the history of a ticket. */
export interface ActionRow extends HaloRow {
  ticket_id: number;
  outcome: string;
  outcome_id: number;
  note: string;
  note_html: string;
  who: string;
  who_agentid: number;
  hiddenfromuser: boolean;
  datetime: string;
  /** What wrote it through the API; `null`: a person on Halo's pages, or Halo itself. */
  actionby_application_id: string | null;
  /** Not 0: Halo wrote it by itself. */
  action_systemid: number;
}

/** Everything that the instance holds. The tables may be read and changed at any time. */
export interface HaloState {
  clients: ClientRow[];
  sites: SiteRow[];
  users: UserRow[];
  assetTypes: AssetTypeRow[];
  fields: FieldRow[];
  assets: AssetRow[];
  ticketTypes: NamedRow[];
  statuses: NamedRow[];
  priorities: NamedRow[];
  tickets: TicketRow[];
  actions: ActionRow[];
}

/** An instance that holds nothing. */
export function emptyHalo(): HaloState {
  const assets = { assetTypes: [], fields: [], assets: [] };
  const tickets = { ticketTypes: [], statuses: [], priorities: [], tickets: [], actions: [] };
  return { clients: [], sites: [], users: [], ...assets, ...tickets };
}

/** How far a table was looked through, and the highest id that it ever held. */
interface Counted {
  highest: number;
  rows: number;
  last: unknown;
}

const counted = new WeakMap<readonly unknown[], Counted>();

/** The id of a table's next row. As in a database, the id of a row that was removed does not come again. */
export function nextId(rows: readonly { id: number }[]): number {
  const before = counted.get(rows) ?? { highest: 0, rows: 0, last: undefined };
  // A table that only grew is looked through from where it was left: it may hold half a million rows.
  const hasOnlyGrown = before.rows > 0 && rows[before.rows - 1] === before.last;
  let { highest } = before;
  for (let index = hasOnlyGrown ? before.rows : 0; index < rows.length; index++) {
    highest = Math.max(highest, rows[index]?.id ?? 0);
  }
  counted.set(rows, { highest: highest + 1, rows: rows.length, last: rows.at(-1) });
  return highest + 1;
}

/** Whether two names are the same to Halo: case does not count. */
export function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
