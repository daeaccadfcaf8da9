import { STATUS_CODES } from 'node:http';
import { plain } from '../inventory/plain.js';
import { cut } from '../inventory/words.js';

const LONGEST = 200;

/** What matters stands at the front; an error page of megabytes is not worth searching. */
const READ_AT_MOST = 20_000;

/** Where the APIs put their text, best first: an `error` code says less than the description beside it. */
const TEXT_KEYS = ['message', 'errorMessage', 'error_description', 'description', 'detail', 'title'];

/**
 * Reads what the other side said about a failure, in whichever shape it said it: the JSON objects and lists
 * of both APIs' guides, a serialized .NET exception, a dictionary of invalid properties, HTML, or plain text.
 * @param secrets are blotted out, should the other side repeat them.
 * @returns one line of at most 200 characters; the status in words where there is nothing to read.
 */
export function readProblem(
  status: number,
  contentType: string,
  body: string,
  secrets: readonly string[] = [],
): string {
  const said = fromBody(contentType, hideSecrets(body, secrets).slice(0, READ_AT_MOST));
  // Once more, because JSON may have escaped them; and before the line is cut, which may leave a half of one.
  return oneLine(hideSecrets(said, secrets), LONGEST) || (STATUS_CODES[status] ?? 'no explanation');
}

/** Blots out the secrets, also as they look in a URL or a form. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([['', secret]]).toString().slice(1),
    ])
    .reduce((rest, spelling) => rest.replaceAll(spelling, '***'), text);
}

/** Text as a single line without what could steer a terminal, cut with an ellipsis at `longest` characters. */
export function oneLine(text: string, longest: number): string {
  const line = plain(text).replace(/\s+/g, ' ').trim();
  return line.length <= longest ? line : `${cut(line, longest - 1)}…`;
}

/** The paths of what does not fit, never the values: those may be secrets. */
export function describeMismatch(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const said = issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the whole'}: ${message}`);
  if (issues.length > said.length) said.push(`${issues.length - said.length} more`);
  return said.join('; ');
}

function fromBody(contentType: string, body: string): string {
  if (contentType.includes('html') || /^\s*<(!doctype|html)/i.test(body)) return fromHtml(body);
  try {
    return fromJson(JSON.parse(body));
  } catch {
    // No JSON, or nested deeper than anything that is meant to be read.
    return body;
  }
}

function fromHtml(html: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(html)?.[1]?.trim();
  return title || html.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
}

function fromJson(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  return Array.isArray(value) ? join(value.map(fromJson)) : fromObject(value);
}

function fromObject(value: object): string {
  const entries = new Map(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));
  const read = (key: string) => fromJson(entries.get(key.toLowerCase()));
  const errors = entries.get('errors');
  if (errors) return join([read('title'), fromDictionary(errors)], ': ');
  const code = read('error') || read('code');
  const said = TEXT_KEYS.map(read).find((text) => text !== '') ?? '';
  return join([code, said], ': ') || fromDictionary(value);
}

/** `{ "[0].client_id": ["is not valid"] }` → `[0].client_id: is not valid`. */
function fromDictionary(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fromJson(value);
  const lines = Object.entries(value).map(([key, inner]) => [key, fromJson(inner)] as const);
  return join(lines.map(([key, text]) => text && `${key}: ${text}`));
}

/** Joins the parts that say something, each once. */
function join(parts: string[], separator = '; '): string {
  return [...new Set(parts.filter((part) => part !== ''))].join(separator);
}
