import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlOf } from '../../../src/alerts/reading/escape.js';

describe('htmlOf', () => {
  it.each([
    ['Disk C: is full', 'Disk C: is full'],
    ['<img src=x onerror="alert(1)">', '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'],
    ["it's R&D", 'it&#39;s R&amp;D'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['one\r\ntwo\rthree\nfour\u2028five', 'one<br>two<br>three<br>four<br>five'],
    ['\u001b[31mred\u001b[0m \u0000\u0007bell', 'red bell'],
    ['a\tb', 'a\tb'],
    ['exe.\u202Egnp', 'exe.gnp'],
    ['fire 🔥 👩‍💻', 'fire 🔥 👩‍💻'],
    ['half \uD83D', 'half \uFFFD'],
    ['', ''],
  ])('%j becomes %j', (text, html) => {
    expect(htmlOf(text)).toBe(html);
  });

  it('leaves nothing that works as markup, in whatever text', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '&', '"', "'", '\n', '\u0000', '\u001b', '[', '3', 'm', 'a'),
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        expect(htmlOf(text).replaceAll('<br>', '')).not.toMatch(
          /[<>"'\n]|&(?!(amp|lt|gt|quot|#39);)|(?!\t)\p{Cc}/u,
        );
      }),
    );
  });
});
