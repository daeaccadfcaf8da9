import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.js';
import { runCommand } from '../support/command.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function fileWith(content: string): Promise<string> {
  const path = join(directory, 'integrator.yaml');
  await writeFile(path, content);
  return path;
}

const GOOD = `
halo: { url: https://acme.halopsa.com, clientId: halo-id, clientSecret: HALO-SECRET }
rmm: { clientId: rmm-id, clientSecret: RMM-SECRET }
redis: { url: "redis://user:REDIS-SECRET@redis:6379" }
assets: { defaultType: Workstation }
admin: { token: ADMIN-SECRET }
schedules: { sites: 15m, assets: "0 6 * * *", verify: false }
`;

const FIVE_MISTAKES = `
halo: { url: ftp://acme, clientId: halo-id, clientSecret: HALO-SECRET, timout: 3s }
rmm: { clientId: rmm-id }
schedules: { sites: now and then }
assets: { defaultType: Workstation, tag: "((" }
`;

describe('config validate', () => {
  it('finds nothing wrong with a good file', async () => {
    const { code, stdout, stderr } = await runCommand(['config', 'validate', '-c', await fileWith(GOOD)]);
    expect(stdout).toMatch(/^The config is valid\./);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('tells five mistakes in five sentences and exits 2', async () => {
    const { code, stdout, stderr } = await runCommand([
      'config',
      'validate',
      '-c',
      await fileWith(FIVE_MISTAKES),
    ]);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(5);
    for (const key of ['halo.timout', 'halo.url', 'rmm.clientSecret', 'schedules.sites', 'assets.tag']) {
      expect(
        lines.filter((line) => line.startsWith(`- ${key}`)),
        key,
      ).toHaveLength(1);
    }
    for (const line of lines) expect(line).toMatch(/[.?]$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each(['start', 'import sites --yes'])('is what "%s" does first', async (command) => {
    const { code, stderr } = await runCommand([...command.split(' '), '-c', await fileWith(FIVE_MISTAKES)]);
    expect(stderr.trim().split('\n')).toHaveLength(5);
    expect(code).toBe(2);
  });
});

describe('config show', () => {
  it('prints the merged config as YAML, with secrets masked', async () => {
    const env = { HALO_CLIENT_ID: 'from-environment', HALO_CLIENT_SECRET: 'ENVIRONMENT-SECRET' };
    const { code, stdout } = await runCommand(['config', 'show', '-c', await fileWith(GOOD)], env);
    expect(parse(stdout)).toMatchObject({
      halo: { clientId: 'from-environment', clientSecret: '***', batchSize: 50 },
      rmm: { clientSecret: '***' },
      redis: { url: 'redis://***@redis:6379' },
      admin: { token: '***' },
    });
    expect(stdout).not.toMatch(/SECRET/);
    expect(code).toBe(0);
  });

  it.each(['yaml', 'json'])('prints a file (%s) that loads to what it shows', async (extension) => {
    const secrets = {
      HALO_CLIENT_SECRET: 'HALO-SECRET',
      RMM_CLIENT_SECRET: 'RMM-SECRET',
      REDIS_URL: 'redis://user:REDIS-SECRET@redis:6379',
      ADMIN_TOKEN: 'ADMIN-SECRET',
    };
    const flags = extension === 'json' ? ['--json'] : [];
    const first = await runCommand(['config', 'show', '-c', await fileWith(GOOD), ...flags]);
    const path = join(directory, `shown.${extension}`);
    await writeFile(path, first.stdout);
    const second = await runCommand(['config', 'show', '-c', path, ...flags], secrets);
    expect(second).toEqual({ code: 0, stderr: '', stdout: first.stdout });
    expect(loadConfig({ path, env: secrets })).toEqual(loadConfig({ path: await fileWith(GOOD), env: {} }));
  });

  it('spells values as a config file does, each on one line', async () => {
    const { stdout } = await runCommand(['config', 'show', '-c', await fileWith(GOOD)]);
    for (const line of [
      '  timeout: 60s',
      '    window: 5m',
      '  sites: 15m',
      '  assets: 0 6 * * *',
      '  verify: off',
      '  poll: off',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).toMatch(/^ {2}scope: platform\.companies\.read .* platform\.tickets\.read$/m);
    expect(stdout).not.toMatch(/Ms:|kind:|null/);
  });

  it('prints the same as one JSON document', async () => {
    const path = await fileWith(GOOD);
    const [yaml, json] = await Promise.all([
      runCommand(['config', 'show', '-c', path]),
      runCommand(['config', 'show', '-c', path, '--json']),
    ]);
    expect(JSON.parse(json.stdout)).toEqual(parse(yaml.stdout));
  });
});
