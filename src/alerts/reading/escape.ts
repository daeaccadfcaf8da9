import { cleaned } from './text.js';

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/**
 * A text as HTML that shows exactly that text, for Halo's `details_html` and `note_html`: nothing in it works as
 * markup, and its line breaks stay.
 */
export function htmlOf(text: string): string {
  return cleaned(text)
    .replace(/[&<>"']/g, (sign) => ENTITIES.get(sign) ?? '')
    .replaceAll('\n', '<br>');
}
