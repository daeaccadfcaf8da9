import { z } from 'zod';
import { complain, FILL_IN, type Format, quote } from './format.js';

/** What the cells of the tables may hold, for the reference. */
export const cellFormats = z.registry<{ format: Format<unknown> }>();

/** One value of a table, and what it is for. Where it is wrong, what holds it is looked at all the same. */
export function cell<T>(format: Format<T>, doc = '') {
  const isLeft = (value: unknown) => typeof value === 'string' && FILL_IN.test(value);
  const error: z.core.$ZodErrorMap = ({ input }) =>
    isLeft(input) ? 'is still a placeholder: set your own value.' : complain(format, input);
  return z
    .custom<T>((value) => !isLeft(value) && format.accepts(value), { abort: false, error })
    .describe(doc)
    .register(cellFormats, { format });
}

/** A list, in words of ours where it is none. */
export function list<T extends z.ZodType>(item: T) {
  return z.array(item, { error: ({ input }) => `${quote(input)} is not a list.` });
}

/** A mistake of a table, at `path` within what is looked at. */
export function issue(message: string, ...path: (string | number)[]) {
  return { code: 'custom' as const, message, path };
}

/** By default zod looks no further where an item is wrong. All mistakes are to be told at once. */
export function evenIfItemsAreWrong(isWhole: (value: unknown) => boolean) {
  return { when: ({ value }: { value: unknown }) => isWhole(value) };
}

/** A list in which the `identity` of each row is its own. `complaint`: "is the same as", for one. */
export function distinct<T extends z.ZodType>(
  item: T,
  complaint: string,
  identity: (row: z.output<T>) => unknown[],
) {
  return list(item).superRefine((rows, context) => {
    const firsts = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const read = item.safeParse(row);
      if (!read.success) continue;
      const text = JSON.stringify(identity(read.data));
      const first = firsts.get(text);
      if (first === undefined) firsts.set(text, index);
      else context.addIssue(issue(`${complaint} [${first}]: remove one of them.`, index));
    }
  }, evenIfItemsAreWrong(Array.isArray));
}

/** Keys of the user's own choice, such as the names of properties. */
export function record<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value, { error: ({ input }) => `${quote(input)} is not a mapping.` });
}

/** Fixed keys. */
export function row<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'unrecognized_keys'
        ? `is not a known key. Known here: ${keys}.`
        : `${quote(input)} is not a mapping with the keys ${keys}.`,
  });
}
