import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from './answer.js';
import { type Changes, makeChanges } from './changes.js';
import type { HaloContext } from './halo-context.js';
import { exception, modelState, wholeNumber } from './halo-problem.js';
import type { HaloRow } from './halo-state.js';

/** What every object that is written may hold. */
export const elementShape = z.looseObject({ id: wholeNumber.optional() });

export interface WrittenTable<R extends HaloRow, E extends z.infer<typeof elementShape>> {
  /** Singular, for sentences. */
  noun: string;
  shape: z.ZodType<E>;
  rows: R[];
  /** @throws Refusal */
  create: (element: E, changes: Changes) => R;
  /** Only what was sent changes. @throws Refusal */
  update: (row: R, element: E, changes: Changes) => void;
  render: (row: R) => object;
}

const querySchema = z.looseObject({ returnall: z.string().optional() });

/** Serves POST: an array of objects to add, or, where they have an id, to change. */
export function serveWrites<R extends HaloRow, E extends z.infer<typeof elementShape>>(
  context: HaloContext,
  path: string,
  table: WrittenTable<R, E>,
): void {
  context.frame.app.post(path, (request: FastifyRequest, reply: FastifyReply) => {
    const elements = readElements(table.shape, request.body);
    const written = writeAll(context, table, elements);
    const returnAll = querySchema.parse(request.query).returnall?.toLowerCase() === 'true';
    return reply.code(201).send(answerOf(context, written, returnAll));
  });
}

function readElements<E>(shape: z.ZodType<E>, body: unknown): E[] {
  const parsed = z.array(shape).min(1).safeParse(body);
  if (!parsed.success) throw modelState(parsed.error.issues);
  return parsed.data;
}

function writeAll<R extends HaloRow, E extends z.infer<typeof elementShape>>(
  { quirks }: HaloContext,
  table: WrittenTable<R, E>,
  elements: readonly E[],
): object[] {
  const changes = makeChanges();
  try {
    return elements.map((element) => writeOne(quirks.unknownIdOnUpdate, table, element, changes));
  } catch (error) {
    if (!(error instanceof Refusal) || quirks.batchRefusal === 'whole') changes.rollBack();
    throw error;
  }
}

function writeOne<R extends HaloRow, E extends z.infer<typeof elementShape>>(
  unknownId: HaloContext['quirks']['unknownIdOnUpdate'],
  table: WrittenTable<R, E>,
  element: E,
  changes: Changes,
): object {
  if (!element.id) return table.render(table.create(element, changes));
  const row = table.rows.find(({ id }) => id === element.id);
  if (row) {
    table.update(row, element, changes);
    return table.render(row);
  }
  if (unknownId === 'create') return table.render(table.create(element, changes));
  if (unknownId === 'ignore') return element;
  throw exception(`${table.noun} ${element.id} does not exist`);
}

/** An array of one is answered with one bare object; of many, with the last, unless all are asked for. */
function answerOf({ quirks }: HaloContext, written: object[], returnAll: boolean): object | undefined {
  const wraps = written.length > 1 || quirks.returnAllWrapsOne;
  if (!returnAll || !quirks.honoursReturnAll || !wraps) return written.at(-1);
  return quirks.reversesReturnAll ? written.toReversed() : written;
}
