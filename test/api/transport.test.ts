import { once } from 'node:events';
import { createServer as createProxy, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { connect, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTransport } from '../../src/api/transport.js';
import { hangUp, reply, startScriptedServer } from '../support/scripted-server.js';
import { SELF_SIGNED } from '../support/self-signed.js';

afterEach(() => vi.unstubAllEnvs());

it('goes through the proxy that the environment names', async () => {
  const proxy = await startScriptedServer([reply(200, '[]')]);
  vi.stubEnv('HTTP_PROXY', proxy.url);
  vi.stubEnv('NO_PROXY', '');
  const transport = createTransport({ baseUrl: 'http://halo.invalid/api', timeoutMs: 5_000 });
  const outcome = await transport.send({ method: 'GET', path: '/Asset', headers: {} });
  transport.close();
  await proxy.close();
  expect(outcome).toMatchObject({ kind: 'reply', status: 200, text: '[]' });
  expect(proxy.received[0]).toMatchObject({ path: 'http://halo.invalid/api/Asset' });
});

it('takes a refused connection for a request that was never sent, at each address of the host', async () => {
  const server = await startScriptedServer([reply(200)]);
  await server.close();
  for (const host of ['127.0.0.1', 'localhost']) {
    const transport = createTransport({ baseUrl: server.url.replace('127.0.0.1', host), timeoutMs: 5_000 });
    const outcome = await transport.send({ method: 'GET', path: '/Asset', headers: {} });
    transport.close();
    expect(outcome).toEqual({ kind: 'failure', why: 'unreachable', code: 'ECONNREFUSED' });
  }
});

describe('a certificate that does not hold', () => {
  it.each([
    ['', false],
    ['switched off by NODE_TLS_REJECT_UNAUTHORIZED=0, as it seems', false],
    ['switched off so, and through a proxy', true],
  ])('ends the request before it is sent %s', async (how, hasProxy) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', how === '' ? undefined : '0');
    const seen: string[] = [];
    const server = createServer(SELF_SIGNED, (_, response) => response.end('[]'));
    server.on('request', ({ url }) => seen.push(String(url)));
    const port = await listening(server);
    const proxy = tunnelTo(port, seen);
    vi.stubEnv('HTTPS_PROXY', hasProxy ? `http://user:hush@127.0.0.1:${await listening(proxy)}` : undefined);
    vi.stubEnv('NO_PROXY', '');
    const transport = createTransport({ baseUrl: `https://127.0.0.1:${port}`, timeoutMs: 5_000 });
    const outcome = await transport.send({ method: 'POST', path: '/Asset', headers: {} });
    transport.close();
    server.close();
    proxy.close();
    expect(outcome).toEqual({ kind: 'failure', why: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(seen).toEqual(hasProxy ? [`CONNECT 127.0.0.1:${port}`] : []);
  });
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A proxy that leads each tunnel to `port` of this machine. */
function tunnelTo(port: number, seen: string[]): Server {
  return createProxy().on('connect', ({ url }: IncomingMessage, near: Duplex) => {
    seen.push(`CONNECT ${url}`);
    const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const end of [near, far]) end.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
}

it('does not say so of a connection that broke while it was used', async () => {
  const server = await startScriptedServer([hangUp]);
  const transport = createTransport({ baseUrl: server.url, timeoutMs: 5_000 });
  const outcome = await transport.send({ method: 'POST', path: '/Asset', headers: {}, body: '[]' });
  transport.close();
  await server.close();
  expect(outcome).toEqual({ kind: 'failure', why: 'broken', code: 'ECONNRESET' });
});

it('takes a name that does not exist for a request that was never sent', async () => {
  const transport = createTransport({ baseUrl: 'http://halo.invalid', timeoutMs: 5_000 });
  const outcome = await transport.send({ method: 'GET', path: '/Asset', headers: {} });
  transport.close();
  expect(outcome).toMatchObject({ kind: 'failure', why: 'unreachable' });
});
