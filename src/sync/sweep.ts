import { mergeFields } from '../inventory/fields.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { groupBy, partition } from '../inventory/group.js';
import { judgeSweep, type Toll } from '../inventory/guard.js';
import { isDue, type Missing } from '../inventory/missing.js';
import {
  type Change,
  FORGOTTEN,
  isTrackedLink,
  type LinkTo,
  type Plan,
  RETIRED,
  RETIRING,
  type Values,
} from '../inventory/plan.js';
import { companyTest } from '../inventory/scope.js';
import { counted, firstOf, messageOf } from '../inventory/sentence.js';
import { describeAbsence, retirement } from '../inventory/sweep-plan.js';
import type { HaloAsset } from '../inventory/types.js';
import { assets } from './assets.js';
import type { JobContext, RunContext } from './context.js';
import { listRequests, type Reading, readEach, readEveryAsset } from './halo-assets.js';
import { layOut } from './run.js';

/** What a sweep would do. */
export interface SweepPlan extends Retirements {
  /** RMM ids of those whose grace is over. */
  due: string[];
  /** Why nothing of it may be applied; `null`: it may. */
  refusal: string | null;
}

interface Retirements extends Plan {
  /** Those whose assets somebody deleted, deactivated or tied to another device: nobody to be missed any more. */
  forgotten: Absentee[];
  /** Those whom an earlier sweep retired, though its answer was lost. */
  retired: Absentee[];
}

/** A missing device that is linked, and what is known of it. */
interface Absentee {
  rmmId: string;
  missing: Missing;
  link: LinkTo;
  companyName: string;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Decides a sweep: which assets are retired, whether the guard lets it pass, and who is left alone. It asks the RMM
 * nothing: the asset runs counted who is missing. Halo is read only for those whose grace is over.
 * @param isShown for a person who looks: those in their grace are named, and what is refused is read all the same.
 */
export async function planSweep(
  context: RunContext,
  { force, isShown }: { force: boolean; isShown: boolean },
): Promise<SweepPlan> {
  const { deactivation } = context.config;
  const absent = await absentees(context);
  const [due, inGrace] = partition(absent, ({ missing }) => isDue(missing, deactivation, context.now()));
  context.tally.counts.read = absent.length;
  noteGrace(context, inGrace, isShown);
  await noteLeftOut(context);
  const refusal = force ? null : judgeSweep(await tollOf(context, due), deactivation);
  const ids = due.map(({ rmmId }) => rmmId);
  if (refusal !== null && !isShown && (await isKnownRefusal(context, ids))) {
    return { changes: [], settled: [], leftAlone: [], forgotten: [], retired: [], due: ids, refusal };
  }
  const retirements = await planRetirements(context, due);
  return { ...retirements, due: ids, refusal: refusal && (await judgeAgain(context, due, retirements)) };
}

/** What is refused anew each hour shall not be read anew each hour. Once a day somebody may have been at work on it. */
async function isKnownRefusal({ census, now }: RunContext, due: readonly string[]): Promise<boolean> {
  const known = await census.refusal();
  return known?.of === fingerprintOf(due) && now() - known.lookedAtMs < DAY_MS;
}

function fingerprintOf(rmmIds: readonly string[]): string {
  return fingerprint([...rmmIds].sort());
}

/** Without what is not to be retired any more. */
async function judgeAgain(
  context: RunContext,
  due: readonly Absentee[],
  { forgotten, retired }: Retirements,
): Promise<string | null> {
  const done = new Set([...forgotten, ...retired]);
  const open = due.filter((each) => !done.has(each));
  return judgeSweep(await tollOf(context, open), context.config.deactivation);
}

/** Those who are missing and linked. A company that the config leaves out by now is out of scope. */
async function absentees(context: RunContext): Promise<Absentee[]> {
  const [missing, companies] = await Promise.all([context.census.missing(), context.census.companies()]);
  const links = await context.links.assets.get([...missing.keys()]);
  const isInScope = companyTest(context.config.companies);
  const found: Absentee[] = [];
  const outOfScope: string[] = [];
  for (const [rmmId, each] of missing) {
    const link = links.get(rmmId);
    const name = companies.get(each.companyId)?.name ?? each.companyId;
    if (!isTrackedLink(link)) continue;
    if (isInScope({ id: each.companyId, name }))
      found.push({ rmmId, missing: each, link, companyName: name });
    else outOfScope.push(name);
  }
  noteOutOfScope(context, outOfScope);
  return found;
}

function noteOutOfScope(context: RunContext, companyNames: readonly string[]): void {
  for (const [name, devices] of groupBy(companyNames, (each) => each)) {
    const message = `${name}: ${counted(devices.length, 'missing device')} left alone, since companies.include and companies.exclude leave the company out.`;
    tell(context, name, message, devices.length);
  }
}

/** For the report only: the log would say it each hour. */
function tell({ tally }: RunContext, item: string, message: string, count: number): void {
  tally.counts.skipped += count;
  tally.errors.push({ item, message });
}

/** Those whose devices the config leaves out are not gone: nobody looks after them, and nobody retires them. */
async function noteLeftOut(context: RunContext): Promise<void> {
  const links = await context.links.assets.get(await context.census.leftOut());
  const haloIds = [...links.values()].filter(isTrackedLink).map(({ haloId }) => haloId);
  if (haloIds.length === 0) return;
  const message =
    `${counted(haloIds.length, 'asset')} no longer in scope, and left alone: assets.filter or rmm.deviceCategory left their ` +
    `devices out when these were last listed. Halo ids ${firstOf(haloIds.map(String), 10)}.`;
  tell(context, 'scope', message, haloIds.length);
}

function noteGrace(context: RunContext, absent: readonly Absentee[], isShown: boolean): void {
  if (!isShown) {
    context.tally.counts.skipped += absent.length;
    return;
  }
  const { missingRuns, missingForMs } = context.config.deactivation;
  for (const { rmmId: item, missing, link, companyName } of absent) {
    const hours = Math.floor((context.now() - missing.sinceMs) / 3_600_000);
    const message =
      `${companyName} / Halo asset ${link.haloId}: still in its grace, ${describeAbsence(missing)} of ${missingRuns}, ` +
      `for ${hours} h of ${Math.ceil(missingForMs / 3_600_000)} h.`;
    tell(context, item, message, 1);
  }
}

/**
 * What the guard is to judge: all that would be retired, together with what sweeps retired within the last day. Else a
 * fleet that melts away bit by bit would pass it hour by hour.
 */
async function tollOf(context: RunContext, due: readonly Absentee[]): Promise<Toll[]> {
  if (due.length === 0) return [];
  const { census, links, now } = context;
  const recent = await links.assets.get(await census.retiredSince(now() - DAY_MS));
  const gone = [...recent.values()].filter((link) => link.fingerprint === RETIRED);
  const linked = new Map<string, number>();
  for await (const part of links.assets.scan()) {
    for (const [rmmId, { clientId = 0 }] of [...part].filter(([, link]) => isTrackedLink(link))) {
      linked.set(rmmId, clientId);
    }
  }
  const base = groupBy(
    [...linked.values(), ...gone.map(({ clientId = 0 }) => clientId)],
    (clientId) => clientId,
  );
  const byClient = groupBy(due, ({ link }) => link.clientId ?? 0);
  return [...base].map(([clientId, { length }]) => {
    const own = byClient.get(clientId) ?? [];
    const names = [...new Set(own.map(({ companyName }) => companyName))].join(', ');
    const retired = own.length + gone.filter((link) => (link.clientId ?? 0) === clientId).length;
    return { client: `${names || 'a client'} (Halo client ${clientId})`, retired, linked: length };
  });
}

async function planRetirements(context: RunContext, due: readonly Absentee[]): Promise<Retirements> {
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

/** Decides a sweep and lays it out in chunks, or refuses it as a whole. */
export async function planSweepRun(
  context: JobContext,
  force: boolean,
): Promise<{ chunks: number; writes: number; refusal: string | null }> {
  const plan = await planSweep(context, { force, isShown: false });
  await context.checkTurn();
  if (plan.refusal !== null) {
    await noteRefusal(context, plan.refusal, plan.due);
    await rememberSweep(context, { ...plan, changes: [] }, force);
    return { chunks: 0, writes: 0, refusal: plan.refusal };
  }
  await context.census.setRefusal(null);
  await rememberSweep(context, plan, force);
  context.tally.counts.unchanged += plan.forgotten.length + plan.retired.length;
  return { ...(await layOut(context, assets, plan)), refusal: null };
}

/**
 * Before anything is sent: an asset whose deactivation gets no answer must be known for ours when its device is back.
 * What is done by force is not held against the sweeps after it.
 */
async function rememberSweep(context: JobContext, plan: SweepPlan, force: boolean): Promise<void> {
  const { census, links } = context;
  const ids = plan.changes.map(({ rmmId }) => rmmId);
  const before = await links.assets.get(ids);
  const marked = (fingerprint: string, marks: Iterable<[string, LinkTo]>) =>
    new Map([...marks].map(([rmmId, link]) => [rmmId, { ...link, fingerprint }]));
  const each = (absentees: readonly Absentee[]) =>
    absentees.map(({ rmmId, link }): [string, LinkTo] => [rmmId, link]);
  await links.assets.remember(
    new Map([
      ...marked(RETIRING, before),
      ...marked(FORGOTTEN, each(plan.forgotten)),
      ...marked(RETIRED, each(plan.retired)),
    ]),
  );
  await census.forget([...plan.forgotten, ...plan.retired].map(({ rmmId }) => rmmId));
  if (!force) await census.noteRetired(ids, context.now());
}

/** One state until it changes: the same sweep, refused again an hour later, is no news. */
async function noteRefusal(context: JobContext, message: string, due: readonly string[]): Promise<void> {
  const of = fingerprintOf(due);
  const nowMs = context.now();
  const known = await context.census.refusal();
  context.tally.errors.push({ item: 'guard', message });
  if (known?.of === of) context.log.info(`The sweep is still refused. ${message}`);
  else context.log.warn(message);
  const isOld = known?.of === of && nowMs - known.lookedAtMs < DAY_MS;
  const lookedAtMs = isOld ? known.lookedAtMs : nowMs;
  await context.census.setRefusal({ sinceMs: known?.sinceMs ?? nowMs, message, of, lookedAtMs });
}
