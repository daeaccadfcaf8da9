import { cleaned, oneLine, shortened } from './text.js';

const MAX_LINE = 250;
const MAX_BLOCK = 20_000;

/** A text as one line of at most 250 characters; `null`: nothing is left of it. */
export function line(text: string | undefined): string | null {
  return text === undefined ? null : shortened(oneLine(text), MAX_LINE) || null;
}

/** As `line`, of the first line only, and harmless wherever it is shown. */
export function headline(text: string | undefined): string | null {
  const [start = ''] = cleaned(text ?? '')
    .trim()
    .split('\n', 1);
  return line(withoutAngles(start));
}

/** A text of several lines, at most 20,000 characters. */
export function block(text: string): string {
  return shortened(cleaned(text).trim(), MAX_BLOCK);
}

/** Ids are compared without regard to case. */
export function lower(text: string | null): string | null {
  return text === null ? null : text.toLowerCase();
}

/** < and > as signs that look like them and make no markup. */
export function withoutAngles(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›');
}

/** A UUID or a number. */
export function looksLikeId(text: string): boolean {
  return /^(\d+|[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12})$/i.test(text);
}
