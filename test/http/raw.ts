import { once } from 'node:events';
import { connect } from 'node:net';
import type { RawRequest } from './arbitrary-request.js';

/** `status` 0: the connection was closed without an answer. */
export interface RawAnswer {
  status: number;
  text: string;
}

const ANSWER = /^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n)*HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n/;

/** Sends a request byte by byte as it is made. @throws Error where there is no answer, and no end, in time. */
export async function sendBytes(port: number, request: RawRequest, withinMs: number): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => undefined); // It may be answered, and closed, before all is sent.
  socket.write(Buffer.concat([Buffer.from(request.head, 'latin1'), request.body]));
  if (request.isUnfinished) socket.end();
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
    if (isWhole(text)) socket.destroy();
  });
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(withinMs) });
  } catch {
    throw new Error(`No answer within ${withinMs} ms, but: ${text}`);
  } finally {
    socket.destroy();
  }
  return { status: Number(ANSWER.exec(text)?.[1] ?? 0), text: text.replace(ANSWER, '') };
}

function isWhole(text: string): boolean {
  const head = ANSWER.exec(text)?.[0];
  const length = /content-length: (\d+)/i.exec(head ?? '')?.[1];
  return head !== undefined && length !== undefined && text.length >= head.length + Number(length);
}
