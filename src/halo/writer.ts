import type { Api } from '../api/types.js';
import { writeCreates } from './creates.js';
import { type Update, writeUpdates } from './updates.js';
import type { Outcome, Write, WriterOptions } from './write.js';

export type { LearnedBatchSize, Outcome, Write, WriterOptions } from './write.js';

/**
 * The one place that changes Halo's sites and assets. Yields outcomes after each request, so that the caller can
 * remember them at once.
 *
 * Promises exactly one outcome per write unless it throws, and never a second create for one key, no matter where the
 * connection breaks:
 * - A create is sent again only where Halo surely did not do it: it was never let in (429, not reached), or it was in
 *   a batch that Halo refused, and a look-up, made after that, does not find it.
 * - A create whose fate is unknown is looked up. It is `written` where it is found, else `unknown`: it may still come
 *   to be, so only a later run, which reads Halo anew, can say.
 * - An id is given out only where the answer or the look-up leaves no doubt that it is this item's.
 *
 * A refused batch is split until the bad item stands alone, and the others are written. Updates come first: one may
 * free the tag that a create takes.
 * @throws ApiError `unavailable` or `credentials`, of a write or of a look-up: what was yielded is settled, and all
 *   the rest may be sent again, announced or not, because nothing of it is or will be in Halo.
 * @throws Error where two writes have one key, or a create does not say where it is to stand.
 */
export async function* writeAll(
  api: Api,
  options: WriterOptions,
  writes: readonly Write[],
): AsyncGenerator<Outcome[]> {
  const keys = new Set(writes.map((write) => write.key));
  if (keys.size < writes.length) throw new Error('Two changes to Halo are for the same item of the RMM.');
  yield* writeUpdates(api, options, writes.filter(isUpdate));
  yield* writeCreates(
    api,
    options,
    writes.filter((write) => write.id === null),
  );
}

function isUpdate(write: Write): write is Update {
  return write.id !== null;
}
