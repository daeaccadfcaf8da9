import { ApiError } from '../api/error.js';
import { ConfigError } from '../config/error.js';
import { once } from '../inventory/once.js';
import type { Plan } from '../inventory/plan.js';
import { firstOf, messageOf } from '../inventory/sentence.js';
import { type AssetShares, type SiteShares, shareAssets, shareSites } from '../inventory/shares.js';
import { inSlices } from '../inventory/slices.js';
import { describeIdle, emptySurvey, type Survey } from '../inventory/survey.js';
import type { Company, RmmSite } from '../inventory/types.js';
import { openPlanContext, type RunContext, type RunParts } from './context.js';
import { areTypesListed, surveyTypes } from './devices-v1.js';
import { type PassSteps, passesOf } from './kinds.js';
import { memorySheet } from './memory-sheet.js';
import { withSites } from './placement.js';
import { listEverything } from './plan.js';
import type { Found, Probe } from './probe.js';
import { companiesInScope, planAgainstHalo, sitesOf, wantSites } from './sites.js';
import type { Group } from './subject.js';

const UNMAPPED_SITES = 'The unmapped are left alone: "halo-integrator plan sites" names them and tells why.';
const BY_DEFAULT = 'Where the default client is not meant, add rows to sites.mappings.';
const UNMAPPED_ASSETS =
  'The unmapped stand in a site without a place in Halo, or an expression fails on them: "halo-integrator plan assets" names them.';
const INCOMPLETE =
  'Not every device could be listed, and those are not counted: "halo-integrator plan assets" tells why.';
const NOT_LISTED =
  'with rmm.deviceApi v1, what assets.typeFrom or assets.filter looks at takes a request for each device. ' +
  '"halo-integrator plan assets" counts them.';
const MOST_TYPES = 5;

/**
 * Counts how sites and assets find their place, by plans of which nothing is written, and names what of the config fits
 * nothing there. To be looked at last: it reads all of ConnectWise RMM, as a run does.
 */
export function shareProbes(parts: RunParts, signal: AbortSignal): Probe[] {
  const sites = once(() => surveySites(parts, signal));
  const assets = once(async () => surveyAssets(await sites()));
  const told = (look: () => Promise<Found>) => () => look().catch((error) => ({ warning: whyNot(error) }));
  return [
    { name: 'Sites', look: told(async () => describeSites((await sites()).shares)) },
    { name: 'Assets', look: told(async () => describeAssets(await assets())) },
    { name: 'ConnectWise RMM, names in the config', look: told(async () => nameIdle(await assets())) },
  ];
}

/** What failed here has failed above, and is told there. */
function whyNot(error: unknown): string {
  if (error instanceof ApiError) return `Not counted, since a read failed. ${error.message}`;
  return `Not counted, since ${error instanceof ConfigError ? 'not all names are known.' : messageOf(error)}`;
}

interface SiteSurvey {
  context: RunContext;
  companies: Company[];
  rmmSites: RmmSite[];
  plan: Plan;
  shares: SiteShares;
}

async function surveySites(parts: RunParts, signal: AbortSignal): Promise<SiteSurvey> {
  const context = await openPlanContext(parts, memorySheet(), signal);
  const companies = await companiesInScope(context);
  const rmmSites = await sitesOf(context, companies);
  const wanted = await wantSites(context, rmmSites);
  const plan = await planAgainstHalo(context, wanted);
  const shares = shareSites(rmmSites.length, wanted, plan, context.rules.sites);
  return { context, companies, rmmSites, plan, shares };
}

interface AssetSurvey {
  context: RunContext;
  survey: Survey;
  shares: AssetShares;
  isComplete: boolean;
}

async function surveyAssets(seen: SiteSurvey): Promise<AssetSurvey> {
  const { context } = seen;
  const { survey = emptySurvey(), rules, config, tally } = context;
  const isV1 = config.rmm.deviceApi === 'v1';
  if (isV1 && !areTypesListed(rules.assets)) throw new Error(NOT_LISTED);
  const list: PassSteps['list'] = isV1
    ? (_context, group) => surveyTypes(context, group, survey)
    : passesOf('assets')[0].list;
  const isComplete = await listEverything(context, { groups: async () => groupsOf(seen), list });
  return { context, survey, shares: shareAssets(tally.counts.read, survey), isComplete };
}

/** With each site where it stands, or would: one that is still to be made has no id yet, and none is looked at here. */
function groupsOf({ context, companies, rmmSites, plan }: SiteSurvey): Group[] {
  const links = new Map(plan.settled.map(({ rmmId, link }) => [rmmId, link]));
  for (const { rmmId, haloId, clientId } of plan.changes)
    links.set(rmmId, { haloId: haloId ?? 0, clientId: clientId ?? 0, fingerprint: '' });
  for (const { rmmId } of plan.leftAlone) links.delete(rmmId);
  const whole = companies.map((company) => withSites(company, rmmSites, { links, reasons: new Map() }));
  return [...inSlices(whole, context.config.rmm.companiesPerRequest)].map((some) => ({
    companies: [...some],
  }));
}

function describeSites({ byRow, byName, byDefault, none }: SiteShares): Found {
  const mapped = `${byRow + byName} mapped (${byRow} by a row, ${byName} by name)`;
  const counts = `${mapped}, ${byDefault} under the default client, ${none} unmapped`;
  const advice = [...(none > 0 ? [UNMAPPED_SITES] : []), ...(byDefault > 0 ? [BY_DEFAULT] : [])];
  return advice.length === 0 ? counts : { warning: `${counts}. ${advice.join(' ')}` };
}

function describeAssets({ shares, isComplete }: AssetSurvey): Found {
  const { byRow, byDefault, defaultTypes, unmapped, leftOut } = shares;
  const types = defaultTypes.map(({ type, devices }) => `${devices} ${type === '' ? 'without one' : type}`);
  const which = types.length === 0 ? '' : ` (${firstOf(types, MOST_TYPES)})`;
  const counts = `${byRow} mapped by a row, ${byDefault} of the default type${which}, ${unmapped} unmapped`;
  const all = leftOut === 0 ? counts : `${counts}, ${leftOut} left out by assets.filter`;
  const advice = [...(unmapped > 0 ? [UNMAPPED_ASSETS] : []), ...(isComplete ? [] : [INCOMPLETE])];
  return advice.length === 0 ? all : { warning: `${all}. ${advice.join(' ')}` };
}

function nameIdle({ context, survey }: AssetSurvey): Found {
  const { config, rules } = context;
  // By the old device API, no field was looked at.
  const assets = config.rmm.deviceApi === 'v1' ? { matching: null, fields: [] } : rules.assets;
  const idle = describeIdle(survey, { scope: config.companies, sites: rules.sites, assets });
  return idle.length === 0 ? 'each fits something' : { warning: idle.join(' ') };
}
