import { NotAskedError } from '../api/error.js';
import { ConfigError } from '../config/error.js';
import { once } from '../inventory/once.js';
import type { Plan } from '../inventory/plan.js';
import { troubleOf } from '../inventory/remedy.js';
import { ended, firstOf } from '../inventory/sentence.js';
import { type AssetShares, type SiteShares, shareAssets, shareSites } from '../inventory/shares.js';
import { inSlices } from '../inventory/slices.js';
import { emptySurvey, idleExpressions, type Survey } from '../inventory/survey.js';
import type { Company, RmmSite } from '../inventory/types.js';
import { openPlanContext, type RunContext, type RunParts } from './context.js';
import { areTypesListed, surveyTypes } from './devices-v1.js';
import { type PassSteps, passesOf } from './kinds.js';
import { memorySheet } from './memory-sheet.js';
import { withSites } from './placement.js';
import { listEverything } from './plan.js';
import type { Finding, Found, Probe } from './probe.js';
import { companiesInScope, planAgainstHalo, sitesOf, wantSites } from './sites.js';
import type { Group } from './subject.js';

const UNMAPPED_SITES = 'The unmapped are left alone: "halo-integrator plan sites" names them and tells why.';
const BY_DEFAULT = 'Where the default client is not meant, add rows to sites.mappings.';
const UNMAPPED_ASSETS =
  'The unmapped stand in a site without a place in Halo: "halo-integrator plan assets" names them.';
const INCOMPLETE =
  'Not every device could be listed, and those are not counted: "halo-integrator plan assets" tells why.';
const NOT_LISTED =
  'not asked, since with rmm.deviceApi v1, what assets.typeFrom or assets.filter looks at takes a request for each device';
const TRIED_BY_PLAN = '"halo-integrator plan assets" tries them.';
const COUNT_BY_PLAN = '"halo-integrator plan assets" counts them.';
const MOST_TYPES = 5;
const MOST_FAILING = 3;
const EXPRESSIONS = 'ConnectWise RMM, expressions of the config';

/**
 * Counts how sites and assets find their place, by plans of which nothing is written, and names the expressions that give
 * nothing. To be looked at last: it reads all of ConnectWise RMM, as a run does.
 */
export function shareProbes(parts: RunParts, signal: AbortSignal): Probe[] {
  const sites = once(() => surveySites(parts, signal));
  const assets = once(async () => surveyAssets(await sites()));
  const told = (look: Probe['look']) => () => look().catch(whyNot);
  return [
    { name: 'Sites', look: told(async () => describeSites((await sites()).shares)) },
    { name: 'Assets', look: told(async () => describeAssets(await assets())) },
    { name: EXPRESSIONS, look: told(async () => nameIdle(await assets())) },
  ];
}

/** The same lines where nothing can be counted. @param why "not asked, since …" */
export function uncountedProbes(why: string): Probe[] {
  const look = async (): Promise<Found> => ({ state: 'notAsked', message: why });
  return ['Sites', 'Assets', EXPRESSIONS].map((name) => ({ name, look }));
}

/** What failed here has failed above, and is told there. */
function whyNot(error: unknown): Found {
  if (error instanceof ConfigError)
    return { state: 'notAsked', message: 'not asked, since not all names of Halo are known' };
  if (error instanceof NotAskedError) return { state: 'notAsked', message: error.said, remedy: error.remedy };
  const { said, remedy } = troubleOf(error);
  return { state: 'warning', message: `Not counted, since a read failed. ${said}`, remedy };
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
  if (isV1 && !areTypesListed(rules.assets)) throw new NotAskedError(NOT_LISTED, COUNT_BY_PLAN);
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
  const mapped = byRow + byName;
  const message = `${mapped} mapped (${byRow} by a row, ${byName} by name), ${byDefault} under the default client, ${none} unmapped`;
  const advice = [...(none > 0 ? [UNMAPPED_SITES] : []), ...(byDefault > 0 ? [BY_DEFAULT] : [])];
  return counting({ mapped, byRow, byName, default: byDefault, unmapped: none }, message, advice);
}

function describeAssets({ shares, survey, isComplete }: AssetSurvey): Found {
  const { byRow, byDefault, unmapped, failing, leftOut } = shares;
  const message = [
    `${byRow} mapped by a row`,
    `${byDefault} of the default type${namesOf(shares)}`,
    `${unmapped} unmapped`,
    ...(failing > 0 ? [`${failing} failing`] : []),
    ...(leftOut > 0 ? [`${leftOut} left out by assets.filter`] : []),
  ].join(', ');
  const advice = [
    ...(unmapped > 0 ? [UNMAPPED_ASSETS] : []),
    ...(failing > 0 ? [nameFailing(survey)] : []),
    ...(isComplete ? [] : [INCOMPLETE]),
  ];
  return counting({ mapped: byRow, default: byDefault, unmapped, failing, leftOut }, message, advice);
}

function namesOf({ defaultTypes }: AssetShares): string {
  const types = defaultTypes.map(({ type, devices }) => `${devices} ${type === '' ? 'without one' : type}`);
  return types.length === 0 ? '' : ` (${firstOf(types, MOST_TYPES)})`;
}

function nameFailing({ failing }: Survey): string {
  const said = failing.slice(0, MOST_FAILING).map(({ name, message }) => ended(`${name}: ${message}`));
  const more = failing.length > MOST_FAILING ? ` And ${failing.length - MOST_FAILING} more.` : '';
  return `An expression of the config fails on them. ${said.join(' ')}${more}`;
}

function counting(counts: Record<string, number>, message: string, advice: readonly string[]): Found {
  if (advice.length === 0) return { state: 'ok', message, counts };
  return { state: 'warning', message, remedy: advice.join(' '), counts };
}

function nameIdle({ context, survey }: AssetSurvey): string | Found | Finding[] {
  const { matching, fields } = context.rules.assets;
  if (!matching && fields.length === 0) return 'none under assets.matching and assets.fields';
  if (context.config.rmm.deviceApi === 'v1')
    return {
      state: 'notAsked',
      message: 'not asked, since the old device API lists no fields',
      remedy: TRIED_BY_PLAN,
    };
  const idle = idleExpressions({ matching, fields }, survey);
  if (idle.length === 0) return 'each gives a value for some device, or there are too few devices to tell';
  return idle.map(({ path, said, remedy }) => ({
    name: `ConnectWise RMM, ${path}`,
    state: 'warning',
    message: said,
    remedy,
  }));
}
