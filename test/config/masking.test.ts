import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { maskSettings, secretsOf } from '../../src/config/masking.js';
import { settingKeys } from '../../src/config/schema.js';
import { mergeSettings } from '../../src/config/settings.js';
import { loadWith, SECRETS, SMALLEST } from './support.js';

const load = () => loadWith({ redis: { url: 'redis://redis:6379/2' } });

function withSecrets(config: Config, [halo, rmm, alert, admin]: string[], redisUrl: string): Config {
  return {
    ...config,
    halo: { ...config.halo, clientSecret: halo ?? '' },
    rmm: { ...config.rmm, clientSecret: rmm ?? '' },
    redis: { ...config.redis, url: redisUrl },
    alerts: { ...config.alerts, token: alert ?? '' },
    admin: { ...config.admin, token: admin ?? '' },
  };
}

/** Begins with what stands nowhere else in the config, so that finding it means that it leaked. */
const anySecret = fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((rest) => `sEcRet${rest}`);

const anyRedisUrl = fc.oneof(
  anySecret.map((secret) => `redis://${secret.replaceAll(/\s/g, '_')}@redis:6379`),
  anySecret.map((secret) => `rediss://user:${encodeURIComponent(secret)}@redis:6379/1`),
  anySecret.map((secret) => `redis+sentinel://:${encodeURIComponent(secret)}@a:1,b:2/main`),
);

/** Keys whose secret is a part of an address. */
const SPELLED: Record<string, string> = {
  'redis.url': 'redis://:sEcRet@h',
  'notify.webhook': 'https://chat.example/sEcRet',
};

const settings = mergeSettings({ file: SMALLEST, environment: SECRETS, flags: {} }).settings;

describe('maskSettings', () => {
  it('lets no secret through', () => {
    const anyRedis = fc.option(anyRedisUrl);
    fc.assert(
      fc.property(anySecret, anySecret, anySecret, anySecret, anyRedis, (halo, rmm, alert, admin, url) => {
        const masked = maskSettings({
          ...settings,
          halo: { ...settings.halo, clientSecret: halo },
          rmm: { ...settings.rmm, clientSecret: rmm },
          redis: { ...settings.redis, url },
          alerts: { ...settings.alerts, token: alert },
          admin: { ...settings.admin, token: admin },
        });

        expect(JSON.stringify(masked)).not.toContain('sEcRet');
      }),
    );
  });

  it('shows all the rest as it is', () => {
    expect(maskSettings(settings)).toEqual({
      ...settings,
      halo: { ...settings.halo, clientSecret: '***' },
      rmm: { ...settings.rmm, clientSecret: '***' },
    });
  });

  it.each([
    ['redis://user:pass@redis:6379/2', 'redis://***@redis:6379/2'],
    ['redis+sentinel://:pass@a:1,b:2/main/0', 'redis+sentinel://***@a:1,b:2/main/0'],
    ['rediss://redis:6380', 'rediss://redis:6380'],
  ])('shows of %s what is no secret', (url, shown) => {
    expect(maskSettings({ ...settings, redis: { ...settings.redis, url } }).redis.url).toBe(shown);
  });

  it('masks each key that the schema calls a secret', () => {
    const secrets = [...settingKeys].filter(([, { sensitive }]) => sensitive).map(([path]) => path);
    const values = secrets.map((path) => [path, SPELLED[path] ?? 'sEcRet']);
    const flags = Object.fromEntries(values);
    const full = mergeSettings({ file: SMALLEST, environment: SECRETS, flags }).settings;

    expect(secrets.length).toBeGreaterThan(4);
    expect(JSON.stringify(full)).toContain('sEcRet');
    expect(JSON.stringify(maskSettings(full))).not.toContain('sEcRet');
  });
});

describe('secretsOf', () => {
  it('lists each secret, those in the Redis address as written and as meant', () => {
    const full = withSecrets(load(), ['a', 'b', 'c', 'd'], 'redis://user:p%40ss@redis:6379');

    expect(new Set(secretsOf(full))).toEqual(new Set(['a', 'b', 'c', 'd', 'p%40ss', 'p@ss']));
  });

  it('lists nothing for secrets that are not set', () => {
    expect(secretsOf(load())).toEqual(['halo-secret', 'rmm-secret']);
  });

  it('copes with a password that is not percent-encoded', () => {
    expect(secretsOf(withSecrets(load(), [], 'redis://:100%@redis'))).toContain('100%');
  });
});
