import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../src/config/config.js';
import { createLogger } from '../src/log.js';

type Format = Config['log']['format'];

/** What a logger with these secrets writes, while `use` uses it. */
function written(
  format: Format,
  secrets: string[],
  use: (log: ReturnType<typeof createLogger>) => void,
  level: Config['log']['level'] = 'trace',
): string {
  const destination = new PassThrough();
  use(createLogger({ level, format }, secrets, destination));
  return String(destination.read() ?? '');
}

const asForm = (secret: string) => new URLSearchParams({ secret }).toString();
const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());

/** The ways in which a server, or an error, may repeat what it was sent. */
const SPELLINGS: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['as JSON', (secret) => JSON.stringify({ secret })],
  ['as JSON quoted in JSON', (secret) => JSON.stringify({ body: JSON.stringify({ secret }) })],
  ['in a URL', (secret) => `https://halo.example/?secret=${encodeURIComponent(secret)}`],
  ['in a URL with small letters', (secret) => lowerHex(encodeURIComponent(secret))],
  ['in a form', asForm],
  ['as a form quoted in JSON', (secret) => JSON.stringify({ body: asForm(secret) })],
];

/** Without the mask's own sign; long enough not to occur in a line by chance. */
const secretArbitrary = fc
  .oneof(fc.string({ minLength: 8, maxLength: 40 }), fc.string({ unit: 'grapheme', minLength: 8 }))
  .filter((secret) => !secret.includes('*'));

describe.each<Format>(['json', 'pretty'])('a log in %s', (format) => {
  it.each(SPELLINGS)('never shows a secret that is repeated %s', (_how, spell) => {
    fc.assert(
      fc.property(secretArbitrary, fc.string({ maxLength: 20 }), (secret, around) => {
        const spelling = spell(secret);
        const text = `${around}${spelling}${around}`;
        const output = written(format, [secret], (log) => {
          log.info(text);
          log.warn({ err: new Error(text) }, 'It failed.');
          log.debug({ deep: { list: [text] }, [text]: 1 }, '%s', text);
        });
        expect(output).toContain('***');
        for (const shown of [secret, spelling, JSON.stringify(spelling).slice(1, -1)]) {
          expect(output).not.toContain(shown);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('shows nothing of a secret that begins with another', () => {
    const output = written(format, ['hunter2', 'hunter2-and-more'], (log) => log.info('hunter2-and-more'));
    expect(output).toContain('***');
    expect(output).not.toContain('more');
  });

  it('leaves a line without a secret as it is, and knows no empty secret', () => {
    const output = written(format, [''], (log) => log.info({ run: 'assets-1' }, 'Run assets-1 started.'));
    expect(output).toContain('Run assets-1 started.');
    expect(output).not.toContain('***');
  });

  it('lets no name steer a terminal or forge a line of the log', () => {
    const hostile = 'PC\r\n[2026-11-24 12:00:00] ERROR: forged \u001b[31mred \u009b2Jx\u202egpj';
    const output = written(format, [], (log) => log.info({ name: hostile, list: [hostile] }, hostile));
    expect(output.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
    expect(output).not.toMatch(/^\[2026-11-24 12:00:00\]/m);
    if (format === 'pretty') expect(output).toMatch(/PC \[2026-11-24 12:00:00\] ERROR: forged red xgpj$/m);
    else expect(JSON.parse(output)).toMatchObject({ msg: hostile, name: hostile });
  });

  it('writes nothing below its level', () => {
    expect(written(format, [], (log) => log.info('quiet'), 'warn')).toBe('');
  });

  it('keeps the secrets out of what a child logger is bound to', () => {
    const output = written(format, ['hunter2'], (log) => log.child({ who: 'hunter2' }).info('Hello.'));
    expect(output).toContain('***');
    expect(output).not.toContain('hunter2');
  });
});

it('writes a JSON document per line, without process id and host', () => {
  const lines = written('json', ['hunter2'], (log) => {
    log.info({ run: 'assets-1' }, 'The first.');
    log.error('hunter2');
  });
  const [first, second] = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(Object.keys(first).sort()).toEqual(['level', 'msg', 'run', 'time']);
  expect(second).toMatchObject({ level: 50, msg: '***' });
});
