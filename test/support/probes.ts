import type { App } from '../../src/app.js';
import { probesOf } from '../../src/cli/check-probes.js';
import { type Finding, findingsOf, type State } from '../../src/sync/probe.js';

const MARKS: Record<State, string> = { ok: '✓', warning: '!', failed: '✗', notAsked: '–' };

/** What `check` finds out, without its command line, of each probe that is wanted. */
export async function checkOf(app: App, wanted: RegExp): Promise<Finding[]> {
  const probes = probesOf({ app, sides: app }, new AbortController().signal);
  const findings: Finding[] = [];
  for (const probe of probes) if (wanted.test(probe.name)) findings.push(...(await findingsOf(probe)));
  return findings;
}

/** The same as its lines: `✓ Redis, persistence: …`. */
export async function linesOfCheck(app: App, wanted: RegExp): Promise<string[]> {
  const findings = await checkOf(app, wanted);
  return findings.map(({ name, state, message, remedy }) => {
    const stop = remedy && !/[.!?…]$/.test(message) ? '.' : '';
    return `${MARKS[state]} ${name}: ${message}${remedy ? `${stop} ${remedy}` : ''}`;
  });
}
