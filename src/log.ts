import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config/config.js';

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
  const stream = config.format === 'pretty' ? prettyStream(destination) : destination;
  const streamWrite = (line: string) => maskSecrets(line, secrets);
  return pino({ level: config.level, base: null, hooks: { streamWrite } }, stream);
}

function prettyStream(destination: NodeJS.WritableStream) {
  return pretty({
    destination,
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  });
}

/** Replaces each secret by `***`, also in the spelling that it takes within JSON or a URL. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]);
  return spellings.filter(Boolean).reduce((masked, spelling) => masked.replaceAll(spelling, '***'), text);
}
