import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.js';
import { loadWith, mistakesOf, SECRETS, written } from './support.js';

describe('readEnvironment', () => {
  it('reads each variable of the schema, and nothing else', () => {
    const names = [
      'HALO_CLIENT_ID',
      'HALO_CLIENT_SECRET',
      'RMM_CLIENT_ID',
      'RMM_CLIENT_SECRET',
      'REDIS_URL',
      'ALERT_TOKEN',
      'ADMIN_TOKEN',
    ];
    const variables = Object.fromEntries(names.map((name) => [name, name.toLowerCase()]));

    expect(readEnvironment({ ...variables, PATH: '/bin', HALO_URL: 'x' })).toEqual({
      variables,
      mistakes: [],
    });
  });

  it('counts an empty variable as not set', () => {
    expect(readEnvironment({ HALO_CLIENT_ID: '', ALERT_TOKEN_FILE: '' })).toEqual({
      variables: {},
      mistakes: [],
    });
  });

  it.each(['HALO_CLIENT_SECRET', 'RMM_CLIENT_SECRET', 'REDIS_URL', 'ALERT_TOKEN', 'ADMIN_TOKEN'])(
    'reads %s from a file, without the line ends behind it',
    (name) => {
      const path = written('secret', ' s3 cret \r\n\n');

      expect(readEnvironment({ [`${name}_FILE`]: path })).toEqual({
        variables: { [name]: ' s3 cret ' },
        mistakes: [],
      });
    },
  );

  it('takes no file for what is no secret', () => {
    expect(readEnvironment({ HALO_CLIENT_ID_FILE: written('id', 'x') }).variables).toEqual({});
  });

  it('does not choose between a variable and its file', () => {
    const env = { ...SECRETS, HALO_CLIENT_SECRET_FILE: written('secret', 'x') };

    expect(mistakesOf(() => loadWith({}, { env }))).toEqual([
      'HALO_CLIENT_SECRET and HALO_CLIENT_SECRET_FILE are both set: remove one of them.',
    ]);
  });

  it.each(['HALO_CLIENT_SECRET', 'REDIS_URL'])(
    'names variable and path where the file of %s cannot be read',
    (name) => {
      const env: NodeJS.ProcessEnv = { ...SECRETS, [name]: '', [`${name}_FILE`]: '/nowhere/secret' };

      expect(mistakesOf(() => loadWith({}, { env }))).toEqual([
        expect.stringMatching(
          new RegExp(`^${name}_FILE names /nowhere/secret, which cannot be read: ENOENT`),
        ),
      ]);
    },
  );

  it('does not take an empty file for a secret', () => {
    const path = written('empty', '\n');

    expect(readEnvironment({ ADMIN_TOKEN_FILE: path }).mistakes).toEqual([
      `ADMIN_TOKEN_FILE names ${path}, which is empty.`,
    ]);
  });
});
