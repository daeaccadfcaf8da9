import pino from 'pino';

/** A logger whose messages a test can read: "warn: the text", in the order of their logging. */
export function recordLog(): { log: pino.Logger; messages: string[] } {
  const messages: string[] = [];
  const write = (line: string) => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    messages.push(`${pino.levels.labels[level]}: ${msg}`);
  };
  return { log: pino({ level: 'trace' }, { write }), messages };
}
