import type { FastifyRequest } from 'fastify';

/** A request as the simulator saw it, in the order of arrival. */
export interface RecordedRequest {
  method: string;
  /** As it was sent, without the query. */
  path: string;
  query: Record<string, unknown>;
  /** The parsed body; `null` for a sign-in, whose body holds a secret. */
  body: unknown;
  /** Names in lower case, without the token. */
  headers: Record<string, string>;
  /** `null` until it is answered, and for good where it never was. */
  status: number | null;
  /** When it arrived, in milliseconds on the clock of `performance.now()`. */
  at: number;
}

/** The record of a request whose body has not been read yet. */
export function recordOf(request: FastifyRequest): RecordedRequest {
  return {
    method: request.method,
    path: request.url.split('?')[0] ?? '',
    query: Object.fromEntries(Object.entries(request.query ?? {})),
    body: null,
    headers: plainHeaders(request.headers),
    status: null,
    at: performance.now(),
  };
}

function plainHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== 'authorization' && name !== 'cookie');
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
