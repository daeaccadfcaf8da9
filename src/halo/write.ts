import { ApiError } from '../api/error.js';

/** Something that is to be in Halo as `body` says, in Halo's property names. */
export interface Write {
  /** The RMM id that the caller knows it by, in lower case. */
  key: string;
  /** To show. */
  name: string;
  /** `null`: it does not exist yet. */
  id: number | null;
  /**
   * What changes, without the id; what is left out stays as it is. `fields` must be whole. A create says where it
   * is to stand: an asset its site_id, a site its client_id.
   */
  body: Record<string, unknown>;
  /**
   * Of a create: the caller, who has read Halo, vouches that nothing else stands, or is about to stand, in its place:
   * the same tag in the same site, the same name under the same client; inactive ones count, too. Then what turns up
   * there is this one. Left out or false: it travels alone, and a look-up knows it by its RMM id only.
   */
  hasOwnPlace?: boolean;
}

/** What became of a write. `unknown`: it was sent, and nothing says whether Halo did it. */
export type Outcome =
  | { key: string; kind: 'written'; haloId: number; created: boolean }
  | { key: string; kind: 'refused'; reason: string }
  | { key: string; kind: 'unknown'; reason: string };

export type WriterPath = '/Asset' | '/Site';

export interface WriterOptions {
  path: WriterPath;
  /** The most items in one request, at least 1; 1 switches batches off. */
  batchSize: number;
  /**
   * Awaited ahead of each request that writes, before and behind the gate, where it may have waited for minutes; what
   * it throws stops the writing.
   */
  beforeRequest?: () => Promise<void>;
  /**
   * Awaited right before a request that creates is sent, with the keys of all that it creates, so that a caller that
   * is cut off can tell what it had sent. A key comes again where a refused batch is split, or Halo says "not now".
   */
  beforeCreate?: (keys: readonly string[]) => Promise<void>;
  /** Kept by the caller from one call to the next. Left out: each call begins with one create per request. */
  learned?: LearnedBatchSize;
}

/**
 * How many creates the first request of a call holds: 1 while nothing is proven of this Halo; 0 once it has proven
 * not to answer one to one, which makes it one per request for as long as that is remembered.
 */
export interface LearnedBatchSize {
  read(): Promise<number>;
  write(batchSize: number): Promise<void>;
}

/**
 * Halo's own pages send these two flags along with the fields of an asset, and public scripts that do so found
 * that other fields stay, where one that left them out found them emptied. Changes without fields go without: the
 * guide asks for no more than the id and what changes.
 */
const WITH_FIELDS = { _dontaddnewfields: true, isassetdetails: true };

/** The write as an object of the array that is sent, without its id. */
export function toElement({ body }: Write): Record<string, unknown> {
  return body.fields === undefined ? body : { ...WITH_FIELDS, ...body };
}

/** "Updating the asset PC-5 (5) in Halo", "Creating 50 assets in Halo". */
export function describe(verb: string, { path }: WriterOptions, batch: readonly Write[]): string {
  const noun = path === '/Asset' ? 'asset' : 'site';
  const [only] = batch;
  if (!only || batch.length > 1) return `${verb} ${batch.length} ${noun}s in Halo`;
  return `${verb} the ${noun} ${only.name}${only.id === null ? '' : ` (${only.id})`} in Halo`;
}

export function written({ key }: Write, id: number, created = false): Outcome {
  return { key, kind: 'written', haloId: id, created };
}

export function unknown({ key }: Write, reason: string): Outcome {
  return { key, kind: 'unknown', reason };
}

/**
 * What a failed request says of the writes in it.
 *
 * `unexpected` is said of an update that was answered with success, but not in JSON, or with a redirect: Halo says
 * neither, a proxy's login page does, so the update was perhaps never seen by Halo. It does not count as written.
 * @throws whatever ends the writing altogether.
 */
export function failure(error: unknown): { kind: 'refused' | 'unknown'; reason: string } {
  if (!(error instanceof ApiError)) throw error;
  const { kind, message: reason } = error;
  if (kind === 'refused') return { kind, reason };
  if (kind === 'unknown' || kind === 'unexpected') return { kind: 'unknown', reason };
  throw error;
}

/** Asks once more, when the request is let through the gate. */
export function beforeSending({ beforeRequest }: WriterOptions): { onAttempt?: () => Promise<void> } {
  return beforeRequest ? { onAttempt: beforeRequest } : {};
}
