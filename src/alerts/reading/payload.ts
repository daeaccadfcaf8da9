import { shortened, words } from './text.js';
import { compactName, copyOf, isRecord, opened, parsed } from './tree.js';

/** What a sender says about one alert, in its own words. */
export type Payload = Record<string, unknown>;

const MAX_TEXT_LENGTH = 20_000;
const CUT = '\n(Cut here: the payload is longer.)';

const SECRETS = words(
  'token secret password passwd pwd passphrase authorization apikey accesskey privatekey credential bearer cookie',
);

/** A secret within an address, such as that of this webhook. */
const SECRET_IN_TEXT = /(token|secret|password|passwd|api[_-]?key)=[^&\s"'<>]+/gi;

/** Two pairs at least: a sentence may well hold one "=". */
const FORM = /^[^\s=&]+=[^\s&]*(&[^\s=&]+=[^\s&]*)+$/;

/** More alerts in one request, or so many that what they share would fill Redis, stay one payload. */
const MOST_ALERTS = 2000;
const MOST_CHARACTERS = 8_000_000;

/** Lists of alerts within one object. */
const LISTS = new Set(['alerts', 'incidents']);

/**
 * What a request to the webhook delivers: a payload for each alert in it, and at least one. The query, without the
 * token, lies under each. The body is an object, an array, a scalar, or the text of one; text that is neither JSON
 * nor a form becomes `text`, a scalar `value`. Never throws.
 */
export function toPayloads(query: Record<string, unknown>, body: unknown): Payload[] {
  const shared = Object.entries(query).filter(([key]) => key.toLowerCase() !== 'token');
  const content = typeof body === 'string' ? contentOf(body) : body;
  const found = alertsIn(content);
  const alerts = isTooMuch(found.length, shared) ? [{ content }] : found;
  return alerts.map((alert) => {
    const own = isRecord(alert) ? alert : { value: alert };
    const payload = copyOf({ ...Object.fromEntries(shared), ...own }, (value) => value);
    return isRecord(payload) ? payload : {};
  });
}

function isTooMuch(alerts: number, shared: unknown): boolean {
  return (
    alerts > MOST_ALERTS || alerts * JSON.stringify(copyOf(shared, (value) => value)).length > MOST_CHARACTERS
  );
}

/** The payload to read by people: indented JSON without secrets, at most 20,000 characters. */
export function payloadText(payload: Payload): string {
  return shortened(JSON.stringify(copyOf(payload, masked), null, 2), MAX_TEXT_LENGTH, CUT);
}

function contentOf(body: string): unknown {
  // PowerShell, for one, begins a text with a byte order mark.
  const text = body.replace(/^\uFEFF/, '').trim();
  if (text === '') return undefined;
  const json = parsed(text);
  if (json) return json.value;
  return FORM.test(text) ? Object.fromEntries(new URLSearchParams(text)) : { text };
}

function alertsIn(content: unknown): unknown[] {
  if (content === undefined || content === null) return [{}];
  if (Array.isArray(content)) return content.length > 0 ? content : [{}];
  return isRecord(content) ? apart(content) : [content];
}

/** One alert for each item of `alerts`, on top of what stands beside the list. */
function apart(content: Record<string, unknown>): Payload[] {
  for (const [key, list] of Object.entries(content)) {
    if (LISTS.has(compactName(key)) && Array.isArray(list) && list.length > 1 && list.every(isRecord)) {
      const beside = Object.entries(content).filter(([name]) => name !== key);
      if (isTooMuch(list.length, beside)) break;
      return list.map((item) => ({ ...Object.fromEntries(beside), ...item }));
    }
  }
  return [content];
}

function masked(value: unknown, key: string): unknown {
  const name = compactName(key);
  if (SECRETS.some((secret) => name.includes(secret))) return '***';
  if (typeof value !== 'string') return value;
  return opened(value) ?? value.replace(SECRET_IN_TEXT, '$1=***');
}
