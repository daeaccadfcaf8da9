import { z } from 'zod';
import type { Api } from '../api/types.js';
import { groupBy } from '../inventory/group.js';
import { readAnswer } from './create-answer.js';
import { type Finding, lookUp, type Sought } from './look-up.js';
import { placeKey, placeShape } from './standing.js';
import {
  describe,
  failure,
  type Outcome,
  toElement,
  unknown,
  type Write,
  type WriterOptions,
  written,
} from './write.js';

type Create = Write & Sought;

/**
 * Creates, as many at once as this Halo has proven that it answers for. Those that have their place to themselves
 * travel together; the others alone, behind them, because an answer might not tell one from another.
 * @throws Error where a create does not say where it is to stand.
 */
export async function* writeCreates(
  api: Api,
  options: WriterOptions,
  writes: readonly Write[],
): AsyncGenerator<Outcome[]> {
  const creates = toCreates(options, writes);
  if (creates.length === 0) return;
  let size = Math.min((await options.learned?.read()) ?? 1, options.batchSize);
  const together = creates.filter((create) => create.hasOwnPlace);
  for (let sent = 0; sent < together.length; ) {
    const batch = together.slice(sent, sent + Math.max(1, size));
    sent += batch.length;
    size = yield* writeTogether(api, options, batch, size);
  }
  for (const create of creates.filter((each) => !each.hasOwnPlace)) {
    size = yield* writeTogether(api, options, [create], size);
  }
}

function toCreates({ path }: WriterOptions, writes: readonly Write[]): Create[] {
  const creates = writes.map((write) => {
    const place = placeShape(path).safeParse(write.body).data;
    if (!place) throw new Error(`The change that creates ${write.name} does not say where it is to stand.`);
    return { ...write, place };
  });
  const byPlace = groupBy(creates, (create) => placeKey(create.place));
  return creates.map((create) => {
    const isAlone = byPlace.get(placeKey(create.place))?.length === 1;
    return { ...create, hasOwnPlace: create.hasOwnPlace === true && isAlone };
  });
}

/**
 * Sends a batch and settles each create in it; what an answer does not name is looked up. Only what Halo refused and
 * surely did not do, though it may have done what stood before the bad item, is sent again, in halves.
 * @returns the batch size to go on with.
 */
async function* writeTogether(
  api: Api,
  options: WriterOptions,
  batch: readonly Create[],
  size: number,
): AsyncGenerator<Outcome[], number> {
  const answer = await send(api, options, batch);
  if (answer.kind === 'refused' && batch.length === 1) {
    yield batch.map(({ key }) => ({ key, kind: 'refused', reason: answer.reason }));
    return size;
  }
  const unnamed = batch.filter((create) => !answer.ids.has(create.key));
  const { findings, outage } = await lookUp(api, options.path, unnamed);
  const isUndone = ({ key }: Create) => answer.kind === 'refused' && findings.get(key)?.kind === 'absent';
  const settled = batch.filter((create) => !isUndone(create));
  if (settled.length > 0) yield settled.map((create) => settle(create, answer, findings.get(create.key)));
  let next = await learn(options, size, batch.length, answer);
  // Whatever came next would most likely end in doubt, too, and what was not sent can still be sent later.
  if (outage) throw outage;
  const undone = batch.filter(isUndone);
  const middle = Math.ceil(undone.length / 2);
  for (const half of [undone.slice(0, middle), undone.slice(middle)]) {
    if (half.length > 0) next = yield* writeTogether(api, options, half, next);
  }
  return next;
}

/** What came of one request. */
interface Answer {
  kind: 'answered' | 'refused' | 'unknown';
  /** Key → new id, of the creates that the answer names. */
  ids: ReadonlyMap<string, number>;
  isOneToOne: boolean;
  /** Why the fate of the others is not known. */
  reason: string;
}

/** One request, sent once. */
async function send(api: Api, options: WriterOptions, batch: readonly Create[]): Promise<Answer> {
  const { path } = options;
  const doing = describe('Creating', options, batch);
  const body = batch.map(toElement);
  await options.beforeRequest?.();
  // Behind the gate: what is announced is as good as sent.
  const onAttempt = async () => {
    await options.beforeRequest?.();
    await options.beforeCreate?.(batch.map((create) => create.key));
  };
  try {
    // An array of one is answered with its object as it is; of many, Halo shows only the last unless it is asked.
    const query = batch.length > 1 ? { returnall: true } : {};
    const call = { doing, method: 'POST', path, query, body, shape: z.unknown(), once: true } as const;
    const { data } = await api.request({ ...call, onAttempt });
    const reason = `${doing}: the answer of Halo does not show it.`;
    return { kind: 'answered', ...readAnswer(path, batch, data), reason };
  } catch (error) {
    return { ...failure(error), ids: new Map(), isOneToOne: false };
  }
}

function settle(create: Create, answer: Answer, finding: Finding | undefined): Outcome {
  const id = answer.ids.get(create.key) ?? (finding?.kind === 'found' ? finding.id : undefined);
  if (id !== undefined) return written(create, id, true);
  const found = finding && finding.kind !== 'found' ? ` ${finding.reason}` : '';
  return unknown(create, `${answer.reason}${found}`);
}

/** Remembers what an answer proved, after its outcomes are handed over, so that they are not lost with it. */
async function learn(options: WriterOptions, size: number, sent: number, answer: Answer): Promise<number> {
  const next = nextSize(size, options.batchSize, sent, answer);
  if (next !== size) await options.learned?.write(next);
  return next;
}

/**
 * | answer                       | next batch size                                              |
 * |------------------------------|--------------------------------------------------------------|
 * | shows each, one to one       | twice as many, where so many were sent                       |
 * | of a batch, not one to one   | 0: one at a time for good                                    |
 * | of one, not as it was sent   | as before: its id will do, but it says nothing about batches |
 * | none that tells              | 1: the less is in doubt if the next one fails, too           |
 * | refused                      | as before: an item was bad                                   |
 */
function nextSize(size: number, largest: number, sent: number, answer: Answer): number {
  if (size === 0 || answer.kind === 'refused') return size;
  if (answer.kind === 'unknown') return 1;
  if (!answer.isOneToOne) return sent === 1 ? size : 0;
  return sent === size ? Math.min(2 * size, largest) : size;
}
