import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config/config.js';
import { plain, visibleJson } from './inventory/plain.js';

/**
 * Makes the logger. Whatever is logged, from wherever, the given secrets never leave it: they are masked in
 * the finished line, since a server may echo what it was sent in an error that we quote.
 * @param destination where lines go: standard error for commands whose output is data.
 */
export function createLogger(
  config: Config['log'],
  secrets: readonly string[],
  destination: NodeJS.WritableStream,
): Logger {
  const mask = masking(secrets);
  const isPretty = config.format === 'pretty';
  const stream = isPretty ? prettyStream(destination) : destination;
  const clean = isPretty ? plainLine : visibleJson;
  const streamWrite = (line: string) => clean(mask(line));
  return pino({ level: config.level, base: null, hooks: { streamWrite } }, stream);
}

/** A line of JSON with each text in it as it may be shown: no name can forge a line of the log. */
function plainLine(line: string): string {
  try {
    const show = (_key: string, value: unknown) => (typeof value === 'string' ? plain(value) : value);
    return `${JSON.stringify(JSON.parse(line, show))}\n`;
  } catch {
    // A secret that looks like a part of JSON was masked.
    return `${plain(line)}\n`;
  }
}

function prettyStream(destination: NodeJS.WritableStream) {
  return pretty({
    destination,
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  });
}

/** Makes what replaces each secret in a text by `***`, however it is spelled there. */
export function masking(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.filter((secret) => secret !== '').flatMap(spellingsOf);
  if (spellings.length === 0) return (text) => text;
  // The longest first, since one secret may begin with another; in any case, since %2F is also written %2f.
  const alternatives = spellings.sort((one, other) => other.length - one.length).map(toPattern);
  const pattern = new RegExp(alternatives.join('|'), 'gi');
  return (text) => text.replace(pattern, '***');
}

/** As it is, within a URL, and within a form. */
function spellingsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)];
}

/** Matches a text also where JSON quotes it, and where that is quoted in turn: each time adds backslashes. */
function toPattern(text: string): string {
  const parts = text.match(/\\+|[^\\]/g) ?? [];
  return parts.map((part) => (part.startsWith('\\') ? '\\\\+' : charPattern(part))).join('');
}

function charPattern(char: string): string {
  const quoted = JSON.stringify(char).slice(1, -1);
  const literal = literally(char);
  return quoted.startsWith('\\') ? `(?:${literal}|\\\\+${literally(quoted.slice(1))})` : literal;
}

function literally(text: string): string {
  return text.replace(/[$^.*+?()[\]{}|/-]/g, '\\$&');
}
