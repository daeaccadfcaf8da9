import type { FastifyReply } from 'fastify';

/** An answer to send as it stands: text as text/plain, an object as JSON. */
export interface Answer {
  status: number;
  body?: string | object;
  headers?: Record<string, string>;
}

/** Thrown by the work behind a route, to answer so. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly answer: Answer) {
    super(`answered ${answer.status}`);
  }
}

/** The body of an answer as it goes over the wire, and its headers. */
export function rendered({ body = '', headers }: Answer): { text: string; headers: Record<string, string> } {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  return { text: isText ? body : JSON.stringify(body), headers: { 'content-type': type, ...headers } };
}

/** Sends an answer. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  const { text, headers } = rendered(answer);
  return reply.code(answer.status).headers(headers).send(text);
}
