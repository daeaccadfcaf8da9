import { countMissing, type Missing } from '../inventory/missing.js';
import { isTrackedLink } from '../inventory/plan.js';
import type { Census, KnownCompany, RunListing } from '../store/census.js';
import { type JobContext, viewOf } from './context.js';

/**
 * Counts who is missing, once all groups of an asset run have ended: from what they listed, without a request. What
 * another view of the RMM (another key, device API or category) does not show is out of scope, not gone.
 */
export async function callRoll(context: JobContext, runId: string): Promise<void> {
  const { census } = context;
  if (await census.isClosed(runId)) return;
  const [known, before, listing] = await Promise.all([
    census.companies(),
    census.missing(),
    census.listing(runId),
  ]);
  const companies = new Map([...listing.complete, ...vanished(known, listing, viewOf(context.config))]);
  const { gone, outOfView } = await findGone(census, runId, companies, known);
  const inView = withoutOutOfView(before, outOfView, companies, known);
  const nowMs = context.now();
  const missing = countMissing(inView, {
    runId,
    nowMs,
    isCounted: (companyId) => companies.has(companyId),
    gone,
    isListed: await testOf(context.sheet.listed([...inView.keys()])),
    isTracked: await trackedAmong(context, [...inView.keys(), ...gone.keys()]),
  });
  logMissing(context, before, missing);
  // A worker that lost its job meanwhile must not put its count over a newer one.
  await context.checkTurn();
  const partly = listing.touched.filter((id) => !companies.has(id));
  await census.close(runId, { nowMs, companies, partly, names: listing.names, missing, outOfView });
}

/**
 * Companies that are not in the complete list of companies any more. One that the list of sites still names, or that
 * another key of the RMM showed, is not known to be gone.
 */
function vanished(
  known: ReadonlyMap<string, KnownCompany>,
  { names, withSites }: RunListing,
  view: string,
): [string, string][] {
  if (names.size === 0) return [];
  const gone = [...known].filter(
    ([id, company]) => !names.has(id) && !withSites.has(id) && company.view === view,
  );
  return gone.map(([id]) => [id, view]);
}

async function findGone(
  census: Census,
  runId: string,
  companies: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, KnownCompany>,
) {
  const gone = new Map<string, { companyId: string; lastSeenMs: number }>();
  const outOfView = new Map<string, string[]>();
  for (const companyId of companies.keys()) {
    const ids = await census.goneFrom(companyId, runId);
    const lastSeenMs = known.get(companyId)?.listedAtMs ?? 0;
    if (isOtherView(companyId, companies, known)) outOfView.set(companyId, ids);
    else for (const id of ids) gone.set(id, { companyId, lastSeenMs });
  }
  return { gone, outOfView };
}

function isOtherView(
  companyId: string,
  companies: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, KnownCompany>,
): boolean {
  const before = known.get(companyId);
  const view = companies.get(companyId);
  return before !== undefined && before.listedAtMs !== null && view !== undefined && before.view !== view;
}

/** Who was missed in another view cannot be missed in this one. Moves them to those that are out of view. */
function withoutOutOfView(
  before: ReadonlyMap<string, Missing>,
  outOfView: Map<string, string[]>,
  companies: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, KnownCompany>,
): Map<string, Missing> {
  const inView = new Map<string, Missing>();
  for (const [rmmId, missing] of before) {
    if (isOtherView(missing.companyId, companies, known)) outOfView.get(missing.companyId)?.push(rmmId);
    else inView.set(rmmId, missing);
  }
  return inView;
}

async function testOf(found: Promise<Set<string>>): Promise<(rmmId: string) => boolean> {
  const ids = await found;
  return (rmmId) => ids.has(rmmId);
}

/** Only a device whose asset we linked, and did not retire yet, can be missed. */
async function trackedAmong({ links }: JobContext, rmmIds: readonly string[]) {
  const found = await links.assets.get(rmmIds);
  return (rmmId: string) => isTrackedLink(found.get(rmmId));
}

function logMissing(
  { log }: JobContext,
  before: ReadonlyMap<string, Missing>,
  after: ReadonlyMap<string, Missing>,
): void {
  const fresh = [...after.keys()].filter((rmmId) => !before.has(rmmId));
  if (fresh.length > 0)
    log.info({ devices: fresh.slice(0, 100) }, `${fresh.length} devices are missing since this run.`);
}
