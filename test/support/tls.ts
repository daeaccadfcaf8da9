import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Redis } from 'ioredis';
import { freePort } from '../../src/demo/free-port.js';
import type { TestRedis } from './redis.js';
import { OWN_AUTHORITY } from './self-signed.js';

/** Certificate and key of OWN_AUTHORITY as files. */
export interface AuthorityFiles {
  certPath: string;
  keyPath: string;
  remove(): Promise<void>;
}

export async function writeAuthority(): Promise<AuthorityFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'test-tls-'));
  const [certPath, keyPath] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  await writeFile(certPath, OWN_AUTHORITY.cert);
  await writeFile(keyPath, OWN_AUTHORITY.key);
  return { certPath, keyPath, remove: () => rm(directory, { recursive: true }) };
}

/** Opens a port for TLS on a running Redis. @returns the port; `null` where this Redis was built without TLS. */
export async function addTlsPort(redis: TestRedis, files: AuthorityFiles): Promise<number | null> {
  const client = new Redis(redis.url);
  const port = await freePort();
  const settings = {
    'tls-auth-clients': 'no',
    'tls-key-file': files.keyPath,
    'tls-cert-file': files.certPath,
  };
  try {
    await client.config('SET', ...Object.entries({ ...settings, 'tls-port': String(port) }).flat());
    return port;
  } catch {
    return null;
  } finally {
    client.disconnect();
  }
}

/** TLS in front of a server of this machine. */
export async function tlsInFrontOf(url: string): Promise<{ url: string; close(): void }> {
  const server = createServer(OWN_AUTHORITY, (near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const end of [near, far]) end.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `https://localhost:${port}`, close: () => server.close() };
}
