import { type Difference, summarise } from './difference.js';
import { toText } from './expression.js';
import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import { type Action, type Change, type Plan, toLeftAlone, type Values } from './plan.js';
import type { SiteRules, WantedSite } from './site.js';
import {
  findTarget,
  indexSites,
  placeKey,
  type SiteIndex,
  type SiteKnowledge,
  sharedTarget,
  type Target,
  targetKey,
} from './site-target.js';
import type { HaloSite } from './types.js';

/** A site of the RMM and where it shall stand. */
interface Placed {
  wanted: WantedSite;
  target: Target;
}

/**
 * Decides for each site: mapping row that names a Halo site → link → same name under the client → create.
 * The client: mapping row → client of the same name → default client. A mapping row goes before an older
 * link, since a technician wrote it to be followed. Without a row a linked site stays with its client, even when
 * its company is renamed.
 *
 * | in the RMM                  | in Halo                     | decision                         |
 * |-----------------------------|-----------------------------|----------------------------------|
 * | Harbor Dental / Main office | row says client 12, site 34 | linked to 34, which keeps its name |
 * | Harbor Dental / Warehouse   | Harbor Dental / warehouse   | linked to it                     |
 * | Harbor Dental / Clinic      | Harbor Dental, no such site | created under Harbor Dental      |
 * | Blue Fern / Main office     | no such client              | created under the default client |
 */
export function planSites(wanted: readonly WantedSite[], known: SiteKnowledge, rules: SiteRules): Plan {
  const halo = indexSites(known);
  const plan: Plan = { changes: [], settled: [], leftAlone: [] };
  const placed: Placed[] = [];
  for (const site of wanted) {
    const target = findTarget(site, halo, rules);
    if ('left' in target) leave(plan, site, target.left);
    else placed.push({ wanted: site, target });
  }
  const wantedIds = new Set(wanted.map((site) => site.rmmId));
  const coming = groupBy(placed, ({ target }) => placeKey(target.client.id, target.name));
  for (const group of groupBy(placed, ({ target }) => targetKey(target)).values()) {
    planGroup(plan, group, wantedIds, halo);
  }
  for (const change of plan.changes.filter(({ action }) => action === 'create')) {
    const { clientId = 0, name = '' } = change.values;
    change.hasOwnPlace = coming.get(placeKey(clientId, name))?.length === 1;
  }
  return plan;
}

/** Decides for the sites of the RMM that would be one site in Halo; most often it is one. */
function planGroup(
  plan: Plan,
  group: readonly Placed[],
  wantedIds: ReadonlySet<string>,
  halo: SiteIndex,
): void {
  const haloId = group[0]?.target.site?.id ?? null;
  // An owner among the wanted ones is in the group itself, unless it is about to leave this Halo site.
  const owners = haloId === null ? [] : (halo.owners.get(haloId) ?? []);
  const strangers = owners.filter((rmmId) => !wantedIds.has(rmmId)).length;
  const tied = group.filter(({ wanted, target }) => target.byRow || halo.links.get(wanted.rmmId) === haloId);
  for (const { wanted, target } of group) {
    if (group.length + strangers > 1 && !target.byRow) leave(plan, wanted, sharedTarget(wanted, target));
    else settleOrChange(plan, wanted, target, tied.length + strangers > 1, halo);
  }
}

function leave(plan: Plan, wanted: WantedSite, reason: string): void {
  plan.leftAlone.push(toLeftAlone(wanted, displayName(wanted), reason));
}

function settleOrChange(
  plan: Plan,
  wanted: WantedSite,
  target: Target,
  isShared: boolean,
  halo: SiteIndex,
): void {
  const change = changeOf(wanted, target, isShared, halo);
  const { action, haloId, rmmId, fingerprint } = change;
  if (action === 'link' && haloId !== null && halo.links.get(rmmId) === haloId) {
    plan.settled.push({ rmmId, link: { haloId, fingerprint, clientId: target.client.id } });
  } else {
    plan.changes.push(change);
  }
}

function changeOf(wanted: WantedSite, target: Target, isShared: boolean, halo: SiteIndex): Change {
  const { site, client, reason, byDefault } = target;
  // Sites of the RMM that share a Halo site would overwrite each other's properties for ever.
  const properties = isShared ? [] : compareProperties(wanted, site);
  const { before, after, values } = summarise([...comparePlace(target, halo), ...properties]);
  return {
    action: actionOf(site, values),
    rmmId: wanted.rmmId,
    companyId: wanted.companyId,
    haloId: site?.id ?? null,
    name: displayName(wanted),
    reason,
    before: site ? before : {},
    after,
    values,
    fingerprint: wanted.fingerprint,
    clientId: client.id,
    ...(byDefault && { fallback: { to: 'client', from: wanted.companyName, name: client.name } }),
  };
}

function comparePlace({ site, client, name }: Target, halo: SiteIndex): Difference[] {
  const differences: Difference[] = [];
  if (!site || normaliseValue(site.name) !== normaliseValue(name)) {
    differences.push({ label: 'name', before: site?.name ?? '', after: name, values: { name } });
  }
  if (site?.clientId !== client.id) {
    const before = site ? (halo.clients.get(site.clientId)?.name ?? `client ${site.clientId}`) : '';
    differences.push({ label: 'client', before, after: client.name, values: { clientId: client.id } });
  }
  return differences;
}

/** Each difference sets all properties that differ. */
function compareProperties(wanted: WantedSite, site: HaloSite | null): Difference[] {
  const current = (property: string) => toText(site?.record[property]).trim();
  const changed = Object.entries(wanted.properties).filter(
    ([property, value]) => current(property) !== value,
  );
  const values = { properties: Object.fromEntries(changed) };
  return changed.map(([property, after]) => ({ label: property, before: current(property), after, values }));
}

function actionOf(site: HaloSite | null, values: Values): Action {
  if (!site) return 'create';
  if (values.clientId !== undefined) return 'move';
  return Object.keys(values).length > 0 ? 'update' : 'link';
}

function displayName(wanted: WantedSite): string {
  return `${wanted.companyName} / ${wanted.name}`;
}
