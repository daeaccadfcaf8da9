import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A request as the server got it. */
export interface Received {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  text: string;
  /** The body read as JSON; `undefined` where it is none. */
  json: unknown;
}

export type Answer = (received: Received, response: ServerResponse) => void;

export interface ScriptedServer {
  url: string;
  received: Received[];
  close(): Promise<void>;
}

/**
 * A server that gives the answers of `script` one after another, the last one again and again: for raw faults, and
 * for answers that must come in one certain order.
 */
export async function startScriptedServer(script: Answer[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const arrived = await receive(request);
    received.push(arrived);
    const answer = script[Math.min(received.length, script.length) - 1];
    answer?.(arrived, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The scripted server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with text as it is, and with anything else as JSON. */
export function reply(status: number, body: unknown = '', headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** Breaks the connection off, without a word. */
export const hangUp: Answer = (_, response) => {
  response.socket?.destroy();
};

/** Never answers. */
export const saysNothing: Answer = () => undefined;

/** Sends the headers and half a body, then nothing more. */
export const stalls: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('[{"id":');
};

/** Sends the headers and half a body, then breaks the connection off. */
export const breaksOff: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('[{"id":', () => response.socket?.destroy());
};

async function receive(request: IncomingMessage): Promise<Received> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const query = Object.fromEntries(url.searchParams);
  const { method = '', headers } = request;
  return { method, path: request.url?.split('?')[0] ?? '', query, headers, text, json: readJson(text) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
