import { ApiError } from '../api/error.js';
import { toBody } from '../halo/body.js';
import { type Outcome, writeAll } from '../halo/writer.js';
import { type Change, countSettled, leaveAlone, type Plan } from '../inventory/plan.js';
import { type JobContext, noteUnsettled, type RunContext } from './context.js';
import { noteUnknown, settle } from './settle.js';
import type { Group, Subject, Wanted } from './subject.js';
import { untilKept } from './until-kept.js';

/** About so many changes are written by one job: what a crash can throw back, and what another daemon can take over. */
const CHANGES_PER_CHUNK = 100;

/** In whole batches, since what is left over at the end of each chunk would be a request more. */
function chunkSize({ halo: { batchSize } }: JobContext['config']): number {
  return batchSize * Math.max(1, Math.floor(CHANGES_PER_CHUNK / batchSize));
}

const STILL_IN_DOUBT =
  'An earlier run sent it, and Halo did not say whether it made it. It may still come: a run in 15 minutes looks again.';

/*
 * The main flow of every run. The steps are jobs, so that any daemon can work them and a crash costs one step:
 *
 *   subject.groups        which companies there are
 *   listGroup  (× groups) read the RMM; what stands in Halo as wanted is settled here, without asking Halo
 *   planRun               read Halo, decide, guard
 *   writeChunk (× chunks) apply, remember links
 *   (queue/run-job.ts)    add up, report
 *
 * sync/plan.ts goes the same way without the writing.
 */

/** Reads one group and keeps, on the worksheet, the items that differ from what was last written. */
export async function listGroup<Item extends Wanted>(
  context: RunContext,
  subject: Subject<Item>,
  group: Group,
  number: number,
): Promise<void> {
  await context.sheet.startGroup(number);
  for await (const page of subject.read(context, group)) {
    await context.sheet.addWanted(number, await worthPlanning(context, subject, page));
  }
}

/**
 * Leaves out what stands in Halo as wanted, and what an earlier run left for a person, which is only named again.
 * A run that looks at everything leaves out nothing.
 */
async function worthPlanning<Item extends Wanted>(
  context: RunContext,
  { kind }: Subject<Item>,
  items: Item[],
): Promise<Item[]> {
  if (context.look === 'everything') return items;
  const links = await context.links[kind].get(items.map((item) => item.rmmId));
  const differing = items.filter((item) => links.get(item.rmmId)?.fingerprint !== item.fingerprint);
  context.tally.counts.unchanged += items.length - differing.length;
  if (context.look === 'unsettled') return differing;
  const unsettled = await context.unsettled[kind].among(differing);
  for (const item of unsettled.values()) noteUnsettled(context, item);
  return differing.filter(({ rmmId }) => !unsettled.has(rmmId));
}

/**
 * Decides, portion by portion, what is to be done with all that the groups kept.
 * @param isComplete whether every group was listed to its end.
 */
export async function* decide<Item extends Wanted>(
  context: RunContext,
  subject: Subject<Item>,
  isComplete: boolean,
): AsyncGenerator<Plan> {
  for await (const plan of subject.plan(context, isComplete)) yield await withoutDoubtful(context, plan);
}

/** Leaves alone what an earlier run sent and Halo may still be at work on. */
async function withoutDoubtful(context: RunContext, plan: Plan): Promise<Plan> {
  const creates = plan.changes.filter((change) => change.action === 'create');
  const doubtful = await context.doubts.among(creates.map((change) => change.rmmId));
  const isDoubtful = (change: Change) => change.action === 'create' && doubtful.has(change.rmmId);
  return leaveAlone(plan, isDoubtful, STILL_IN_DOUBT, true);
}

/**
 * Decides, settles what needs no writing, and lays out the changes in chunks.
 * @returns how many chunks there are, and how many changes to Halo they hold.
 */
export async function planRun<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  isComplete: boolean,
): Promise<{ chunks: number; writes: number }> {
  return layOut(context, subject, decide(context, subject, isComplete));
}

/** Settles what needs no writing, and lays out the changes of plans in chunks. */
export async function layOut<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  plans: AsyncIterable<Plan> | Iterable<Plan>,
): Promise<{ chunks: number; writes: number }> {
  const size = chunkSize(context.config);
  const laidOut = { chunks: 0, writes: 0 };
  let changes: Change[] = [];
  for await (const plan of plans) {
    await settlePlan(context, subject, plan);
    laidOut.writes += plan.changes.filter(({ action }) => action !== 'link').length;
    changes = changes.concat(updatesFirst(plan.changes));
    while (changes.length >= size) {
      await context.sheet.setChanges(laidOut.chunks++, changes.splice(0, size));
    }
  }
  if (changes.length > 0) await context.sheet.setChanges(laidOut.chunks++, changes);
  return laidOut;
}

async function settlePlan<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  plan: Plan,
): Promise<void> {
  await context.checkTurn();
  await context.links[subject.kind].remember(new Map(plan.settled.map(({ rmmId, link }) => [rmmId, link])));
  context.tally.counts.unchanged += countSettled(plan);
  await noteLeftAlone(context, subject, plan);
  await forgetDrifted(context, subject, plan);
}

/**
 * An update was decided by what stood in Halo when it was read, so it goes out before the creates, which may wait for
 * the rate limit for an hour. It may also free the tag that a create takes.
 */
function updatesFirst(changes: readonly Change[]): Change[] {
  const isCreate = ({ action }: Change) => action === 'create';
  return [...changes.filter((change) => !isCreate(change)), ...changes.filter(isCreate)];
}

async function noteLeftAlone<Item extends Wanted>(
  context: JobContext,
  { kind }: Subject<Item>,
  { leftAlone }: Plan,
): Promise<void> {
  const items = leftAlone.map((item) => ({ ...item, as: 'skipped' as const }));
  for (const item of items) noteUnsettled(context, item);
  await context.unsettled[kind].add(items.filter(({ isPassing }) => !isPassing));
}

/**
 * What was changed by hand in Halo does not stand there as its link says. Without its fingerprint the link is not
 * taken for the mark of an earlier attempt that wrote the change, and whatever cuts this run off, the next one looks.
 */
async function forgetDrifted<Item extends Wanted>(
  context: JobContext,
  { kind }: Subject<Item>,
  { changes }: Plan,
): Promise<void> {
  const links = await context.links[kind].get(changes.map((change) => change.rmmId));
  const drifted = changes.filter((change) => links.get(change.rmmId)?.fingerprint === change.fingerprint);
  const bare = drifted.flatMap(({ rmmId }) => {
    const link = links.get(rmmId);
    return link ? [[rmmId, { ...link, fingerprint: '' }] as const] : [];
  });
  await context.links[kind].remember(new Map(bare));
}

/**
 * Applies one chunk of changes and remembers the links after every request. A repeated chunk leaves out
 * what it did before, and never sends again a create that was cut off: nobody knows whether Halo did it,
 * and the next run, which reads Halo anew, will find it.
 */
export async function writeChunk<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  chunk: number,
): Promise<void> {
  const changes = await openChanges(context, subject, chunk);
  const byRmmId = new Map(changes.map((change) => [change.rmmId, change]));
  const ties = changes.filter((change) => change.action === 'link');
  await settle(context, subject, chunk, byRmmId, ties.map(tied));
  const writes = changes.filter((change) => change.action !== 'link').map(toWrite);
  const unsettled = new Set<string>();
  const options = {
    path: subject.haloPath,
    batchSize: context.config.halo.batchSize,
    beforeRequest: context.checkTurn,
    async beforeCreate(rmmIds: readonly string[]) {
      for (const rmmId of rmmIds) unsettled.add(rmmId);
      await context.sheet.markSent(chunk, rmmIds);
    },
    learned: context.createBatch[subject.haloPath],
  };
  try {
    for await (const outcomes of writeAll(context.halo, options, writes)) {
      for (const { key } of outcomes) unsettled.delete(key);
      await settle(context, subject, chunk, byRmmId, outcomes);
    }
  } catch (error) {
    // The writer's promise: what it has not settled when it gives up so is not, and will not be, in Halo.
    if (error instanceof ApiError) {
      await untilKept(context.signal, () => context.sheet.unmarkSent(chunk, [...unsettled]));
    }
    throw error;
  }
}

/** The changes of a chunk that are still to be done. */
async function openChanges<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  chunk: number,
): Promise<Change[]> {
  const changes = await context.sheet.changes(chunk);
  const sent = await context.sheet.sent(chunk);
  const links = await context.links[subject.kind].get(changes.map((change) => change.rmmId));
  const undone = changes.filter((change) => links.get(change.rmmId)?.fingerprint !== change.fingerprint);
  const isCutOff = (change: Change) => change.action === 'create' && sent.has(change.rmmId);
  for (const change of undone.filter(isCutOff)) {
    await noteUnknown(context, change, 'an earlier attempt was cut off');
  }
  return undone.filter((change) => !isCutOff(change));
}

function toWrite(change: Change) {
  const { rmmId: key, name, haloId: id, values, hasOwnPlace = false } = change;
  return { key, name, id, body: toBody(values), hasOwnPlace };
}

function tied(change: Change): Outcome {
  return { key: change.rmmId, kind: 'written', haloId: change.haloId ?? 0, created: false };
}
