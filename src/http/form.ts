import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { firstOf } from '../inventory/sentence.js';
import { isSameSecret } from './secret.js';

/** A mistake of the visitor, told in a sentence. */
export class VisitorError extends Error {
  constructor(
    message: string,
    readonly statusCode: number = 400,
  ) {
    super(message);
  }
}

/** Forms are the only bodies. A field that comes several times counts once: the last. */
export function readForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
}

/** Refuses a form that was not made for this visitor. To be asked before anything is done. */
export function checkFormKey({ formKey, body }: FastifyRequest): void {
  if (formKey === null) return;
  const given = typeof body === 'object' && body !== null && 'key' in body ? String(body.key) : '';
  if (isSameSecret(given, formKey)) return;
  throw new VisitorError(
    'This form is not of your session, or too old. Go back, load the page anew, and try again.',
    403,
  );
}

/** @throws VisitorError where it is not as wanted. */
export function read<Shape extends z.ZodType>(shape: Shape, given: unknown): z.infer<Shape> {
  const result = shape.safeParse(given ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = issue?.path.join('.');
  const what =
    issue && name ? `"${name}" ${complaintOf(issue)}` : 'something in it is missing or does not fit';
  throw new VisitorError(`The request cannot be read: ${what}. Go back, load the page anew, and try again.`);
}

/** The words of the library are for who writes programs. */
function complaintOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be one of: ${firstOf(issue.values.map(String), 10)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `may have ${issue.maximum} characters at the most`
        : `may be ${issue.maximum} at the most`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be ${issue.minimum} or more`;
    case 'invalid_type':
      return /number|int/.test(issue.expected) ? 'must be a whole number' : 'is missing';
    default:
      return 'does not fit';
  }
}
