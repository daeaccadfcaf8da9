import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { inSlices } from '../inventory/slices.js';
import { haloId } from './rows.js';

/** Something that is to be in Halo as `body` says, in Halo's property names. */
export interface Write {
  /** The RMM id that the caller knows it by. */
  key: string;
  /** To show. */
  name: string;
  /** `null`: it does not exist yet. */
  id: number | null;
  /** What changes, without the id; what is left out stays as it is. `fields` must be whole. */
  body: Record<string, unknown>;
}

type Update = Write & { id: number };

/** What became of a write. `unknown`: it was sent, and nothing says whether Halo did it. */
export type Outcome =
  | { key: string; kind: 'written'; haloId: number; created: boolean }
  | { key: string; kind: 'refused'; reason: string }
  | { key: string; kind: 'unknown'; reason: string };

export interface WriterOptions {
  path: '/Asset' | '/Site';
  /** The most updates in one request, at least 1. */
  batchSize: number;
  /** Awaited ahead of each request; what it throws stops the writing. */
  beforeRequest?: () => Promise<void>;
  /** Awaited ahead of each create, with its key, so that a caller that is cut off can tell what it had sent. */
  beforeCreate?: (key: string) => Promise<void>;
}

/**
 * The one place that changes Halo's sites and assets. Yields outcomes after each request, so that the caller can
 * remember them at once.
 *
 * Promises exactly one outcome per write unless it throws, and never a second create for one key. A batch that
 * Halo refuses is split until the bad item stands alone, and the others are written. Updates come first: one may
 * free the tag that a create takes.
 * @throws ApiError `unavailable` or `credentials`: what was yielded is done, and all the rest may be sent again,
 *   because neither error stands for a create that Halo may have done.
 * @throws Error where two writes have one key.
 */
export async function* writeAll(
  api: Api,
  options: WriterOptions,
  writes: readonly Write[],
): AsyncGenerator<Outcome[]> {
  const keys = new Set(writes.map((write) => write.key));
  if (keys.size < writes.length) throw new Error('Two changes to Halo are for the same item of the RMM.');
  for (const batch of inSlices(writes.filter(isUpdate), options.batchSize)) {
    yield* writeUpdates(api, options, batch);
  }
  for (const write of writes) {
    if (!isUpdate(write)) yield [await create(api, options, write)];
  }
}

function isUpdate(write: Write): write is Update {
  return write.id !== null;
}

/** Sends what Halo refused again, in halves: what it did before it met the bad item, it does once more to no harm. */
async function* writeUpdates(
  api: Api,
  options: WriterOptions,
  batch: readonly Update[],
): AsyncGenerator<Outcome[]> {
  const outcomes = await update(api, options, batch);
  if (batch.length === 1 || outcomes.every((outcome) => outcome.kind !== 'refused')) yield outcomes;
  else {
    const half = Math.ceil(batch.length / 2);
    yield* writeUpdates(api, options, batch.slice(0, half));
    yield* writeUpdates(api, options, batch.slice(half));
  }
}

/**
 * One request. Halo answers an array of many with the last object alone, so a success is a success of all. Of an
 * array of one it shows the object: were that another, Halo would have created it in place of one that is gone.
 */
async function update(api: Api, options: WriterOptions, batch: readonly Update[]): Promise<Outcome[]> {
  const doing = describe('Updating', options, batch);
  const body = batch.map((write) => ({ ...toBody(options, write), id: write.id }));
  await options.beforeRequest?.();
  try {
    const call = { doing, method: 'POST', path: options.path, body, shape: z.unknown() } as const;
    const { data } = await api.request(call);
    const shown = batch.length === 1 ? idShape.safeParse(data).data : undefined;
    return batch.map((write) =>
      shown === undefined || shown === write.id
        ? written(write, write.id)
        : unknown(write, `${doing}: Halo answered with ${shown}, another item, which may be a new one.`),
    );
  } catch (error) {
    return batch.map((write) => failed(write, error));
  }
}

/**
 * One create per request, sent once: an answer tells the new id only where the array is of one (of many, Halo shows
 * the last). It is trusted only if it carries an id; otherwise the create may have been done all the same.
 */
async function create(api: Api, options: WriterOptions, write: Write): Promise<Outcome> {
  const doing = describe('Creating', options, [write]);
  const body = [toBody(options, write)];
  await options.beforeRequest?.();
  await options.beforeCreate?.(write.key);
  try {
    const call = { doing, method: 'POST', path: options.path, body, shape: idShape, once: true } as const;
    const { data } = await api.request(call);
    return written(write, data, true);
  } catch (error) {
    return failed(write, error);
  }
}

const objectShape = z.looseObject({ id: haloId.pipe(z.int().positive()) }).transform((answer) => answer.id);

/** The id in an answer that shows one object, bare (as seen on real tenants) or as an array of one. */
const idShape = z.union(
  [objectShape, z.tuple([objectShape]).transform(([id]) => id)],
  'expected one object with an id',
);

/**
 * Halo's own pages send these two flags along with the fields of an asset, and public scripts that do so found
 * that other fields stay, where one that left them out found them emptied. Changes without fields go without: the
 * guide asks for no more than the id and what changes.
 */
const WITH_FIELDS = { _dontaddnewfields: true, isassetdetails: true };

function toBody({ path }: WriterOptions, { body }: Write): Record<string, unknown> {
  return path === '/Asset' && body.fields !== undefined ? { ...WITH_FIELDS, ...body } : body;
}

function describe(verb: string, { path }: WriterOptions, batch: readonly Write[]): string {
  const noun = path === '/Asset' ? 'asset' : 'site';
  const [only] = batch;
  if (!only || batch.length > 1) return `${verb} ${batch.length} ${noun}s in Halo`;
  return `${verb} the ${noun} ${only.name}${only.id === null ? '' : ` (${only.id})`} in Halo`;
}

function written({ key }: Write, id: number, created = false): Outcome {
  return { key, kind: 'written', haloId: id, created };
}

function unknown({ key }: Write, reason: string): Outcome {
  return { key, kind: 'unknown', reason };
}

/**
 * `unexpected` is said of an update that was answered with success, but not in JSON, or with a redirect: Halo says
 * neither, a proxy's login page does, so the update was perhaps never seen by Halo. It does not count as written.
 * @throws whatever ends the writing altogether.
 */
function failed(write: Write, error: unknown): Outcome {
  if (!(error instanceof ApiError)) throw error;
  const { kind, message } = error;
  if (kind === 'refused') return { key: write.key, kind, reason: message };
  if (kind === 'unknown' || kind === 'unexpected') return unknown(write, message);
  throw error;
}
