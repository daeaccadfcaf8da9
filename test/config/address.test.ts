import { describe, expect, it } from 'vitest';
import { chatAddress, isLoopback, redisAddress, webAddress } from '../../src/config/address.js';
import { complain } from '../../src/config/format.js';

describe('A web address', () => {
  it.each([
    'https://acme.halopsa.com',
    'https://acme.halopsa.com:8443/halo/api/',
    'http://localhost:3000',
    'http://127.0.0.1:3000/api',
    'http://[::1]:3000',
    'http://simulator:3000',
  ])('may be %s', (url) => {
    expect(webAddress.accepts(url)).toBe(true);
  });

  it.each([
    ['acme.halopsa.com', /is not a web address/],
    ['ftp://acme.halopsa.com', /is not a web address/],
    ['', /is not a web address/],
    [5, /is not a web address/],
    ['http://acme.halopsa.com', /in the clear: use https/],
    ['http://10.0.0.1', /in the clear: use https/],
    ['http://167772161', /in the clear: use https/],
    ['http://[fe80::1]', /in the clear: use https/],
    ['http://localhost.example.com', /in the clear: use https/],
    ['https://me:hush@acme.halopsa.com', /^the address must not carry/],
    ['https://acme.halopsa.com/?tenant=acme', /^the address must not carry/],
    ['https://acme.halopsa.com/#top', /^the address must not carry/],
  ])('may not be %j', (url, complaint) => {
    expect(webAddress.accepts(url)).toBe(false);
    expect(complain(webAddress, url)).toMatch(complaint);
  });
});

describe('A Redis address', () => {
  it.each([
    'redis://localhost',
    'redis://user:p%40ss@redis:6379/2',
    'rediss://redis.example:6380',
    'redis+sentinel://:pass@a:26379,b:26379/mymaster/0',
    'rediss+sentinel://a,b/mymaster',
  ])('may be %s', (url) => {
    expect(redisAddress.accepts(url)).toBe(true);
  });

  it.each([
    'localhost:6379',
    'http://redis',
    'redis://',
    'redis://a b',
    'redis://u:p@ss@redis',
    'redis://redis?db=1',
    'unix:///run/redis.sock',
    6379,
  ])('may not be %j', (url) => {
    expect(redisAddress.accepts(url)).toBe(false);
    expect(complain(redisAddress, url)).toMatch(/^what is set here is not a Redis address/);
  });
});

describe('The address of a chat', () => {
  it.each([
    'https://hooks.slack.com/services/T0/B0/x',
    'https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=x',
    'http://mattermost:8065/hooks/x',
  ])('may be %s', (url) => {
    expect(chatAddress.accepts(url)).toBe(true);
  });

  it.each([
    ['hooks.slack.com/services/sEcRet', 'what is set here is not a web address such as '],
    ['ftp://chat.example/sEcRet', 'what is set here is not a web address such as '],
    ['https://user:sEcRet@chat.example/', 'the address must not carry a user or a password.'],
    ['http://chat.example/sEcRet', 'what is set here would be told in the clear: use https.'],
    [7, 'what is set here is not a web address such as '],
  ])('may not be %j, which is not repeated', (url, complaint) => {
    expect(chatAddress.accepts(url)).toBe(false);
    expect(complain(chatAddress, url)).toContain(complaint);
    expect(complain(chatAddress, url)).not.toContain('sEcRet');
  });
});

describe('isLoopback', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1'])('is true of %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '128.0.0.1', ''])(
    'is false of %j',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
