import { z } from 'zod';
import type { HaloContext } from './halo-context.js';
import { modelState, notFound, wholeNumber } from './halo-problem.js';

const idShape = z.object({ id: wholeNumber });

/** The id in a path. @throws Refusal for one that is not a whole number. */
export function idOf(params: unknown): number {
  const parsed = idShape.safeParse(params);
  if (!parsed.success) throw modelState(parsed.error.issues);
  return parsed.data.id;
}

/** Serves GET of one row: a bare object, inactive or not. */
export function serveDetail<R extends { id: number }>(
  { frame }: HaloContext,
  noun: string,
  rows: readonly R[],
  render: (row: R) => object,
): void {
  frame.app.get(`/api/${noun}/:id`, (request) => {
    const wanted = idOf(request.params);
    const row = rows.find(({ id }) => id === wanted);
    if (!row) throw notFound(noun, wanted);
    return render(row);
  });
}
