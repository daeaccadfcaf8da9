import { mergeFields } from '../inventory/fields.js';
import type { Missing } from '../inventory/missing.js';
import { type Change, type LinkTo, type Plan, RETIRING, type Values } from '../inventory/plan.js';
import { messageOf } from '../inventory/sentence.js';
import { retirement } from '../inventory/sweep-plan.js';
import type { HaloAsset } from '../inventory/types.js';
import type { RunContext } from './context.js';
import { listRequests, type Reading, readEach, readEveryAsset } from './halo-assets.js';

/** What becomes of the assets of those whose grace is over. */
export interface Retirements extends Plan {
  /** Those whose assets somebody deleted, deactivated or tied to another device: nobody to be missed any more. */
  forgotten: Absentee[];
  /** Those whom an earlier sweep retired, though its answer was lost. */
  retired: Absentee[];
}

/** A missing device that is linked, and what is known of it. */
export interface Absentee {
  rmmId: string;
  missing: Missing;
  link: LinkTo;
  companyName: string;
}

/** Reads these assets in Halo and decides about each, with the note that `deactivation.note` asks for. */
export async function planRetirements(context: RunContext, due: readonly Absentee[]): Promise<Retirements> {
  const plan: Retirements = { changes: [], settled: [], leftAlone: [], forgotten: [], retired: [] };
  const owners = await context.links.assets.owners(due.map(({ link }) => link.haloId));
  const { assets: found, unreadable } = await readRetirees(context, due);
  const byId = new Map(found.map((asset) => [asset.id, asset]));
  for (const absentee of due) {
    const { rmmId, link } = absentee;
    const asset = owners.get(link.haloId) === rmmId ? byId.get(link.haloId) : undefined;
    if (asset && !asset.inactive) plan.changes.push(await retire(context, absentee, asset));
    else if (asset && link.fingerprint === RETIRING) plan.retired.push(absentee);
    else if (!unreadable.has(link.haloId)) plan.forgotten.push(absentee);
  }
  return plan;
}

/**
 * Halo's lists do not tell an asset's notes, so where these are to be written each asset is read by itself, and so it is
 * where that costs less.
 */
async function readRetirees(context: RunContext, due: readonly Absentee[]): Promise<Reading> {
  const haloIds = due.map(({ link }) => link.haloId);
  const needsNotes = context.rules.sweep.note?.fieldId === null;
  return needsNotes || haloIds.length <= (await listRequests(context))
    ? readEach(context, haloIds)
    : readEveryAsset(context);
}

async function retire(context: RunContext, absentee: Absentee, asset: HaloAsset): Promise<Change> {
  const { rmmId, missing, companyName } = absentee;
  const { note } = context.rules.sweep;
  const noteText = note ? await noteOrNothing(context, note, absentee, asset) : '';
  const written = note && noteText !== '' ? noteOn(asset, note.fieldId, noteText) : {};
  return retirement({ rmmId, missing, companyName, asset, note: written, noteText });
}

/** A note that fails does not keep an asset from being retired. */
async function noteOrNothing(
  context: RunContext,
  note: { text(about: unknown): Promise<string> },
  absentee: Absentee,
  asset: HaloAsset,
): Promise<string> {
  try {
    return await note.text(aboutAbsence(context, absentee, asset));
  } catch (error) {
    tell(context, absentee.rmmId, `deactivation.note of asset ${asset.id}: ${messageOf(error)}`, 0);
    return '';
  }
}

/** What `deactivation.note` may look into. */
function aboutAbsence(context: RunContext, { missing, companyName }: Absentee, asset: HaloAsset) {
  return {
    tag: asset.tag,
    company: { name: companyName },
    lastSeen: new Date(missing.lastSeenMs).toISOString(),
    missedRuns: missing.missedRuns,
    now: new Date(context.now()).toISOString(),
  };
}

/** In a field, or below what stands in the notes. What cannot be read whole is not written, since that would wipe it. */
function noteOn(asset: HaloAsset, fieldId: number | null, text: string): Pick<Values, 'fields' | 'notes'> {
  if (fieldId === null && asset.notes === undefined) return {};
  if (fieldId === null) return { notes: [asset.notes, text].filter(Boolean).join('\n') };
  if (asset.fields === null || asset.lacksFields) return {};
  return { fields: mergeFields(asset.fields, [{ id: fieldId, value: text }]) };
}

/** For the report only: the log would say it each hour. */
export function tell({ tally }: RunContext, item: string, message: string, count: number): void {
  tally.counts.skipped += count;
  tally.errors.push({ item, message });
}
