import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasTerminal, runCommand, startInTerminal, withoutColours } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

let world: Integrator;
beforeEach(async () => {
  world = await startIntegrator();
  world.rmm.faults.add({
    match: ({ method, path }) => method !== 'POST' || !path.endsWith('/token'),
    times: 1,
    action: { do: 'answer', status: 429, headers: { 'retry-after': '4' }, body: 'slow down' },
  });
});
afterEach(() => world.close());

const args = () => ['plan', 'sites', '--config', world.configPath];

describe('a plan that waits for a rate limit', () => {
  it.skipIf(!hasTerminal)('says so on a terminal, and leaves no trace of it', async () => {
    const { code, stdout } = await startInTerminal(args(), 120).end();
    const lines = stdout.split('\r\u001b[K');
    expect(lines).toContainEqual(expect.stringMatching(/^waiting, rate limit of ConnectWise RMM: \d s$/));
    expect(withoutColours(lines.at(-1) ?? '')).toMatch(/^(! |ACTION)/);
    expect(code).toBe(0);
  });

  it('says nothing to a pipe', async () => {
    const { stdout, stderr } = await runCommand(args());
    expect(stdout).toMatch(/^(! |ACTION)/);
    expect(stderr).toBe('');
  });
});
