import { type Expression, toText } from './expression.js';
import { fingerprint } from './fingerprint.js';
import { normaliseValue } from './junk.js';
import type { RmmSite } from './types.js';

/** A row of the site mapping table, its names resolved to ids. */
export interface SiteMapping {
  /** Name or id of the company in the RMM. */
  company: string;
  /** Name or id of the site in the RMM; `*` for each site of the company. */
  site: string;
  clientId: number;
  /** `null`: the site is found or made under that client by its name. */
  siteId: number | null;
}

/** What the config says of sites, its names resolved to ids. */
export interface SiteRules {
  defaultClientId: number | null;
  matchClientsByName: boolean;
  /** The name of a site under the default client. */
  defaultName: Expression;
  mappings: SiteMapping[];
  fields: { property: string; value: Expression }[];
}

/** A site of the RMM as it should stand in Halo, as far as that can be said without reading Halo. */
export interface WantedSite {
  rmmId: string;
  companyId: string;
  name: string;
  companyName: string;
  nameUnderDefaultClient: string;
  mapping: { clientId: number; siteId: number | null } | null;
  /** Only those for which the RMM has a value: what it does not know is not erased in Halo. */
  properties: Record<string, string>;
  fingerprint: string;
}

/**
 * Applies the config to a site of the RMM.
 * @throws Error with a sentence where an expression fails on this site.
 */
export async function wantSite(site: RmmSite, rules: SiteRules): Promise<WantedSite> {
  const context = { ...site.record, id: site.id, name: site.name, company: site.company };
  const wanted = {
    rmmId: site.id,
    companyId: site.company.id,
    name: site.name,
    companyName: site.company.name,
    nameUnderDefaultClient: toText(await rules.defaultName.evaluate(context)).trim() || site.name,
    mapping: mappingFor(site, rules.mappings),
    properties: await wantProperties(context, rules),
  };
  return { ...wanted, fingerprint: fingerprint([wanted, rules.defaultClientId, rules.matchClientsByName]) };
}

async function wantProperties(context: unknown, rules: SiteRules): Promise<Record<string, string>> {
  const properties: Record<string, string> = {};
  for (const { property, value } of rules.fields) {
    const text = toText(await value.evaluate(context)).trim();
    if (text !== '') properties[property] = text;
  }
  return properties;
}

/** The row for a site: one that names the site goes before one for the whole company. */
function mappingFor(site: RmmSite, mappings: readonly SiteMapping[]): WantedSite['mapping'] {
  const ofCompany = mappings.filter((row) => names(row.company, site.company));
  const row = ofCompany.find((each) => names(each.site, site)) ?? ofCompany.find((each) => each.site === '*');
  return row ? { clientId: row.clientId, siteId: row.siteId } : null;
}

/** A site of the RMM as a row of the config names it; `*` stands for each site of the company. */
export interface NamedSite {
  company: string;
  site: string;
}

/** Whether a row is for a site, by its own name or as one of its company. */
export function fitsRow(row: NamedSite, site: RmmSite): boolean {
  return names(row.company, site.company) && (row.site === '*' || names(row.site, site));
}

function names(text: string, item: { id: string; name: string }): boolean {
  const plain = normaliseValue(text);
  return plain === normaliseValue(item.name) || plain === item.id;
}
