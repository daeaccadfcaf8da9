import { z } from 'zod';
import { describeMismatch } from '../api/problem.js';

/** A row that could not be read; the others around it could. */
export interface ItemProblem {
  /** The item's id, or its place: "row 3". */
  item: string;
  name?: string;
  /** The company in whose listing it stands, where that is known. */
  companyId?: string;
  /** A sentence for a technician. */
  message: string;
}

/** An id in the one spelling that ids are compared in. */
export const idShape = z
  .union([z.string().trim().min(1, 'expected an id'), z.int()], 'expected an id')
  .transform((id) => String(id).toLowerCase());

/** A text that may be missing, null or of some other type: then it is ''. */
export const looseText = z.string().trim().catch('');

const hintShape = z.looseObject({
  id: idShape.optional().catch(undefined),
  name: looseText,
  friendlyName: looseText,
});

/**
 * Reads each row by itself, so that a bad one fails alone.
 * @param what the rows are, for the sentence: "company".
 */
export function readRows<T>(
  what: string,
  rows: unknown[],
  shape: z.ZodType<T>,
): { items: T[]; problems: ItemProblem[] } {
  const items: T[] = [];
  const problems: ItemProblem[] = [];
  for (const [index, row] of rows.entries()) {
    const parsed = shape.safeParse(row);
    if (parsed.success) items.push(parsed.data);
    else problems.push(describeRow(what, index, row, describeMismatch(parsed.error.issues)));
  }
  return { items, problems };
}

function describeRow(what: string, index: number, row: unknown, mismatch: string): ItemProblem {
  const hints = hintShape.safeParse(row).data;
  const item = hints?.id ?? `row ${index + 1}`;
  const name = hints?.name || hints?.friendlyName;
  const message = `The ${what} ${name || item} could not be read from ConnectWise RMM (${mismatch}).`;
  return { item, ...(name && { name }), message };
}
