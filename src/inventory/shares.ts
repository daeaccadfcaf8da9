import type { Plan } from './plan.js';
import type { SiteRules, WantedSite } from './site.js';
import { type Survey, typesByDefault } from './survey.js';

/** How the devices of the RMM come to their asset types. */
export interface AssetShares {
  byRow: number;
  byDefault: number;
  /** What the RMM calls those of the default type; '' for those without a type. The most frequent first. */
  defaultTypes: { type: string; devices: number }[];
  /** Those without a place in Halo. */
  unmapped: number;
  /** Those that the config could not be applied to. */
  failing: number;
  /** By `assets.filter`. */
  leftOut: number;
}

/** @param inScope how many devices there are, those that the config could not be applied to included. */
export function shareAssets(
  inScope: number,
  { devices, leftOut, failing, unmappedTypes }: Survey,
): AssetShares {
  const defaultTypes = typesByDefault(unmappedTypes);
  const byDefault = defaultTypes.reduce((sum, each) => sum + each.devices, 0);
  return {
    byRow: devices - leftOut - byDefault,
    byDefault,
    defaultTypes,
    unmapped: inScope - devices - failing.length,
    failing: failing.length,
    leftOut,
  };
}

/** How the sites of the RMM find their place in Halo. */
export interface SiteShares {
  byRow: number;
  /** Under the client of the same name, or where they are linked to. */
  byName: number;
  byDefault: number;
  /** Those that are left alone, or could not be read. */
  none: number;
}

/**
 * Counts them by what a plan of sites says.
 * @param inScope how many sites there are, those that no plan could be made for included.
 */
export function shareSites(
  inScope: number,
  wanted: readonly WantedSite[],
  plan: Plan,
  { defaultClientId }: Pick<SiteRules, 'defaultClientId'>,
): SiteShares {
  const left = new Set(plan.leftAlone.map(({ rmmId }) => rmmId));
  const byRowIds = new Set(wanted.flatMap(({ rmmId, mapping }) => (mapping ? rmmId : [])));
  const clients = [
    ...plan.changes.map(({ rmmId, clientId }) => ({ rmmId, clientId })),
    ...plan.settled.map(({ rmmId, link }) => ({ rmmId, clientId: link.clientId })),
  ].filter(({ rmmId }) => !left.has(rmmId));
  const others = clients.filter(({ rmmId }) => !byRowIds.has(rmmId));
  const byDefault = others.filter(({ clientId }) => clientId !== undefined && clientId === defaultClientId);
  return {
    byRow: clients.length - others.length,
    byName: others.length - byDefault.length,
    byDefault: byDefault.length,
    none: inScope - clients.length,
  };
}
