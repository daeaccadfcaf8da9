import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';
import { runCommand, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { startRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let world: Integrator;
beforeEach(async () => {
  world = await startIntegrator();
});
afterEach(() => world.close());

describe('a command', () => {
  it('says in one sentence that Redis refuses, and exits 1', async () => {
    const REDIS_URL = `redis://:hidden@127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await runCommand(['status', '--config', world.configPath], {
      REDIS_URL,
    });
    expect(stderr).toMatch(
      /^Redis at redis:\/\/127\.0\.0\.1:\d+ was not reached within 10 s: connect ECONNREFUSED.*\n$/,
    );
    expect(stderr).not.toContain('hidden');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('says that Redis went away meanwhile, in a sentence', async () => {
    const redis = await startRedis({ own: true });
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/site$/i.test(path),
      action: { do: 'delay', ms: 500 },
    });
    const command = startCommand(['run', 'sites', '--config', world.configPath], { REDIS_URL: redis.url });
    await waitFor(() => world.posts().length > 0, { timeoutMs: 15_000 });
    await redis.stop();
    const { code, stdout, stderr } = await command.end();
    expect(stderr).toMatch(
      /^Redis went away meanwhile \(redis:\/\/.*\)\. A run that was under way goes on once it is back\.$/m,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('that Ctrl+C stops exits 1, with a sentence', async () => {
    world.halo.faults.add({ match: () => true, action: { do: 'hang' } });
    const command = startCommand(['plan', 'sites', '--config', world.configPath]);
    await waitFor(() => world.halo.requests.length > 0, { timeoutMs: 15_000 });
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.end();
    expect(stderr).toMatch(/^.*[Ss]topped.*\.\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('that is told twice to stop ends at once, and says what becomes of a run', async () => {
    world.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && /\/site$/i.test(path),
      action: { do: 'hang' },
    });
    const command = startCommand(['run', 'sites', '--config', world.configPath]);
    await waitFor(() => world.posts().length > 0, { timeoutMs: 15_000 });
    // Those that follow within 100 ms count as one.
    await waitFor(() => !command.child.kill('SIGINT') || command.child.exitCode !== null);
    const { code, stdout, stderr } = await command.end();
    expect(stderr).toBe(
      'SIGINT came twice, so stopping was cut short: a run that was under way goes on when a daemon is up, ' +
        'or with the next "run" or "import".\n',
    );
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});
