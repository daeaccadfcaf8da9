import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { alertsConfig } from '../alerts/support.js';
import { type Command, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { startRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let world: Integrator | undefined;
const commands: Command[] = [];
afterEach(async () => {
  for (const command of commands) command.child.kill('SIGKILL');
  await Promise.all(commands.map((command) => command.end()));
  commands.length = 0;
  await world?.close();
});

async function startWorld(options: World = {}): Promise<Integrator> {
  world = await startIntegrator({ ...options, config: { log: { level: 'info' }, ...options.config } });
  return world;
}

function startDaemon({ configPath }: Integrator, env: Record<string, string> = {}): Command {
  const command = startCommand(['start', '--config', configPath], env);
  commands.push(command);
  return command;
}

const linesOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('start', () => {
  it('logs a line at the start and end of each run and for each failed item, with their ids', async () => {
    const { halo, rmm, ...integrator } = await startWorld();
    halo.faults.add({
      match: ({ method, path, body }) =>
        method === 'POST' && /\/site$/i.test(path) && /Clinic|Warehouse/.test(JSON.stringify(body)),
      action: { do: 'answer', status: 400, body: { message: 'the name is not allowed' } },
    });
    const daemon = startDaemon({ halo, rmm, ...integrator });
    await daemon.says('partial.');
    const lines = linesOf(daemon.output());
    const [started] = lines.filter(({ kind, state }) => kind === 'sites' && state === undefined);
    expect(started).toMatchObject({ run: expect.stringMatching(/^sites-/), trigger: 'schedule', level: 30 });
    expect(lines.find(({ state }) => state === 'partial')).toMatchObject({
      run: started.run,
      counts: { read: 11, created: 6, unchanged: 1, failed: 4 },
    });
    const failed = lines.filter(({ item, level }) => item !== undefined && level === 40);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 30, action: 'create', halo: expect.any(Number) }),
    );
    const warehouses = rmm.fleet.sites.filter(({ name }) => name === 'Warehouse').map(({ id }) => id);
    const ofRun = failed.filter(({ run }) => run === started.run);
    expect(ofRun.map(({ item }) => item).sort()).toEqual(warehouses.sort());
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order on %s and exits 0', async (signal) => {
    const daemon = startDaemon(await startWorld());
    await daemon.says('Schedules set');
    daemon.child.kill(signal);
    const { code, stdout, stderr } = await daemon.end();
    // A run that was just being taken up may still say so in between.
    const said = linesOf(stdout).map(({ msg }) => msg);
    expect(said).toContain(`Stopping: ${signal}.`);
    expect(said.at(-1)).toBe('Stopped.');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('ends within 15 s though Redis has frozen, and at once on a second signal', {
    timeout: 40_000,
  }, async () => {
    const redis = await startRedis({ own: true });
    const integrator = await startWorld();
    try {
      const [patient, hurried] = [1, 2].map(() => startDaemon(integrator, { REDIS_URL: redis.url }));
      if (!patient || !hurried) return;
      await Promise.all([patient.says('The integrator is up'), hurried.says('The integrator is up')]);
      redis.freeze();
      const since = performance.now();
      patient.child.kill('SIGTERM');
      hurried.child.kill('SIGINT');
      await hurried.says('Stopping: SIGINT.');
      await waitFor(() => !hurried.child.kill('SIGINT'));
      expect((await hurried.end()).code).toBe(130);
      expect(performance.now() - since).toBeLessThan(8_000);
      const { code, stdout } = await patient.end();
      expect(performance.now() - since).toBeLessThan(15_000);
      expect(stdout).toContain('Redis did not answer in time');
      expect(code).toBe(0);
    } finally {
      await redis.stop();
    }
  });

  it('exits 2 where the config names what Halo does not have', async () => {
    const daemon = startDaemon(await startWorld({ config: { sites: { defaultClient: 'Nobody' } } }));
    const { code, stderr } = await daemon.end();
    expect(stderr).toMatch(/^- sites\.defaultClient: Halo has no client called "Nobody"\./);
    expect(code).toBe(2);
  });

  it('exits 2 and tells each mistake, those of alerts included, once', async () => {
    const wrong = {
      sites: { defaultClient: 'Nobody' },
      assets: { defaultType: 'Toaster' },
      alerts: { ticketType: 'Alarm', newAlertUser: 'nobody@acme.example', closedStatus: 'Gone' },
    };
    const daemon = startDaemon(await startWorld({ config: alertsConfig({ config: wrong }) }));
    const { code, stdout, stderr } = await daemon.end();
    const told = stderr
      .trim()
      .split('\n')
      .map((line) => /^- (\S+: Halo has no [^".]*"[^"]*")\./.exec(line)?.[1]);
    expect(told.sort()).toEqual([
      'alerts.closedStatus: Halo has no status called "Gone"',
      'alerts.newAlertUser: Halo has no active user called "nobody@acme.example"',
      'alerts.ticketType: Halo has no ticket type called "Alarm"',
      'assets.defaultType: Halo has no asset type called "Toaster"',
      'sites.defaultClient: Halo has no client called "Nobody"',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('tells a mistake though Halo leaves other names without an answer', async () => {
    const config = alertsConfig({ config: { alerts: { ticketType: 'Alarm' } } });
    const integrator = await startWorld({ config });
    integrator.halo.faults.add({ match: ({ path }) => /assettype/i.test(path), action: { do: 'hang' } });
    const { code, stderr } = await startDaemon(integrator).end();
    expect(stderr).toMatch(/^- alerts\.ticketType: Halo has no ticket type called "Alarm"\..*\n$/);
    expect(code).toBe(2);
  });

  it('exits 1 with a sentence where the port of the webhook is taken, and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const config = alertsConfig({ config: { http: { port } } });
      const { code, stdout, stderr } = await startDaemon(await startWorld({ config })).end();
      expect(stderr).toMatch(
        new RegExp(
          `^The port of the webhook, 127\\.0\\.0\\.1:${port}, could not be opened: .*EADDRINUSE.*\\. Set http\\.port to a free one\\.\n$`,
        ),
      );
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    } finally {
      other.close();
    }
  });

  it('comes up though Halo is away, and says so', async () => {
    const integrator = await startWorld();
    await integrator.halo.close();
    const daemon = startDaemon(integrator);
    await daemon.says('The names in the config could not be looked up in Halo yet');
    await daemon.says('The integrator is up.');
  });

  it('ends at once on SIGTERM while Halo leaves it without an answer', async () => {
    const integrator = await startWorld();
    integrator.halo.faults.add({ match: ({ path }) => /assettype/i.test(path), action: { do: 'hang' } });
    const daemon = startDaemon(integrator);
    const asked = () => integrator.halo.requests.some(({ path }) => /assettype/i.test(path));
    await waitFor(asked, { timeoutMs: 15_000 });
    const since = performance.now();
    daemon.child.kill('SIGTERM');
    expect((await daemon.end()).code).toBe(0);
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  it('shares the work with a second daemon, and neither does it twice', async () => {
    const integrator = await startWorld();
    const daemons = [startDaemon(integrator), startDaemon(integrator)];
    const output = () => daemons.map((daemon) => daemon.output()).join('');
    // Which of the two comes first is a matter of which daemon is up first.
    const haveSucceeded = () =>
      ['sites', 'assets'].every((kind) => new RegExp(`Run ${kind}-\\S+ succeeded`).test(output()));
    await waitFor(haveSucceeded, { timeoutMs: 20_000 });
    expect(output().match(/Run sites-\S+ started/g)).toHaveLength(1);
    const places = integrator.halo.state.sites.map((site) => `${site.client_id} ${site.name}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it('writes for people where log.format is pretty', async () => {
    const daemon = startDaemon(await startWorld({ config: { log: { level: 'info', format: 'pretty' } } }));
    await daemon.says('Schedules set');
    expect(daemon.output()).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO: The integrator is up\./m);
  });
});
