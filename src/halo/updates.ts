import { z } from 'zod';
import type { Api } from '../api/types.js';
import { inSlices } from '../inventory/slices.js';
import { idShape } from './standing.js';
import {
  beforeSending,
  describe,
  failure,
  type Outcome,
  toElement,
  unknown,
  type Write,
  type WriterOptions,
  written,
} from './write.js';

export type Update = Write & { id: number };

/** Writes what stands in Halo already, in batches. */
export async function* writeUpdates(
  api: Api,
  options: WriterOptions,
  updates: readonly Update[],
): AsyncGenerator<Outcome[]> {
  for (const batch of inSlices(updates, options.batchSize)) yield* writeTogether(api, options, batch);
}

/** Sends what Halo refused again, in halves: what it did before it met the bad item, it does once more to no harm. */
async function* writeTogether(
  api: Api,
  options: WriterOptions,
  batch: readonly Update[],
): AsyncGenerator<Outcome[]> {
  const outcomes = await send(api, options, batch);
  if (batch.length === 1 || outcomes.every((outcome) => outcome.kind !== 'refused')) yield outcomes;
  else {
    const half = Math.ceil(batch.length / 2);
    yield* writeTogether(api, options, batch.slice(0, half));
    yield* writeTogether(api, options, batch.slice(half));
  }
}

/**
 * One request. Halo answers an array of many with the last object alone, so a success is a success of all. Of an
 * array of one it shows the object: were that another, Halo would have created it in place of one that is gone.
 */
async function send(api: Api, options: WriterOptions, batch: readonly Update[]): Promise<Outcome[]> {
  const doing = describe('Updating', options, batch);
  const body = batch.map((write) => ({ ...toElement(write), id: write.id }));
  await options.beforeRequest?.();
  try {
    const call = { doing, method: 'POST', path: options.path, body, shape: z.unknown() } as const;
    const { data } = await api.request({ ...call, ...beforeSending(options) });
    const shown = batch.length === 1 ? idShape.safeParse(data).data : undefined;
    return batch.map((write) =>
      shown === undefined || shown === write.id
        ? written(write, write.id)
        : unknown(write, `${doing}: Halo answered with ${shown}, another item, which may be a new one.`),
    );
  } catch (error) {
    const failed = failure(error);
    return batch.map(({ key }) => ({ key, ...failed }));
  }
}
