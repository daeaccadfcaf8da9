import type { Changes } from './changes.js';
import { exception } from './halo-problem.js';
import { addClient } from './halo-rows.js';
import { type ClientRow, type HaloState, type SiteRow, sameName } from './halo-state.js';

/** Where something stands, as a write names it. */
export interface NamedPlace {
  client_id?: number | null | undefined;
  client_name?: string | null | undefined;
  site_id?: number | null | undefined;
  site_name?: string | null | undefined;
}

/**
 * The site that a write names. An unknown id is refused; an unknown name is not: the thing is saved under the
 * client "Unknown". The site says which client it is; a client alone means its main site.
 * @returns `null` where nothing is named.
 * @throws Refusal
 */
export function resolveSite(state: HaloState, place: NamedPlace, changes: Changes): SiteRow | null {
  const client = place.client_id == null ? null : clientById(state, place.client_id);
  if (place.site_id != null) return siteById(state, place.site_id);
  if (client) return mainSite(state, client);
  if (place.client_name == null && place.site_name == null) return null;
  return siteByName(state, place) ?? unknownSite(state, changes);
}

/** The site of what was saved without a place that Halo knows. */
export function unknownSite(state: HaloState, changes: Changes): SiteRow {
  const found = state.clients.find(({ name }) => name === 'Unknown');
  return mainSite(state, found ?? addClient(state, { name: 'Unknown', mainSiteName: 'Unknown' }, changes));
}

/** @throws Refusal */
export function clientById(state: HaloState, wanted: number): ClientRow {
  const client = state.clients.find(({ id }) => id === wanted);
  if (!client) throw exception(`Client ${wanted} does not exist`);
  return client;
}

/** @throws Refusal */
export function siteById(state: HaloState, wanted: number): SiteRow {
  const site = state.sites.find(({ id }) => id === wanted);
  if (!site) throw exception(`Site ${wanted} does not exist`);
  return site;
}

function mainSite(state: HaloState, client: ClientRow): SiteRow {
  const site = state.sites.find(({ id }) => id === client.main_site_id);
  if (!site) throw exception(`Client ${client.id} has no main site`);
  return site;
}

function siteByName(state: HaloState, place: NamedPlace): SiteRow | undefined {
  const client = state.clients.find(({ name }) => sameName(name, place.client_name ?? ''));
  if (!client) return undefined;
  const own = state.sites.filter((site) => site.client_id === client.id);
  const { site_name: siteName } = place;
  return siteName == null ? mainSite(state, client) : own.find(({ name }) => sameName(name, siteName));
}
