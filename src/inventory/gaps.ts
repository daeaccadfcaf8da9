import { groupBy } from './group.js';
import type { Change, LinkTo } from './plan.js';
import { companyTest } from './scope.js';
import { fitsRow, type SiteRules } from './site.js';
import { type Survey, typesByDefault } from './survey.js';

/** What falls to a default for want of a row in the config, whether it stands in Halo already or would. */
export interface Gaps {
  /** The sites by company that are, or would be, under the default client. Several companies may share a name. */
  clients: { company: string; ids: string[]; sites: string[] }[];
  /** How many devices of each type of the RMM are of the default asset type; '' for those without a type. */
  types: { type: string; devices: number }[];
}

interface Known {
  changes: readonly Pick<Change, 'rmmId' | 'fallback'>[];
  /** Of the sites. */
  links: ReadonlyMap<string, Pick<LinkTo, 'clientId'>>;
  rules: Pick<SiteRules, 'mappings' | 'defaultClientId'>;
  scope: Parameters<typeof companyTest>[0];
}

/** Finds the gaps in what a plan saw of the RMM, the largest first. */
export function findGaps(survey: Survey, known: Known): Gaps {
  const groups = groupBy(sitesByDefault(survey, known), (site) => site.company.name);
  const clients = [...groups].map(([company, sites]) => ({
    company,
    ids: [...new Set(sites.map((site) => site.company.id))],
    sites: sites.map((site) => site.name),
  }));
  return {
    clients: clients.sort((one, other) => other.sites.length - one.sites.length),
    types: typesByDefault(survey.unmappedTypes),
  };
}

function sitesByDefault(survey: Survey, { changes, links, rules, scope }: Known): Survey['sites'] {
  const coming = new Set(changes.flatMap(({ rmmId, fallback }) => (fallback?.to === 'client' ? rmmId : [])));
  const isInScope = companyTest(scope);
  const isThere = (rmmId: string) => {
    const clientId = links.get(rmmId)?.clientId;
    return clientId !== undefined && clientId === rules.defaultClientId;
  };
  return survey.sites.filter(
    (site) =>
      (coming.has(site.id) || isThere(site.id)) &&
      isInScope(site.company) &&
      !rules.mappings.some((row) => fitsRow(row, site)),
  );
}
