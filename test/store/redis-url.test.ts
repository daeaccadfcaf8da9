import { expect, it } from 'vitest';
import { parseRedisUrl } from '../../src/store/redis-url.js';

it.each([
  ['redis://cache', { host: 'cache', port: 6379, db: 0 }],
  ['redis://cache:6380/3', { host: 'cache', port: 6380, db: 3 }],
  ['redis://:secret@10.0.0.1/', { host: '10.0.0.1', port: 6379, db: 0, password: 'secret' }],
  [
    'redis://ann:p%40ss%3Aword@cache',
    { host: 'cache', port: 6379, db: 0, username: 'ann', password: 'p@ss:word' },
  ],
  ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
  [
    'rediss://cache',
    { host: 'cache', port: 6379, db: 0, tls: { rejectUnauthorized: true, servername: 'cache' } },
  ],
  ['rediss://10.0.0.1', { host: '10.0.0.1', port: 6379, db: 0, tls: { rejectUnauthorized: true } }],
])('reads %s', (url, options) => {
  expect(parseRedisUrl(url).options).toEqual(options);
});

it('reads a Sentinel URL: the addresses, the name of the master, the sign-in and the database', () => {
  expect(parseRedisUrl('redis+sentinel://ann:secret@one:26380,two/mymaster/2')).toEqual({
    options: {
      sentinels: [
        { host: 'one', port: 26380 },
        { host: 'two', port: 26379 },
      ],
      name: 'mymaster',
      db: 2,
      username: 'ann',
      password: 'secret',
    },
    describe: 'redis+sentinel://one:26380,two/mymaster/2',
  });
});

it('uses TLS for the sentinels and for Redis where the URL says rediss+sentinel', () => {
  const { options } = parseRedisUrl('rediss+sentinel://one,two/mymaster');
  expect(options).toMatchObject({
    tls: { rejectUnauthorized: true },
    sentinelTLS: { rejectUnauthorized: true },
    enableTLSForSentinelMode: true,
  });
});

it.each([
  'redis://ann:secret@cache:6380/1',
  'redis+sentinel://ann:secret@one,two/m',
  'rediss://:secret@cache',
])('describes %s without user and password', (url) => {
  expect(parseRedisUrl(url).describe).not.toMatch(/ann|secret/);
});

it.each([
  ['http://ann:secret@cache', /It has the form/],
  ['ann:secret@cache', /It has the form/],
  ['redis://ann:secret@', /It has the form/],
  ['redis://ann:secret@cache:99999', /"cache:99999" is no host and port/],
  ['redis://ann:secret@cache/first', /"first" is no database number/],
  ['redis://ann:secret%@cache', /percent-encoded/],
  ['redis+sentinel://ann:secret@one,two', /names no master/],
])('refuses %s with a sentence that keeps the password to itself', (url, sentence) => {
  expect(() => parseRedisUrl(url)).toThrow(sentence);
  expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
});
