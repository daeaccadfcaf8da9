import { askWhetherMeant, nearNames } from './near.js';
import { companyTest, patternTest } from './scope.js';
import { fitsRow, type NamedSite } from './site.js';
import type { Company, RmmSite } from './types.js';

/** A company or site of the RMM, as the config names it. */
export interface RmmName {
  /** The key where it stands: `companies.include[0]`. */
  path: string;
  /** As it stands there, a site behind its company. */
  text: string;
  noun: 'company' | 'site';
  /** What fits it. */
  fitting: readonly { id: string }[];
  /** Names that look alike, where nothing fits. */
  near: readonly string[];
}

/** The keys of the config that name companies and sites of the RMM. */
export interface NamingKeys {
  scope: { include: readonly string[]; exclude: readonly string[] };
  mappings: readonly NamedSite[];
  /** Patterns, unlike the mappings. */
  quiet?: readonly NamedSite[];
}

/** Looks up every company and site that the config names among those that there are. */
export function lookUpRmmNames(
  { scope, mappings, quiet = [] }: NamingKeys,
  companies: readonly Company[],
  sites: readonly RmmSite[],
): RmmName[] {
  const ofPattern = (key: string) => (pattern: string, index: number) =>
    lookUpCompany(`${key}[${index}]`, pattern, companies);
  const ofSite = (key: string, fits: Fits) => (row: NamedSite, index: number) =>
    lookUpSite(`${key}[${index}]`, row, fits, sites);
  return [
    ...scope.include.map(ofPattern('companies.include')),
    ...scope.exclude.map(ofPattern('companies.exclude')),
    ...mappings.map(ofSite('sites.mappings', fitsRow)),
    ...quiet.map(ofSite('alerts.quiet', fitsPatterns)),
  ];
}

type Fits = (row: NamedSite, site: RmmSite) => boolean;

/** `"Acmee" fits no company of ConnectWise RMM.`, and what may be meant. */
export function whyIdle({ text, noun, near }: RmmName): { said: string; remedy: string } {
  return { said: `"${text}" fits no ${noun} of ConnectWise RMM.`, remedy: askWhetherMeant(near) };
}

function lookUpCompany(path: string, pattern: string, companies: readonly Company[]): RmmName {
  const fitting = companies.filter(companyTest({ include: [pattern], exclude: [] }));
  const names = companies.map(({ name }) => name);
  const near = fitting.length > 0 ? [] : nearNames(pattern, names);
  return { path, text: pattern, noun: 'company', fitting, near };
}

function lookUpSite(path: string, row: NamedSite, fits: Fits, sites: readonly RmmSite[]): RmmName {
  const text = `${row.company} / ${row.site}`;
  const fitting = sites.filter((site) => fits(row, site));
  return { path, text, noun: 'site', fitting, near: fitting.length > 0 ? [] : nearSites(row, fits, sites) };
}

/** Where the company is known, the name of the site is the one that is wrong. */
function nearSites(row: NamedSite, fits: Fits, sites: readonly RmmSite[]): string[] {
  const own = sites.filter((site) => fits({ ...row, site: '*' }, site));
  const ofCompany = own.map(({ name }) => name);
  if (own.length > 0) return nearNames(row.site, ofCompany).map((name) => `${row.company} / ${name}`);
  const companies = sites.map(({ company }) => company.name);
  return nearNames(row.company, companies).map((name) => `${name} / ${row.site}`);
}

function fitsPatterns({ company, site }: NamedSite, candidate: RmmSite): boolean {
  const fits = (pattern: string, { id, name }: { id: string; name: string }) =>
    [id, name].some(patternTest([pattern]));
  return fits(company, candidate.company) && fits(site, candidate);
}
