import { ConfigError } from '../config/error.js';
import { messageOf } from '../inventory/sentence.js';
import { type SiteShares, shareSites } from '../inventory/site-shares.js';
import type { Probe } from './check.js';
import { openPlanContext, type RunParts } from './context.js';
import { memorySheet } from './memory-sheet.js';
import { companiesInScope, planAgainstHalo, sitesOf, wantSites } from './sites.js';

const NONE = 'Those with none are left alone: "halo-integrator plan sites" names them and tells why.';
const BY_DEFAULT = 'Where the default client is not meant, add rows to sites.mappings.';

/** Counts how sites find their place, by a plan of which nothing is written. To be looked at last. */
export function sitesProbe(parts: RunParts, signal: AbortSignal): Probe {
  const look = async () => {
    const shares = await countShares(parts, signal).catch((error: unknown) => whyNot(error));
    return typeof shares === 'string' ? { warning: shares } : describe(shares);
  };
  return { name: 'Sites', look };
}

/** What failed here has failed above, and is told there. */
function whyNot(error: unknown): string {
  const why =
    error instanceof ConfigError ? 'not all names are known.' : `a read failed. ${messageOf(error)}`;
  return `Not counted, since ${why}`;
}

async function countShares(parts: RunParts, signal: AbortSignal): Promise<SiteShares> {
  const context = await openPlanContext(parts, memorySheet(), signal);
  const rmmSites = await sitesOf(context, await companiesInScope(context));
  const wanted = await wantSites(context, rmmSites);
  return shareSites(rmmSites.length, wanted, await planAgainstHalo(context, wanted), context.rules.sites);
}

function describe({ byRow, byName, byDefault, none }: SiteShares): string | { warning: string } {
  const counts = `${byRow} by a row, ${byName} by name, ${byDefault} under the default client, ${none} with none`;
  const advice = [...(none > 0 ? [NONE] : []), ...(byDefault > 0 ? [BY_DEFAULT] : [])];
  return advice.length === 0 ? counts : { warning: `${counts}. ${advice.join(' ')}` };
}
