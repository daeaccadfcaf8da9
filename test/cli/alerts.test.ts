import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';
import { alertsConfig, TOKEN } from '../alerts/support.js';
import { type Command, type CommandEnd, runCommand, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let world: Integrator;
let port: number;
const commands: Command[] = [];
afterEach(async () => {
  for (const command of commands) command.child.kill('SIGKILL');
  await Promise.all(commands.splice(0).map((command) => command.end()));
  await world.close();
});

async function start(config: NonNullable<World['config']> = {}): Promise<void> {
  port = await freePort();
  world = await startIntegrator({
    config: alertsConfig({
      config: { log: { level: 'trace' }, http: { host: '127.0.0.1', port }, ...config },
    }),
  });
}

async function startDaemon(env: Record<string, string> = {}): Promise<Command> {
  const daemon = startCommand(['start', '--config', world.configPath], env);
  commands.push(daemon);
  await daemon.says('The integrator is up.');
  return daemon;
}

const ARGS = ['alerts', 'send', '--config'];
const send = (...args: string[]) => runCommand([...ARGS, world.configPath, ...args]);

/** Nothing but the sentence, on standard error. */
function expectSentence(end: CommandEnd, sentence: RegExp): void {
  expect(end.stderr).toMatch(sentence);
  expect(end.stderr.trim().split('\n')).toHaveLength(1);
  expect({ code: end.code, stdout: end.stdout }).toEqual({ code: 1, stdout: '' });
}

describe('alerts send', () => {
  it('prints the ticket that the sample became, gives it as JSON, and makes one each time', async () => {
    await start();
    const daemon = await startDaemon();
    const { code, stdout, stderr } = await send();
    const [ticket] = world.halo.state.tickets;
    expect(stdout).toMatch(
      new RegExp(
        `^The sample alert \\(alert-\\S+\\) became ticket ${ticket?.id} in Halo\\. Close it there\\.\n$`,
      ),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const client = world.halo.state.clients.find(({ name }) => name === 'Unmapped Customers');
    expect(ticket).toMatchObject({
      summary: 'Sample alert of halo-integrator',
      tickettype_id: 21,
      client_id: client?.id,
    });

    const asJson = await send('--json');
    const [, second] = world.halo.state.tickets;
    expect(JSON.parse(asJson.stdout)).toEqual({
      alertId: expect.stringMatching(/^alert-/),
      ticketId: second?.id,
      error: null,
    });
    expect(world.halo.state.tickets).toHaveLength(2);
    expect(daemon.output()).toContain(`ticket ${second?.id}`);
    expect([stdout, stderr, asJson.stdout, asJson.stderr, daemon.output()].join()).not.toContain(TOKEN);
  });

  it('needs no token where the webhook asks for none', async () => {
    await start({ alerts: { authentication: 'none' } });
    await startDaemon();
    expect((await send()).code).toBe(0);
  });

  it('says in one sentence that no daemon is up', async () => {
    await start();
    expectSentence(
      await send(),
      new RegExp(
        `^The webhook at http://127\\.0\\.0\\.1:${port} was not reached: .*ECONNREFUSED.* halo-integrator start$`,
        'm',
      ),
    );
  });

  it('says in one sentence that alerts are switched off', async () => {
    await start({ alerts: { enabled: false } });
    expectSentence(await send(), /^Alerts are switched off: set alerts\.enabled to true\.$/m);
  });

  it('says in one sentence that the daemon knows another token, and shows neither', async () => {
    await start();
    await startDaemon({ ALERT_TOKEN: 'another-token-of-the-webhook' });
    const end = await send();
    expectSentence(end, new RegExp(`^The webhook at http://127\\.0\\.0\\.1:${port} answered 401: .*token`));
    expect(end.stderr).not.toContain(TOKEN);
    expect(end.stderr).not.toContain('another-token');
  });

  it('says in one sentence that something else listens there', async () => {
    await start();
    const page = `<html>${'<p>It works!</p>\n'.repeat(1000)}</html>`;
    const other = createServer((_, answer) => answer.end(page)).listen(port, '127.0.0.1');
    try {
      const end = await send();
      expectSentence(end, /answered 200: <html>/);
      expect(end.stderr.length).toBeLessThan(500);
    } finally {
      other.close();
      other.closeAllConnections();
    }
  });

  it('exits 1 with the reason of Halo where it refuses the ticket', async () => {
    await start();
    world.halo.quirks.requiredTicketProperty = 'category_1';
    await startDaemon();
    const { code, stdout, stderr } = await send();
    expect(stdout).toMatch(
      /^The sample alert \(alert-\S+\) did not become a ticket: .*Please select a value for category_1/,
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const asJson = await send('--json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      ticketId: null,
      error: expect.stringContaining('Please select a value for category_1'),
    });
    expect(asJson.code).toBe(1);
  });

  it('tells while it waits why there is no ticket yet, and ends on Ctrl+C with a sentence', async () => {
    await start();
    await startDaemon();
    world.halo.tokens.revokeAll();
    world.halo.faults.add({
      match: ({ path }) => path.endsWith('/token'),
      action: { do: 'answer', status: 401, body: { error: 'invalid_client' } },
    });
    const command = startCommand([...ARGS, world.configPath]);
    commands.push(command);
    await command.says('has no ticket yet, and is tried again: ');
    expect(command.output()).toContain('Halo refused the sign-in');
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.end();
    expect(stderr).toMatch(
      /^Alert alert-\S+ is not followed any longer; it stays queued\. So far: .*Halo refused/m,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
