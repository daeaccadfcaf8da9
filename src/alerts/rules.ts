import type { Api } from '../api/types.js';
import type { Config, Reference } from '../config/config.js';
import { listClients, readMainSite } from '../halo/clients.js';
import { type LookedUp, pickOne, resolver, throwUnlessKnown, UnknownNamesError } from '../halo/reference.js';
import { listStatuses, listTicketTypes } from '../halo/ticket-types.js';
import { findUsers, readUser } from '../halo/users.js';
import { compileExpression, type Expression } from '../inventory/expression.js';
import { normaliseValue } from '../inventory/junk.js';
import type { HaloUser } from '../inventory/types.js';
import { ALERT_FIELDS, type AlertFields } from './reading/alert.js';

/** The config as alerts apply it: names resolved to Halo's ids, expressions compiled. */
export interface AlertRules {
  typeId: number;
  closedStatusId: number;
  newAlertUser: HaloUser;
  /** Of alerts that nothing ties to a client. `null`: that of the New Alert User. */
  defaultClient: { id: number; siteId: number | null } | null;
  fields: AlertFields;
  pollFilter: Expression;
  /** How the names were resolved. */
  looked: readonly LookedUp[];
}

/**
 * Resolves every name in the config that alerts need. Only the lists that the config needs are read.
 * @param looksUpIds whether ids are looked up as well.
 * @throws UnknownNamesError naming every unknown and every ambiguous name; ApiError where Halo cannot be read.
 */
export async function resolveAlertRules(
  { alerts, sites }: Config,
  halo: Api,
  looksUpIds = false,
): Promise<AlertRules> {
  const looked: LookedUp[] = [];
  const { ticketType = 0, closedStatus, newAlertUser = 0 } = alerts;
  const typeId = resolver(
    'ticket type',
    await listTicketTypes(halo),
    looked,
  )('alerts.ticketType', ticketType);
  const isListed = looksUpIds || typeof closedStatus === 'string';
  const statuses = isListed ? await listStatuses(halo) : null;
  const closedStatusId = resolver('status', statuses, looked)('alerts.closedStatus', closedStatus);
  const user = await findOne(halo, newAlertUser, looked);
  const clientId = await defaultClientId(halo, sites.defaultClient, looked);
  const isKnown = looked.every(({ problem }) => problem === null);
  const defaultClient =
    clientId === null || !isKnown || !user ? null : await withSite(halo, clientId, user, looked);
  throwUnlessKnown(looked);
  if (!user) throw new UnknownNamesError(looked);
  return {
    looked,
    typeId,
    closedStatusId,
    newAlertUser: user,
    defaultClient,
    fields: compileFields(alerts.fields),
    pollFilter: compileExpression(alerts.pollFilter),
  };
}

async function defaultClientId(
  halo: Api,
  client: Reference | undefined,
  looked: LookedUp[],
): Promise<number | null> {
  if (client === undefined || typeof client === 'number') return client ?? null;
  return resolver('client', (await listClients(halo)).clients, looked)('sites.defaultClient', client);
}

/** A user comes with a site: where the New Alert User belongs to the default client, that is the place for the ticket. */
async function withSite(
  halo: Api,
  id: number,
  user: HaloUser,
  looked: LookedUp[],
): Promise<AlertRules['defaultClient']> {
  const own = user.clientId === id ? (user.siteId ?? null) : null;
  if (own !== null) return { id, siteId: own };
  const client = await readMainSite(halo, id);
  if (!client) {
    const problem = pickOne('client', id, [], null);
    looked.push({ path: 'sites.defaultClient', noun: 'client', reference: id, ...problem });
  }
  return { id, siteId: client?.mainSiteId ?? null };
}

/** By id, name, address or login. */
async function findOne(halo: Api, reference: Reference, looked: LookedUp[]): Promise<HaloUser | null> {
  const [user, ...others] = await usersBy(halo, reference);
  const fitting = user ? [user, ...others] : [];
  const noun = typeof reference === 'number' ? 'user' : 'active user';
  const { found, problem } = pickOne(others.length > 0 ? 'user' : noun, reference, fitting, null);
  looked.push({ path: 'alerts.newAlertUser', noun: 'user', reference, found, problem });
  return found && user ? user : null;
}

async function usersBy(halo: Api, reference: Reference): Promise<HaloUser[]> {
  if (typeof reference === 'number') {
    const user = await readUser(halo, reference);
    return user ? [user] : [];
  }
  const wanted = normaliseValue(reference);
  const { users } = await findUsers(halo, [reference]);
  return users.filter(
    ({ name, emails, logins, inactive }) =>
      !inactive && [normaliseValue(name), ...emails, ...logins].includes(wanted),
  );
}

function compileFields(texts: Config['alerts']['fields']): AlertFields {
  const fields: AlertFields = {};
  for (const name of ALERT_FIELDS) {
    const text = texts[name];
    if (text !== undefined) fields[name] = compileExpression(text);
  }
  return fields;
}
