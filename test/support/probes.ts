import type { App } from '../../src/app.js';
import { probesOf } from '../../src/cli/check-probes.js';
import { messageOf } from '../../src/inventory/sentence.js';

/** What `check` finds out, without its command line: `✓ Redis, persistence: …`, a line for each probe that is wanted. */
export async function linesOfCheck(app: App, wanted: RegExp): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, look } of probesOf(app, new AbortController().signal)) {
    if (!wanted.test(name)) continue;
    const line = await look().then(
      (found) => (typeof found === 'string' ? `✓ ${name}: ${found}` : `! ${name}: ${found.warning}`),
      (error) => `✗ ${name}: ${messageOf(error)}`,
    );
    lines.push(line);
  }
  return lines;
}
