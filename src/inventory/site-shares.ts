import type { Plan } from './plan.js';
import type { SiteRules, WantedSite } from './site.js';

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
