import { z } from 'zod';
import { describeMismatch } from '../api/problem.js';
import type { ItemError } from '../inventory/tally.js';

/** What a listing brought: the rows that could be read, and a sentence about each of the others. */
export interface Listing<Row> {
  rows: Row[];
  problems: ItemError[];
}

/**
 * A whole number, such as an id. Halo sends one id as 95, 95.0, "95" or "95.0", depending on the place: clients
 * of real tenants had to convert them.
 */
export const haloId = z
  .union([z.int(), z.string().regex(/^\s*-?\d+(\.0*)?\s*$/)], 'expected a whole number')
  .transform(Number)
  .pipe(z.int());

/** A text that may be missing or null: then it is ''. */
export const looseText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** A yes or no that may be missing or null: then it is no. */
export const looseFlag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? false);

const hintShape = z.looseObject({
  id: haloId.optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  inventory_number: z.string().optional().catch(undefined),
});

/**
 * Reads each row by itself, so that a bad one fails alone.
 * @param what a row is, for the sentence: "site".
 * @param before so many rows came on earlier pages.
 */
export function readRows<Row>(
  what: string,
  rows: readonly unknown[],
  shape: z.ZodType<Row>,
  before = 0,
): Listing<Row> {
  const listing: Listing<Row> = { rows: [], problems: [] };
  for (const [index, row] of rows.entries()) {
    const parsed = shape.safeParse(row);
    if (parsed.success) listing.rows.push(parsed.data);
    else {
      const mismatch = describeMismatch(parsed.error.issues);
      listing.problems.push(describeRow(what, before + index + 1, row, mismatch));
    }
  }
  return listing;
}

function describeRow(what: string, number: number, row: unknown, mismatch: string): ItemError {
  const { id, name, inventory_number } = hintShape.safeParse(row).data ?? {};
  const item = id === undefined ? `row ${number}` : String(id);
  const title = [item, name || inventory_number].filter(Boolean).join(', ');
  return { item, message: `The ${what} ${title} could not be read from Halo (${mismatch}).` };
}
