import { z } from 'zod';
import { Refusal } from './answer.js';

/** A serialised .NET exception: what most refusals of Halo look like. */
export function exception(message: string): Refusal {
  const body = { ClassName: 'System.Exception', Message: message, Data: null, InnerException: null };
  return new Refusal({ status: 400, body });
}

/** Some refusals are plain text. */
export function plainText(message: string): Refusal {
  return new Refusal({ status: 400, body: message });
}

/** ASP.NET's model state: a dictionary from where the mistake is, such as `[0].id`, to sentences. */
export function modelState(issues: readonly z.core.$ZodIssue[]): Refusal {
  const body: Record<string, string[]> = {};
  for (const { path, message } of issues) body[whereOf(path)] = [message];
  return new Refusal({ status: 400, body });
}

function whereOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** What Halo says to a row that is not there. */
export function notFound(what: string, id: number): Refusal {
  return new Refusal({ status: 404, body: { message: `${what} ${id} was not found` } });
}

/**
 * A whole number. Halo's own pages send some as text, and that is read; "95.0" is not, even where Halo itself
 * writes the id so.
 */
export const wholeNumber = z.union(
  [
    z.number().int(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ],
  {
    error: ({ input }) => `The value '${String(input)}' is not valid.`,
  },
);
