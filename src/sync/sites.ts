import { z } from 'zod';
import { listClients } from '../halo/clients.js';
import { listSites as listHaloSites } from '../halo/sites.js';
import { leaveAlone, type Plan } from '../inventory/plan.js';
import { companyTest } from '../inventory/scope.js';
import { messageOf } from '../inventory/sentence.js';
import { type WantedSite, wantSite } from '../inventory/site.js';
import { planSites } from '../inventory/site-plan.js';
import type { Company, RmmSite } from '../inventory/types.js';
import { listCompanies, listSites as listRmmSites } from '../rmm/companies.js';
import { noteItem, noteUnreadable, type RunContext } from './context.js';
import type { Group, Subject } from './subject.js';

const wantedSiteShape: z.ZodType<WantedSite> = z.object({
  rmmId: z.string(),
  companyId: z.string(),
  name: z.string(),
  companyName: z.string(),
  nameUnderDefaultClient: z.string(),
  mapping: z.object({ clientId: z.number(), siteId: z.number().nullable() }).nullable(),
  properties: z.record(z.string(), z.string()),
  fingerprint: z.string(),
});

/** The site run. One request brings all sites of the RMM, so there is one group. */
export const sites: Subject<WantedSite> = {
  kind: 'sites',
  haloPath: '/Site',
  async groups(context): Promise<Group[]> {
    const companies = await companiesInScope(context);
    return companies.length === 0
      ? []
      : [{ companies: companies.map((company) => ({ ...company, sites: [] })) }];
  },
  async *read(context, group) {
    const rmmSites = await sitesOf(context, group.companies);
    context.tally.counts.read += rmmSites.length;
    yield await wantSites(context, rmmSites);
  },
  plan: planWanted,
};

/** The companies that `companies.include` and `exclude` leave. Unreadable rows are noted as failed. */
export async function companiesInScope(context: RunContext): Promise<Company[]> {
  const { companies, problems } = await listCompanies(context.rmm);
  noteUnreadable(context, problems);
  if (context.survey) context.survey.companies = companies;
  if (companies.length > 0 && problems.length === 0) await context.sheet.setCompanies(companies);
  const inScope = companies.filter(companyTest(context.config.companies));
  if (companies.length > 0 && inScope.length === 0) {
    const message = `None of the ${companies.length} companies of ConnectWise RMM is in scope: see companies.include and companies.exclude.`;
    noteItem(context, { item: 'companies', message }, 'failed');
  }
  return inScope;
}

/** The RMM's sites of these companies. Unreadable rows are noted as failed. */
export async function sitesOf(context: RunContext, companies: readonly Company[]): Promise<RmmSite[]> {
  const { sites: all, problems } = await listRmmSites(context.rmm);
  noteUnreadable(context, problems);
  if (context.survey) context.survey.sites = all;
  await context.sheet.addWithSites([...new Set(all.map((site) => site.company.id))]);
  const wanted = new Set(companies.map((company) => company.id));
  return all.filter((site) => wanted.has(site.company.id));
}

/** Applies the config to sites. One on which an expression fails is noted as failed and left out. */
export async function wantSites(context: RunContext, rmmSites: readonly RmmSite[]): Promise<WantedSite[]> {
  const wanted: WantedSite[] = [];
  for (const site of rmmSites) {
    try {
      wanted.push(await wantSite(site, context.rules.sites));
    } catch (error) {
      const message = `${site.company.name} / ${site.name}: ${messageOf(error)}`;
      noteItem(context, { item: site.id, companyId: site.company.id, message }, 'failed');
    }
  }
  return wanted;
}

/** All sites at once: there are few. */
async function* planWanted(context: RunContext): AsyncGenerator<Plan> {
  const wanted = new Map<string, WantedSite>();
  for await (const some of context.sheet.wanted(wantedSiteShape)) {
    // A group that was listed twice at once (a stalled job) may have left an item twice.
    for (const site of some) wanted.set(site.rmmId, site);
  }
  if (wanted.size > 0) yield await planAgainstHalo(context, [...wanted.values()]);
}

/** Reads Halo's clients and sites and decides. */
export async function planAgainstHalo(context: RunContext, wanted: readonly WantedSite[]): Promise<Plan> {
  const [clients, haloSites, links] = await Promise.all([
    listClients(context.halo),
    listHaloSites(context.halo),
    context.links.sites.all(),
  ]);
  const problems = [...clients.problems, ...haloSites.problems];
  for (const problem of problems) noteItem(context, problem, 'failed');
  const haloIds = new Map([...links].map(([rmmId, link]) => [rmmId, link.haloId]));
  const known = { clients: clients.clients, sites: haloSites.sites, links: haloIds };
  const plan = planSites(wanted, known, context.rules.sites);
  return problems.length === 0
    ? plan
    : leaveAlone(plan, (change) => change.action === 'create', MAY_BE_THERE);
}

const MAY_BE_THERE =
  'Not made, since it may be one of the Halo sites or clients that could not be read. They are named in this report.';
