import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import { idsOf } from './sentence.js';
import type { SiteRules, WantedSite } from './site.js';
import type { HaloClient, HaloSite } from './types.js';

/** What is known of Halo and of earlier runs when sites are decided. */
export interface SiteKnowledge {
  clients: readonly HaloClient[];
  sites: readonly HaloSite[];
  /** RMM site id → Halo site id, of every linked site. */
  links: ReadonlyMap<string, number>;
}

/** The same, ready to be looked up. */
export interface SiteIndex {
  clients: ReadonlyMap<number, HaloClient>;
  clientsByName: ReadonlyMap<string, HaloClient[]>;
  sites: ReadonlyMap<number, HaloSite>;
  sitesByName: ReadonlyMap<string, HaloSite[]>;
  /** RMM site id → Halo site id. */
  links: ReadonlyMap<string, number>;
  /** Halo site id → the RMM sites that are linked to it. */
  owners: ReadonlyMap<number, string[]>;
}

/** Where a site shall stand in Halo. */
export interface Target {
  client: HaloClient;
  name: string;
  /** `null`: it is to be created. */
  site: HaloSite | null;
  reason: string;
  /** Whether its company has no client of its own, so that it would go under the default client. */
  byDefault?: boolean;
  /** Whether a mapping row names this very Halo site, so that several sites of the RMM may share it. */
  byRow: boolean;
}

/** Why it cannot be told where a site shall stand. */
interface Left {
  left: string;
}

export function indexSites({ clients, sites, links }: SiteKnowledge): SiteIndex {
  const active = clients.filter((client) => !client.inactive);
  return {
    clients: new Map(clients.map((client) => [client.id, client])),
    clientsByName: groupBy(active, (client) => normaliseValue(client.name)),
    sites: new Map(sites.map((site) => [site.id, site])),
    sitesByName: groupBy(sites, (site) => placeKey(site.clientId, site.name)),
    links,
    owners: groupOwners(links),
  };
}

function groupOwners(links: ReadonlyMap<string, number>): Map<number, string[]> {
  const groups = groupBy(links, ([, haloId]) => haloId);
  return new Map([...groups].map(([haloId, some]) => [haloId, some.map(([rmmId]) => rmmId)]));
}

/** A site's place in Halo: its client and its name. */
export function placeKey(clientId: number, name: string): string {
  return `${clientId} ${normaliseValue(name)}`;
}

/** The same for two sites of the RMM that would be one in Halo. */
export function targetKey({ client, name, site }: Target): string {
  return site ? `site ${site.id}` : placeKey(client.id, name);
}

/** Finds where a site shall stand, regardless of the other sites of the RMM that have no link yet. */
export function findTarget(wanted: WantedSite, halo: SiteIndex, rules: SiteRules): Target | Left {
  const { mapping } = wanted;
  if (mapping && mapping.siteId !== null) return findMapped(mapping.clientId, mapping.siteId, halo);
  const linkedId = halo.links.get(wanted.rmmId);
  const linked = linkedId === undefined ? undefined : halo.sites.get(linkedId);
  if (linked) return stayLinked(wanted, linked, halo, rules);
  const chosen = chooseClient(wanted, halo, rules);
  return 'left' in chosen ? chosen : findByName(wanted, chosen, halo, rules);
}

function findMapped(clientId: number, siteId: number, halo: SiteIndex): Target | Left {
  const site = halo.sites.get(siteId);
  const client = halo.clients.get(clientId);
  if (site && client && site.clientId === clientId) {
    return { client, name: site.name, site, reason: 'mapping row', byRow: true };
  }
  const isElsewhere = site && site.clientId !== clientId;
  const fault = isElsewhere ? `but it belongs to client ${site.clientId}` : 'which Halo does not list';
  return {
    left: `Its row in sites.mappings names site ${siteId} of Halo client ${clientId}, ${fault}: correct the row.`,
  };
}

function stayLinked(wanted: WantedSite, site: HaloSite, halo: SiteIndex, rules: SiteRules): Target | Left {
  const { mapping } = wanted;
  const chosen = mapping
    ? clientById(mapping.clientId, 'mapping row', halo)
    : clientById(site.clientId, `the client of its Halo site ${site.id}`, halo);
  if ('left' in chosen) return chosen;
  const { client } = chosen;
  return { client, name: nameUnder(client, wanted, rules), site, reason: 'linked', byRow: false };
}

interface Choice {
  client: HaloClient;
  reason: string;
  byDefault?: boolean;
}

function chooseClient(wanted: WantedSite, halo: SiteIndex, rules: SiteRules): Choice | Left {
  const { companyName, mapping } = wanted;
  if (mapping) return clientById(mapping.clientId, 'mapping row', halo);
  const sameName = halo.clientsByName.get(normaliseValue(companyName)) ?? [];
  const [client, ...others] = rules.matchClientsByName ? sameName : [];
  if (client && others.length === 0) return { client, reason: 'client of the same name' };
  if (client) {
    const what = `several Halo clients are called ${companyName} (${idsOf(sameName)})`;
    return { left: `Ambiguous: ${what}. ${addRow(wanted)}` };
  }
  if (rules.defaultClientId !== null) {
    const choice = clientById(rules.defaultClientId, 'sites.defaultClient', halo);
    return 'left' in choice ? choice : { ...choice, byDefault: true };
  }
  return {
    left: `No Halo client for ${companyName}: add a row to sites.mappings, or set sites.defaultClient.`,
  };
}

function clientById(id: number, reason: string, halo: SiteIndex): Choice | Left {
  const client = halo.clients.get(id);
  if (client) return { client, reason };
  return {
    left: `Halo does not list client ${id} (${reason}): correct the config, or what the agent may see.`,
  };
}

function findByName(
  wanted: WantedSite,
  { client, reason, byDefault = false }: Choice,
  halo: SiteIndex,
  rules: SiteRules,
): Target | Left {
  const name = nameUnder(client, wanted, rules);
  const sameName = halo.sitesByName.get(placeKey(client.id, name)) ?? [];
  const [site, ...others] = sameName;
  const target = { client, name, byRow: false, byDefault };
  if (!site) return { ...target, site: null, reason: `new under ${client.name} (${reason})` };
  if (others.length > 0) {
    const what = `Halo client ${client.name} has several sites called ${name} (${idsOf(sameName)})`;
    return { left: `Ambiguous: ${what}. ${addRow(wanted)}` };
  }
  if (halo.owners.has(site.id)) {
    const what = `site ${name} (${site.id}) of Halo client ${client.name} is linked to another site of the RMM`;
    return { left: `Ambiguous: ${what}. ${addRow(wanted)}` };
  }
  return { ...target, site, reason: `same name under ${client.name} (${reason})` };
}

/** Under the default client company and site are named together, so that two "Main office" stay two. */
function nameUnder(client: HaloClient, wanted: WantedSite, rules: SiteRules): string {
  const isDefault = client.id === rules.defaultClientId && !wanted.mapping;
  return isDefault ? wanted.nameUnderDefaultClient : wanted.name;
}

/** Says so of a site that another one of the RMM would share with it. */
export function sharedTarget(wanted: WantedSite, { client, name }: Target): string {
  return `Ambiguous: several sites of the RMM would be site ${name} of Halo client ${client.name}. ${addRow(wanted)}`;
}

function addRow({ companyName, name }: WantedSite): string {
  return `Add a row to sites.mappings for ${companyName} / ${name}.`;
}
