import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from './answer.js';

const cursorShape = z.object({ cursor: z.coerce.number().int().min(0).default(0) });

/** The offset that a request names. @throws Refusal for one that is not a whole number. */
export function cursorOf(query: unknown): number {
  const parsed = cursorShape.safeParse(query);
  if (!parsed.success) throw new Refusal({ status: 400, body: { message: 'Invalid cursor' } });
  return parsed.data.cursor;
}

/** Names the next page, as an absolute URL, with the rest of the query unchanged. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, cursor: number): void {
  const next = new URL(request.url, `http://${request.host}`);
  next.searchParams.set('cursor', String(cursor));
  reply.header('Link', `<${next.href}>; rel="next"`);
}
