import { ApiError } from '../api/error.js';
import { describeFallbacks } from '../inventory/fallback.js';
import { findGaps, type Gaps } from '../inventory/gaps.js';
import { type Change, countSettled, type Plan } from '../inventory/plan.js';
import { withName } from '../inventory/sentence.js';
import type { ShownPlan } from '../inventory/shown-plan.js';
import { describeSurvey, emptySurvey } from '../inventory/survey.js';
import { tallyPlan } from '../inventory/tally.js';
import type { RunKind } from '../store/runs.js';
import { noteItem, noteUnsettled, openPlanContext, type RunContext, type RunParts } from './context.js';
import { type PassSteps, passesOf } from './kinds.js';
import { memorySheet } from './memory-sheet.js';

/** What a run would do, as `plan --json` prints it. */
export interface PlanReport extends ShownPlan {
  kind: RunKind;
}

/**
 * Goes through a run up to the point where it would write, and writes nothing anywhere: neither to Halo nor
 * links nor history.
 * @throws ApiError where the list of companies, or Halo, cannot be read. A group that cannot be listed is a warning.
 */
export async function makePlan(parts: RunParts, kind: RunKind, signal: AbortSignal): Promise<PlanReport> {
  return (await makePlanWithGaps(parts, kind, signal)).report;
}

/** The same, with what falls to the defaults for want of a row in the config. */
export async function makePlanWithGaps(
  parts: RunParts,
  kind: RunKind,
  signal: AbortSignal,
): Promise<{ report: PlanReport; gaps: Gaps }> {
  const [steps] = passesOf(kind);
  const context = await openPlanContext(parts, memorySheet(), signal);
  const isComplete = await listEverything(context, steps);
  const plan = await steps.decide(context, isComplete);
  for (const item of plan.leftAlone) noteUnsettled(context, { ...item, as: 'skipped' });
  const { counts, errors } = context.tally;
  const unchanged = counts.unchanged + countSettled(plan);
  const report = {
    kind,
    changes: plan.changes.map(shown),
    counts: { ...tallyPlan(counts.read, unchanged, plan.changes, counts.skipped), failed: counts.failed },
    warnings: [
      ...unmatched(context, plan),
      ...idleConfig(context),
      ...describeFallbacks(plan.changes),
      ...errors.map((error) => error.message),
    ],
    guard: plan.refusal ?? null,
  };
  return { report, gaps: await gapsOf(context, plan) };
}

async function gapsOf({ survey = emptySurvey(), config, rules, links }: RunContext, { changes }: Plan) {
  const known = { changes, links: await links.sites.all(), rules: rules.sites, scope: config.companies };
  return findGaps(survey, known);
}

function idleConfig({ survey = emptySurvey(), config, rules }: RunContext): string[] {
  return describeSurvey(survey, { scope: config.companies, sites: rules.sites, assets: rules.assets });
}

/** Without a matching field, what a person entered in Halo before the first import would be made a second time. */
function unmatched(context: RunContext, { changes }: Plan): string[] {
  const isBlind =
    context.rules.assets.matching === null && changes.some(({ values }) => values.tag !== undefined);
  if (!isBlind || !changes.some(({ action }) => action === 'create')) return [];
  return [
    'assets.matching is not set: an asset that was entered by hand is found only where its tag is the name of the ' +
      'device, in the same site. Any other is made a second time. Set it before the first import.',
  ];
}

function shown({
  action,
  rmmId,
  haloId,
  name,
  reason,
  before,
  after,
}: Change): PlanReport['changes'][number] {
  return { action, rmmId, haloId, name, reason, before, after };
}

/** @returns whether everything was listed to its end. */
export async function listEverything(
  context: RunContext,
  steps: Pick<PassSteps, 'groups' | 'list'>,
): Promise<boolean> {
  let failures = 0;
  for (const [number, group] of (await steps.groups(context)).entries()) {
    try {
      await steps.list(context, group, number);
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind === 'credentials') throw error;
      failures += 1;
      const companies = group.companies.map((company) => company.name).join(', ');
      noteItem(context, { item: companies, message: withName(companies, error.message) }, 'failed');
    }
  }
  return failures === 0 && context.tally.unreadable === 0;
}
