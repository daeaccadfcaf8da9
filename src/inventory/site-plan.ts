import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import type { Change, Plan, Values } from './plan.js';
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
interface Index {
  clients: ReadonlyMap<number, HaloClient>;
  clientsByName: ReadonlyMap<string, HaloClient[]>;
  sites: ReadonlyMap<number, HaloSite>;
  sitesByName: ReadonlyMap<string, HaloSite[]>;
  links: ReadonlyMap<string, number>;
  /** Halo site id → its links. */
  owners: ReadonlyMap<number, [rmmId: string, haloId: number][]>;
}

function indexOf(known: SiteKnowledge): Index {
  return {
    clients: new Map(known.clients.map((client) => [client.id, client])),
    clientsByName: groupBy(
      known.clients.filter((client) => !client.inactive),
      (client) => normaliseValue(client.name),
    ),
    sites: new Map(known.sites.map((site) => [site.id, site])),
    sitesByName: groupBy(known.sites, (site) => placeKey(site.clientId, site.name)),
    links: known.links,
    owners: groupBy(known.links, ([, haloId]) => haloId),
  };
}

function placeKey(clientId: number, name: string): string {
  return `${clientId} ${normaliseValue(name)}`;
}

/** Where a site shall stand, or the sentence that says why that cannot be told. */
type Target =
  | { client: HaloClient; name: string; site: HaloSite | null; reason: string; byRow: boolean }
  | { left: string };

/**
 * Decides for each site: link → mapping row → same name under the client → create. The client: mapping
 * row → client of the same name → default client. A mapping row goes before an older link, since a
 * technician wrote it to be followed. A linked site stays with its client when its company is renamed.
 *
 * | in the RMM                  | in Halo                     | decision                         |
 * |-----------------------------|-----------------------------|----------------------------------|
 * | Harbor Dental / Main office | row says client 12, site 34 | linked to 34, which keeps its name |
 * | Harbor Dental / Warehouse   | Harbor Dental / warehouse   | linked to it                     |
 * | Harbor Dental / Clinic      | Harbor Dental, no such site | created under Harbor Dental      |
 * | Blue Fern / Main office     | no such client              | created under the default client |
 */
export function planSites(wanted: readonly WantedSite[], known: SiteKnowledge, rules: SiteRules): Plan {
  const halo = indexOf(known);
  const targets = wanted.map((site) => ({ site, target: findTarget(site, halo, rules) }));
  const sharing = groupBy(targets, ({ target }) => targetKey(target));
  const plan: Plan = { changes: [], settled: [], leftAlone: [] };
  for (const { site, target } of targets) {
    if ('left' in target) leave(plan, site, target.left);
    else if (!target.byRow && (sharing.get(targetKey(target))?.length ?? 0) > 1)
      leave(plan, site, sharedSentence(site, target));
    else settleOrChange(plan, site, target, halo);
  }
  return plan;
}

function findTarget(site: WantedSite, halo: Index, rules: SiteRules): Target {
  if (site.mapping?.siteId != null) return findMapped(site.mapping.siteId, halo);
  const linked = halo.sites.get(halo.links.get(site.rmmId) ?? -1);
  if (linked) return stayLinked(site, linked, halo, rules);
  const chosen = chooseClient(site, halo, rules);
  if ('left' in chosen) return chosen;
  return findByName(site, chosen.client, chosen.reason, halo, rules);
}

function findMapped(siteId: number, halo: Index): Target {
  const site = halo.sites.get(siteId);
  const client = site && halo.clients.get(site.clientId);
  if (!site || !client) {
    return {
      left: `Its row in sites.mappings names Halo site ${siteId}, which is not there: correct the row.`,
    };
  }
  return { client, name: site.name, site, reason: 'mapping row', byRow: true };
}

function stayLinked(wanted: WantedSite, site: HaloSite, halo: Index, rules: SiteRules): Target {
  const clientId = wanted.mapping?.clientId ?? site.clientId;
  const client = halo.clients.get(clientId);
  if (!client) return { left: `Halo client ${clientId} is not there: correct sites.mappings.` };
  return { client, name: nameUnder(client, wanted, rules), site, reason: 'linked', byRow: false };
}

function chooseClient(
  site: WantedSite,
  halo: Index,
  rules: SiteRules,
): { client: HaloClient; reason: string } | { left: string } {
  if (site.mapping) return clientById(site.mapping.clientId, 'mapping row', halo);
  const sameName = halo.clientsByName.get(normaliseValue(site.companyName)) ?? [];
  const [client] = rules.matchClientsByName ? sameName : [];
  if (client && sameName.length > 1) {
    const ids = sameName.map((each) => each.id).join(', ');
    return {
      left: `Ambiguous: several Halo clients are called ${site.companyName} (${ids}). Add a row to sites.mappings.`,
    };
  }
  if (client) return { client, reason: 'client of the same name' };
  if (rules.defaultClientId !== null) return clientById(rules.defaultClientId, 'default client', halo);
  return {
    left: `No Halo client for ${site.companyName}: add a row to sites.mappings, or set sites.defaultClient.`,
  };
}

function clientById(
  id: number,
  reason: string,
  halo: Index,
): { client: HaloClient; reason: string } | { left: string } {
  const client = halo.clients.get(id);
  return client
    ? { client, reason }
    : { left: `Halo client ${id} (${reason}) is not there: correct the config.` };
}

function findByName(
  wanted: WantedSite,
  client: HaloClient,
  reason: string,
  halo: Index,
  rules: SiteRules,
): Target {
  const name = nameUnder(client, wanted, rules);
  const sameName = halo.sitesByName.get(placeKey(client.id, name)) ?? [];
  const [site] = sameName.filter((each) => !halo.owners.has(each.id));
  const target = { client, name, byRow: false };
  if (sameName.length === 0) return { ...target, site: null, reason: `new under ${client.name} (${reason})` };
  if (!site || sameName.length > 1) return { left: sharedSentence(wanted, { client, name }) };
  return { ...target, site, reason: `same name under ${client.name} (${reason})` };
}

/** Under the default client company and site are named together, so that two "Main office" stay two. */
function nameUnder(client: HaloClient, site: WantedSite, rules: SiteRules): string {
  const isDefault = client.id === rules.defaultClientId && !site.mapping;
  return isDefault ? site.nameUnderDefaultClient : site.name;
}

function targetKey(target: Target): string {
  if ('left' in target) return '';
  return target.site ? `site ${target.site.id}` : placeKey(target.client.id, target.name);
}

function sharedSentence(site: WantedSite, target: { client: HaloClient; name: string }): string {
  return (
    `Ambiguous: more than one site would be ${target.name} of Halo client ${target.client.name}. ` +
    `Add a row to sites.mappings for ${site.companyName} / ${site.name}.`
  );
}

function leave(plan: Plan, site: WantedSite, reason: string): void {
  plan.leftAlone.push({ rmmId: site.rmmId, name: displayName(site), reason, report: true });
}

function settleOrChange(
  plan: Plan,
  wanted: WantedSite,
  target: Exclude<Target, { left: string }>,
  halo: Index,
): void {
  const change = changeOf(wanted, target, halo);
  const { haloId, rmmId } = change;
  if (change.action === 'link' && haloId !== null && halo.links.get(rmmId) === haloId) {
    plan.settled.push({
      rmmId,
      link: { haloId, fingerprint: change.fingerprint, clientId: target.client.id },
    });
  } else {
    plan.changes.push(change);
  }
}

function changeOf(wanted: WantedSite, target: Exclude<Target, { left: string }>, halo: Index): Change {
  const { site, client } = target;
  const differences = compare(wanted, target, halo);
  const values = mergeValues(differences);
  return {
    action: actionOf(site, values),
    rmmId: wanted.rmmId,
    haloId: site?.id ?? null,
    name: displayName(wanted),
    reason: target.reason,
    before: site ? Object.fromEntries(differences.map((each) => [each.label, each.before])) : {},
    after: Object.fromEntries(differences.map((each) => [each.label, each.after])),
    values,
    fingerprint: wanted.fingerprint,
    clientId: client.id,
  };
}

interface Difference {
  label: string;
  before: string;
  after: string;
  values: Values;
}

function compare(wanted: WantedSite, target: Exclude<Target, { left: string }>, halo: Index): Difference[] {
  const { site, client, name } = target;
  const clientBefore = site ? (halo.clients.get(site.clientId)?.name ?? '') : '';
  const differences: Difference[] = [];
  if (!site || normaliseValue(site.name) !== normaliseValue(name)) {
    differences.push({ label: 'name', before: site?.name ?? '', after: name, values: { name } });
  }
  if (site?.clientId !== client.id) {
    differences.push({
      label: 'client',
      before: clientBefore,
      after: client.name,
      values: { clientId: client.id },
    });
  }
  for (const [property, after] of Object.entries(wanted.properties)) {
    const before = String(site?.record[property] ?? '');
    if (before !== after)
      differences.push({ label: property, before, after, values: { properties: { [property]: after } } });
  }
  return differences;
}

function mergeValues(differences: readonly Difference[]): Values {
  const merged: Values = {};
  for (const { values } of differences) {
    const properties = { ...merged.properties, ...values.properties };
    Object.assign(merged, values, Object.keys(properties).length > 0 ? { properties } : {});
  }
  return merged;
}

function actionOf(site: HaloSite | null, values: Values): Change['action'] {
  if (!site) return 'create';
  if (values.clientId !== undefined) return 'move';
  return Object.keys(values).length > 0 ? 'update' : 'link';
}

function displayName(site: WantedSite): string {
  return `${site.companyName} / ${site.name}`;
}
