import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';
import { openRedis } from '../../src/store/redis.js';
import { recordLog } from '../support/log.js';
import { startRedis } from '../support/redis.js';

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function startSentinel(masterPort: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'test-sentinel-'));
  const port = await freePort();
  const lines = [`port ${port}`, 'bind 127.0.0.1', `sentinel monitor main 127.0.0.1 ${masterPort} 1`];
  await writeFile(join(dir, 'sentinel.conf'), lines.join('\n'));
  const child = spawn('redis-server', [join(dir, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
  toClose.push(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await rm(dir, { recursive: true });
  });
  return port;
}

it('finds Redis through a sentinel, passing over one that is away', async () => {
  const redis = await startRedis({ own: true });
  toClose.push(redis.stop);
  const sentinelPort = await startSentinel(redis.port);
  const url = `redis+sentinel://127.0.0.1:${await freePort()},127.0.0.1:${sentinelPort}/main`;
  const handle = await openRedis({ url, prefix: 'test', dataDir: '/nowhere' }, recordLog().log);
  toClose.push(handle.close);
  expect(await handle.client.info('server')).toContain(`tcp_port:${redis.port}`);
});

it('says so where no sentinel is reached', async () => {
  const url = `redis+sentinel://ann:secret@127.0.0.1:${await freePort()}/main`;
  const opening = openRedis({ url, prefix: 'test', dataDir: '/nowhere' }, recordLog().log, {
    timeoutMs: 300,
  });
  await expect(opening).rejects.toThrow(
    /Redis at redis\+sentinel:\/\/127.0.0.1:\d+\/main was not reached.*sentinel/i,
  );
});
