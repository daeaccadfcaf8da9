import { groupBy } from '../inventory/group.js';
import type { Sought } from './look-up.js';
import { idShape, placeKey, type Standing, standingShape } from './standing.js';
import type { WriterPath } from './write.js';

/** What an answer to creates is worth. */
export interface ReadAnswer {
  /** Key → new id, of those that the answer names beyond doubt. */
  ids: Map<string, number>;
  /** It shows each that was sent, as it was sent, and nothing else: this Halo can be trusted with more at once. */
  isOneToOne: boolean;
}

/**
 * Reads the answer to a request that creates. What it shows is told by its RMM id or, where it has none, by its
 * place, never by its position: Halo is not known to keep the order. A create that travels alone takes the id of the
 * one object that is shown, whatever else that says.
 */
export function readAnswer(path: WriterPath, batch: readonly Sought[], data: unknown): ReadAnswer {
  const shown: unknown[] = Array.isArray(data) ? data : [data];
  const shape = standingShape(path);
  const ids = match(
    batch,
    shown.flatMap((row) => shape.safeParse(row).data ?? []),
  );
  const isOneToOne = shown.length === batch.length && ids.size === batch.length;
  const [only, ...others] = batch;
  const id = idShape.safeParse(data).data;
  if (only && others.length === 0 && id !== undefined) ids.set(only.key, id);
  return { ids, isOneToOne };
}

/** One that is shown twice, or under another's id, proves nothing. */
function match(batch: readonly Sought[], shown: readonly Standing[]): Map<string, number> {
  const rowsById = groupBy(shown, (row) => row.id);
  const ids = new Map<string, number>();
  for (const create of batch) {
    const [row, ...others] = shown.filter((each) => isOf(create, each));
    if (row && others.length === 0 && rowsById.get(row.id)?.length === 1) ids.set(create.key, row.id);
  }
  return ids;
}

function isOf({ key, place }: Sought, row: Standing): boolean {
  return row.rmmId === null ? placeKey(row.place) === placeKey(place) : row.rmmId === key;
}
