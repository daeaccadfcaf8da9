import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, visibleJson, withoutSequences } from '../../src/inventory/plain.js';

const UNSEEN =
  /\p{Cc}|[\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

const SEQUENCES = [
  '\u001b[31m',
  '\u009b1;31m',
  '\u001b[?25l',
  '\u001b[2 q',
  '\u001b]0;A title, with blanks\u0007',
  '\u001b]8;;https://evil.example/\u001b\\',
  '\u009d52;c;cm0gLXJm\u009c',
  '\u001bP1$r0m\u001b\\',
  '\u0090q#1!\u009c',
  '\u001b_apc\u001b\\',
  '\u001b^pm\u009c',
  '\u001bXsos\u001b\\',
  '\u001b(B',
  '\u001b#8',
  '\u001bc',
  '\u001b7',
];
const MARKS = [
  '\u202e',
  '\u202a',
  '\u2066',
  '\u2069',
  '\u200b',
  '\u200f',
  '\ufeff',
  '\u2060',
  '\u{e0041}',
  '\u3164',
];

/** Whatever comes, with what could steer a terminal in between. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...SEQUENCES, ...MARKS, '\u001b', '\u009b', '\u001b]', '\r\n', '\0', '\u2028'),
    ),
  )
  .map((parts) => parts.join(''));

/** What a person may well have typed. */
const harmless = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((text) => !UNSEEN.test(text) && !/\p{Default_Ignorable_Code_Point}/u.test(text));

describe('text that is shown', () => {
  it.each(SEQUENCES)('has nothing left of a sequence: %j', (sequence) => {
    expect(plain(`PC-${sequence}01`)).toBe('PC-01');
    expect(withoutSequences(`PC-\n${sequence}01`)).toBe('PC-\n01');
  });

  it.each(MARKS)('has no mark that hides or turns text: %j', (mark) => {
    expect(plain(`${mark}PC-${mark}01`)).toBe('PC-01');
  });

  it('is one line, and hides nothing behind a sequence that does not end', () => {
    expect(plain('PC-01\r\n[12:00] ERROR: forged\u0085\u2028x')).toBe('PC-01 [12:00] ERROR: forged x');
    expect(plain('PC-\u001b]01 was refused')).toBe('PC-01 was refused');
    expect(plain('PC-01\u001b[31')).toBe('PC-01');
  });

  it('leaves what people write as it is', () => {
    for (const text of ['Zahnärzte & Söhne [31m]', '東京 1', '❤️ 👍🏽', 'مرحبا', 'a  b']) {
      expect(plain(text)).toBe(text);
    }
    fc.assert(
      fc.property(harmless, (text) => {
        expect(plain(text)).toBe(text);
      }),
    );
  });

  it('can steer no terminal, and does not change when done again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = plain(text);
        expect(shown).not.toMatch(UNSEEN);
        expect(plain(shown)).toBe(shown);
      }),
    );
  });
});

describe('JSON that is shown', () => {
  it('says the same, and can steer no terminal', () => {
    expect(visibleJson(JSON.stringify({ name: '\u009b31mPC\u202e\u{e0041}' }))).toBe(
      '{"name":"\\u009b31mPC\\u202e\\udb40\\udc41"}',
    );
    fc.assert(
      fc.property(hostile, harmless, (text, key) => {
        const json = visibleJson(JSON.stringify({ [key]: text }));
        expect(json).not.toMatch(UNSEEN);
        expect(JSON.parse(json)).toEqual({ [key]: text });
      }),
    );
  });
});
