import { countMissing, type Missing } from '../inventory/missing.js';
import { RETIRED } from '../inventory/plan.js';
import type { Census, KnownCompany } from '../store/census.js';
import type { JobContext } from './context.js';

/**
 * Counts who is missing, once all groups of an asset run have ended: from what they listed, without a request. What
 * another view of the RMM (`rmm.deviceApi`, `rmm.deviceCategory`) does not show is out of scope, not gone.
 */
export async function callRoll(context: JobContext, runId: string): Promise<void> {
  const { census, config } = context;
  if (await census.isClosed(runId)) return;
  const [known, before, { complete, names }] = await Promise.all([
    census.companies(),
    census.missing(),
    census.listing(runId),
  ]);
  const view = `${config.rmm.deviceApi} ${config.rmm.deviceCategory}`;
  const nowMs = context.now();
  const isVanished = (companyId: string) => names.size > 0 && !names.has(companyId);
  const companies = [...complete, ...[...known.keys()].filter(isVanished)];
  const { gone, outOfView } = await findGone(census, runId, companies, { known, view, isVanished });
  const isTracked = await trackedAmong(context, [...before.keys(), ...gone.keys()]);
  const listed = await context.sheet.listed([...before.keys()]);
  const missing = countMissing(before, {
    runId,
    nowMs,
    isCounted: (companyId) => complete.has(companyId) || isVanished(companyId),
    gone,
    isListed: (rmmId) => listed.has(rmmId),
    isTracked,
  });
  logMissing(context, before, missing);
  await census.close(runId, { nowMs, view, companies, names, missing, outOfView });
}

interface View {
  known: ReadonlyMap<string, KnownCompany>;
  view: string;
  isVanished(companyId: string): boolean;
}

/** A company that is gone is gone in every view. */
async function findGone(
  census: Census,
  runId: string,
  companies: readonly string[],
  { known, view, isVanished }: View,
) {
  const gone = new Map<string, { companyId: string; lastSeenMs: number }>();
  const outOfView = new Map<string, string[]>();
  for (const companyId of companies) {
    const ids = await census.goneFrom(companyId, runId);
    const company = known.get(companyId);
    if (company && company.view !== view && !isVanished(companyId)) outOfView.set(companyId, ids);
    else for (const id of ids) gone.set(id, { companyId, lastSeenMs: company?.listedAtMs ?? 0 });
  }
  return { gone, outOfView };
}

/** Only a device whose asset we linked, and did not retire yet, can be missed. */
async function trackedAmong({ links }: JobContext, rmmIds: readonly string[]) {
  const found = await links.assets.get(rmmIds);
  return (rmmId: string) => {
    const link = found.get(rmmId);
    return link !== undefined && link.fingerprint !== RETIRED;
  };
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
