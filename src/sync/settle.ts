import type { Outcome } from '../halo/writer.js';
import type { Change, LinkTo } from '../inventory/plan.js';
import { countedAs } from '../inventory/tally.js';
import { type JobContext, noteItem, noteUnsettled } from './context.js';
import type { Subject, Wanted } from './subject.js';
import { untilKept } from './until-kept.js';

/** Remembers, counts and logs what became of some changes of a chunk. */
export async function settle<Item extends Wanted>(
  context: JobContext,
  subject: Subject<Item>,
  chunk: number,
  changes: ReadonlyMap<string, Change>,
  outcomes: readonly Outcome[],
): Promise<void> {
  const written = outcomes.flatMap((outcome) => {
    const change = changes.get(outcome.key);
    return change && outcome.kind === 'written' ? [{ change, haloId: outcome.haloId }] : [];
  });
  await settleWritten(context, subject, written);
  for (const outcome of outcomes) {
    const change = changes.get(outcome.key);
    if (change && outcome.kind === 'unknown') await noteUnknown(context, change, outcome.reason);
    if (change && outcome.kind === 'refused')
      await noteRefused(context, subject, chunk, change, outcome.reason);
  }
  await context.saveTally();
}

/** The links first: what stands in them is known, whatever else fails. */
async function settleWritten<Item extends Wanted>(
  context: JobContext,
  { kind }: Subject<Item>,
  written: readonly { change: Change; haloId: number }[],
): Promise<void> {
  const links = written.map(({ change, haloId }) => [change.rmmId, linkOf(change, haloId)] as const);
  await untilKept(context.signal, () => context.links[kind].remember(new Map(links)));
  for (const { change, haloId } of written) {
    context.tally.counts[countedAs(change.action)] += 1;
    logDone(context, change, haloId);
  }
  const retired = written.filter(({ change }) => change.action === 'deactivate');
  await untilKept(context.signal, async () => {
    await context.unsettled[kind].remove(links.map(([rmmId]) => rmmId));
    await context.census.forget(retired.map(({ change }) => change.rmmId));
    await context.saveTally();
  });
  await untilKept(context.signal, () => context.noteDone(written));
}

function logDone({ log }: JobContext, change: Change, haloId: number): void {
  const { rmmId: item, companyId: company, action, name, reason, after } = change;
  const what = Object.keys(after).join(', ');
  log.info({ item, company, halo: haloId, action }, `${name}: ${action} (${reason})${what && `: ${what}`}.`);
}

function linkOf(change: Change, haloId: number): LinkTo {
  const { fingerprint, clientId } = change;
  return { haloId, fingerprint, ...(clientId === undefined ? {} : { clientId }) };
}

async function noteRefused<Item extends Wanted>(
  context: JobContext,
  { kind }: Subject<Item>,
  chunk: number,
  change: Change,
  reason: string,
): Promise<void> {
  const { rmmId, companyId, name, fingerprint } = change;
  const item = { rmmId, companyId, name, reason, fingerprint, as: 'failed' as const };
  await context.sheet.unmarkSent(chunk, [rmmId]);
  await context.unsettled[kind].add([item]);
  noteUnsettled(context, item);
}

/** Notes a change of which nobody knows whether Halo made it. A create is not sent again for a while. */
export async function noteUnknown(context: JobContext, change: Change, reason: string): Promise<void> {
  if (change.action === 'create') await context.doubts.add([change.rmmId]);
  const message =
    `${change.name}: whether Halo made this change is not known (${reason}). ` +
    'It is not sent again blindly: the next run reads Halo first.';
  noteItem(context, { item: change.rmmId, companyId: change.companyId, message }, 'failed');
}
