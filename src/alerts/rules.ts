import type { Api } from '../api/types.js';
import type { Config, Reference } from '../config/config.js';
import { ConfigError } from '../config/error.js';
import { listClients, readMainSite } from '../halo/clients.js';
import { resolver } from '../halo/reference.js';
import { listStatuses, listTicketTypes } from '../halo/ticket-types.js';
import { findUsers, readUser } from '../halo/users.js';
import { compileExpression, type Expression } from '../inventory/expression.js';
import { normaliseValue } from '../inventory/junk.js';
import { idsOf } from '../inventory/sentence.js';
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
}

/**
 * Resolves every name in the config that alerts need. Only the lists that the config needs are read.
 * @throws ConfigError naming every unknown and every ambiguous name; ApiError where Halo cannot be read.
 */
export async function resolveAlertRules({ alerts, sites }: Config, halo: Api): Promise<AlertRules> {
  const mistakes: string[] = [];
  const { ticketType = 0, closedStatus, newAlertUser = 0 } = alerts;
  const typeId = resolver(
    'ticket type',
    await listTicketTypes(halo),
    mistakes,
  )('alerts.ticketType', ticketType);
  const statuses = typeof closedStatus === 'string' ? await listStatuses(halo) : null;
  const closedStatusId = resolver('status', statuses, mistakes)('alerts.closedStatus', closedStatus);
  const user = await findOne(halo, newAlertUser, mistakes);
  const clientId = await defaultClientId(halo, sites.defaultClient, mistakes);
  const defaultClient =
    clientId === null || mistakes.length > 0 || !user ? null : await withSite(halo, clientId, user, mistakes);
  if (mistakes.length > 0 || !user) throw new ConfigError(mistakes);
  return {
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
  mistakes: string[],
): Promise<number | null> {
  if (client === undefined || typeof client === 'number') return client ?? null;
  return resolver('client', (await listClients(halo)).clients, mistakes)('sites.defaultClient', client);
}

/** A user comes with a site: where the New Alert User belongs to the default client, that is the place for the ticket. */
async function withSite(
  halo: Api,
  id: number,
  user: HaloUser,
  mistakes: string[],
): Promise<AlertRules['defaultClient']> {
  const own = user.clientId === id ? (user.siteId ?? null) : null;
  if (own !== null) return { id, siteId: own };
  const client = await readMainSite(halo, id);
  if (!client) mistakes.push(`sites.defaultClient: Halo has no client with the id ${id}.`);
  return { id, siteId: client?.mainSiteId ?? null };
}

/** By id, name, address or login. */
async function findOne(halo: Api, reference: Reference, mistakes: string[]): Promise<HaloUser | null> {
  const path = 'alerts.newAlertUser';
  if (typeof reference === 'number') {
    const user = await readUser(halo, reference);
    if (!user) mistakes.push(`${path}: Halo has no user with the id ${reference}.`);
    return user;
  }
  const wanted = normaliseValue(reference);
  const { users } = await findUsers(halo, [reference]);
  const fitting = users.filter(
    ({ name, emails, logins, inactive }) =>
      !inactive && [normaliseValue(name), ...emails, ...logins].includes(wanted),
  );
  const [user, ...others] = fitting;
  if (!user) mistakes.push(`${path}: Halo has no active user called "${reference}".`);
  if (others.length === 0) return user ?? null;
  mistakes.push(
    `${path}: Halo has several users called "${reference}" (ids ${idsOf(fitting)}): name one by its id.`,
  );
  return null;
}

function compileFields(texts: Config['alerts']['fields']): AlertFields {
  const fields: AlertFields = {};
  for (const name of ALERT_FIELDS) {
    const text = texts[name];
    if (text !== undefined) fields[name] = compileExpression(text);
  }
  return fields;
}
