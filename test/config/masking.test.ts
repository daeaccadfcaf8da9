import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { maskConfig, secretsOf } from '../../src/config/masking.js';
import { loadWith } from './support.js';

const config = loadWith({ redis: { url: 'redis://redis:6379/2' } });

function withSecrets([halo, rmm, alert, admin]: string[], redisUrl: string): Config {
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

describe('maskConfig', () => {
  it('lets no secret through', () => {
    fc.assert(
      fc.property(fc.array(anySecret, { minLength: 4, maxLength: 4 }), anyRedisUrl, (secrets, redisUrl) => {
        expect(JSON.stringify(maskConfig(withSecrets(secrets, redisUrl)))).not.toContain('sEcRet');
      }),
    );
  });

  it('shows all the rest as it is', () => {
    const masked = maskConfig(config);

    expect(masked).toEqual({
      ...config,
      halo: { ...config.halo, clientSecret: '***' },
      rmm: { ...config.rmm, clientSecret: '***' },
    });
  });

  it.each([
    ['redis://user:pass@redis:6379/2', 'redis://***@redis:6379/2'],
    ['redis+sentinel://:pass@a:1,b:2/main/0', 'redis+sentinel://***@a:1,b:2/main/0'],
    ['rediss://redis:6380', 'rediss://redis:6380'],
  ])('shows of %s what is no secret', (url, shown) => {
    expect(maskConfig({ ...config, redis: { ...config.redis, url } }).redis.url).toBe(shown);
  });
});

describe('secretsOf', () => {
  it('lists each secret, those in the Redis address as written and as meant', () => {
    const full = withSecrets(['a', 'b', 'c', 'd'], 'redis://user:p%40ss@redis:6379');

    expect(new Set(secretsOf(full))).toEqual(new Set(['a', 'b', 'c', 'd', 'p%40ss', 'p@ss']));
  });

  it('lists nothing for secrets that are not set', () => {
    expect(secretsOf(config)).toEqual(['halo-secret', 'rmm-secret']);
  });

  it('copes with a password that is not percent-encoded', () => {
    expect(secretsOf(withSecrets([], 'redis://:100%@redis'))).toContain('100%');
  });
});
