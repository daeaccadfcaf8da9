/** What begins a string of an operating system command or the like (OSC, DCS, SOS, PM, APC), with all of it where it ends. */
const STRING = '(?:\\x1b[P\\]X^_]|[\\x90\\x98\\x9d-\\x9f])(?:[^\\p{Cc}]*(?:\\x07|\\x1b\\\\|\\x9c))?';
/** Colours, and all else that moves the cursor (CSI), whole or cut off. */
const CONTROL = '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?';
const OTHER = '\\x1b[ -/]*[0-~]';

/**
 * Escape sequences as ECMA-48 has them, also in the form that begins with one character of C1. Node's own
 * `stripVTControlCharacters` leaves parts of many behind, other ones in each version.
 */
const SEQUENCE = new RegExp([STRING, CONTROL, OTHER].join('|'), 'gu');

/** A control character ends the line or does worse, so it separates words at least. */
const BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const GAP = /[\p{Cc}\s]+/gu;

/**
 * What nobody sees (Unicode's ignorable characters), among it all that turns the direction of writing: with these a name
 * looks like another one. The variants of a sign, such as a coloured heart, do no harm.
 */
const UNSEEN = /(?![\uFE00-\uFE0F])\p{Default_Ignorable_Code_Point}|[\uFFF9-\uFFFB]/gu;

/** What must not stand in JSON that a person may look at. Below U+0020 JSON has escapes of its own. */
const UNSEEN_IN_JSON = new RegExp(`[\\x7f-\\x9f\\u2028\\u2029]|${UNSEEN.source}`, 'gu');

/** A text without its escape sequences. Other control characters stay. */
export function withoutSequences(text: string): string {
  return text.replace(SEQUENCE, '');
}

/**
 * Text from elsewhere as it is shown, wherever that is: one line, without escape sequences, control characters, and marks
 * that hide or turn other text.
 */
export function plain(text: string): string {
  // Nearly all of it is so, and a search looks at a hundred thousand texts.
  if (/^[ -~]*$/.test(text)) return text;
  const line = withoutSequences(text).replace(GAP, (gap) => (BREAK.test(gap) ? ' ' : gap));
  return line.replace(UNSEEN, '');
}

/** The same JSON value, with escapes for all that could steer a terminal or that nobody sees. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN_IN_JSON, (unseen) => unseen.split('').map(escapeOf).join(''));
}

function escapeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
