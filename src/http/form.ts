import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
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
  throw new VisitorError(`The request cannot be read: ${issue?.path.join('.')}: ${issue?.message}.`);
}
