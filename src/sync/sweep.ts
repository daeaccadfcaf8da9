import { groupBy, partition } from '../inventory/group.js';
import { judgeSweep, type Toll } from '../inventory/guard.js';
import { isDue } from '../inventory/missing.js';
import { FORGOTTEN, isTrackedLink, type LinkTo, RETIRED, RETIRING } from '../inventory/plan.js';
import { companyTest } from '../inventory/scope.js';
import { counted, firstOf } from '../inventory/sentence.js';
import { describeAbsence, markOfSweep } from '../inventory/sweep-plan.js';
import { assets } from './assets.js';
import type { JobContext, RunContext } from './context.js';
import { type Absentee, planRetirements, type Retirements, tell } from './retirements.js';
import { layOut } from './run.js';

/** What a sweep would do. */
export interface SweepPlan extends Retirements {
  /** RMM ids of those whose grace is over. */
  due: string[];
  /** Why nothing of it may be applied; `null`: it may. */
  refusal: string | null;
}

/** Whether the guard is lifted. */
export interface SweepOptions {
  force: boolean;
  /** The mark of the list that a person has looked at: where the list is another one by now, nothing is done. */
  confirmed?: string | undefined;
  /** Called once the list was found to be that one, before anything changes it: a crash must not have it asked again. */
  keepConfirmed?(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;
const CHANGED =
  'The list has changed since it was confirmed, so nothing was deactivated. Look at it anew, and confirm that one.';

/**
 * What a sweep would do, for a person who looks: those in their grace are named, and what is refused is read all the same.
 */
export async function planSweep(context: RunContext): Promise<SweepPlan> {
  const due = await findDue(context, true);
  return decideSweep(context, due, { force: false, isShown: true });
}

/** Those whose grace is over. It asks the RMM nothing: the asset runs counted who is missing. */
async function findDue(context: RunContext, isShown: boolean): Promise<Absentee[]> {
  const { deactivation } = context.config;
  const absent = await absentees(context);
  const [due, inGrace] = partition(absent, ({ missing }) => isDue(missing, deactivation, context.now()));
  context.tally.counts.read = absent.length;
  noteGrace(context, inGrace, isShown);
  await noteLeftOut(context);
  return due;
}

/** Which assets are retired, whether the guard lets it pass, and who is left alone. */
async function decideSweep(
  context: RunContext,
  absent: readonly Absentee[],
  { force, isShown }: { force: boolean; isShown: boolean },
): Promise<SweepPlan> {
  const due = absent.map(({ rmmId }) => rmmId);
  const refusal = force ? null : judgeSweep(await tollOf(context, absent), context.config.deactivation);
  if (refusal !== null && !isShown && (await isKnownRefusal(context, due))) {
    return { changes: [], settled: [], leftAlone: [], forgotten: [], retired: [], due, refusal };
  }
  const retirements = await planRetirements(context, absent);
  return { ...retirements, due, refusal: refusal && (await judgeAgain(context, absent, retirements)) };
}

/**
 * What is refused anew each hour shall not be read anew each hour, unless its names are still wanted. Once a day somebody
 * may have been at work on it.
 */
async function isKnownRefusal({ census, now }: RunContext, due: readonly string[]): Promise<boolean> {
  const known = await census.refusal();
  if (known?.of !== markOfSweep(due) || now() - known.lookedAtMs >= DAY_MS) return false;
  return (await census.refusedNames(due)).size > 0;
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

/** Decides a sweep and lays it out in chunks, or refuses it as a whole. */
export async function planSweepRun(
  context: JobContext,
  { force, confirmed, keepConfirmed }: SweepOptions,
): Promise<{ chunks: number; writes: number; refusal: string | null }> {
  const due = await findDue(context, false);
  if (confirmed !== undefined && confirmed !== markOfSweep(due.map(({ rmmId }) => rmmId))) {
    context.tally.errors.push({ item: 'guard', message: CHANGED });
    context.log.warn(CHANGED);
    return { chunks: 0, writes: 0, refusal: CHANGED };
  }
  const plan = await decideSweep(context, due, { force, isShown: false });
  await context.checkTurn();
  if (plan.refusal !== null) {
    await noteRefusal(context, plan, plan.refusal);
    await rememberSweep(context, { ...plan, changes: [] }, force);
    return { chunks: 0, writes: 0, refusal: plan.refusal };
  }
  if (confirmed !== undefined) await keepConfirmed?.();
  await context.census.setRefusal(null);
  await rememberSweep(context, plan, force);
  context.tally.counts.unchanged += plan.forgotten.length + plan.retired.length;
  return { ...(await layOut(context, assets, [plan])), refusal: null };
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
async function noteRefusal(context: JobContext, { due, changes }: SweepPlan, message: string): Promise<void> {
  const of = markOfSweep(due);
  const nowMs = context.now();
  const known = await context.census.refusal();
  context.tally.errors.push({ item: 'guard', message });
  if (known?.of === of) context.log.info(`The sweep is still refused. ${message}`);
  else context.log.warn(message);
  // A refusal that is known already was not read anew, and has its names.
  const names = new Map(changes.map(({ rmmId, name }) => [rmmId, name]));
  const isOld = names.size === 0 && known?.of === of && nowMs - known.lookedAtMs < DAY_MS;
  const lookedAtMs = isOld ? known.lookedAtMs : nowMs;
  // First, since a refusal without names is looked at anew.
  if (names.size > 0) await context.census.nameRefused(names);
  await context.census.setRefusal({ sinceMs: known?.sinceMs ?? nowMs, message, of, lookedAtMs });
}
