import { relative } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { secretsOf } from '../config/masking.js';
import { WEBHOOK_PATH } from '../config/webhook-address.js';
import { openMeteredApp, startAlerts, startDaemon } from '../daemon.js';
import { counted } from '../inventory/sentence.js';
import { createLogger } from '../log.js';
import { runToEnd } from '../queue/follow.js';
import { unlessAborted } from '../store/abort.js';
import { openRedis } from '../store/redis.js';
import type { RunKind, RunRecord } from '../store/runs.js';
import { makePlan } from '../sync/plan.js';
import { sendAlert } from './alerts.js';
import { print } from './print.js';
import { exitCodeOf, printPlan, printRun } from './report.js';
import { stopSignal, untilStopped, withOpenApp } from './session.js';

const demoOptions = z.object({ once: z.boolean().default(false) });

/** `demo`: the whole story against simulators of both sides. */
export function demoCommand(done: (exitCode: number) => void): Command {
  return new Command('demo')
    .description('play the whole story against simulators of both sides')
    .option('--once', 'end after the story')
    .action(async (_options: unknown, command: Command) => {
      done(await demo(demoOptions.parse(command.opts()).once));
    });
}

async function demo(once: boolean): Promise<number> {
  // Loaded only here: the simulators, and the server that they need, are of no use to any other command.
  const { startWorld } = await import('../demo/world.js');
  const signal = stopSignal();
  const world = await startWorld();
  const config = configOf(world);
  const level = once ? 'error' : 'warn';
  const log = createLogger({ ...config.log, level }, secretsOf(config), process.stderr);
  try {
    return await withOpenApp(openMeteredApp(config, log), signal, async (app) => {
      const exitCode = await tellStory(app, world, signal);
      if (!once && exitCode === 0) await stayUp(app, world.configPath, signal);
      return exitCode;
    });
  } finally {
    if (config.redis.url !== undefined) await forget(config.redis, log);
    await world.close();
  }
}

type World = Awaited<ReturnType<typeof import('../demo/world.js')['startWorld']>>;

/** Whoever tries the demo may have the secrets of a real Halo in the environment: they are not for the simulators. */
function configOf({ configPath, halo, rmm }: World): Config {
  const overrides = {
    'halo.clientId': halo.clientId,
    'halo.clientSecret': halo.clientSecret,
    'rmm.clientId': rmm.clientId,
    'rmm.clientSecret': rmm.clientSecret,
  };
  return loadConfig({ path: configPath, overrides });
}

/** @returns 0 where every run of the story succeeded. */
async function tellStory(app: App, world: World, signal: AbortSignal): Promise<number> {
  const { fleet } = world.rmm;
  print(
    `A simulated ConnectWise RMM looks after ${fleet.devices.length} devices of ${fleet.companies.length} companies;`,
  );
  print(`a simulated Halo knows some of the companies, and ${world.halo.state.assets.length} assets.`);
  await showPlan(app, 'sites', signal);
  const runs = [await showRun(app, 'sites', signal)];
  await showPlan(app, 'assets', signal);
  runs.push(await showRun(app, 'assets', signal));
  title('Nothing has changed: a second run asks ConnectWise RMM, and Halo not at all');
  runs.push(await showRun(app, 'assets', signal));
  changeFleet(fleet);
  await showPlan(app, 'assets', signal);
  runs.push(await showRun(app, 'assets', signal));
  const deleted = deleteDevice(fleet);
  title('Two runs miss it. Then the grace is over; in life it is 24 hours at least');
  for (let missed = 0; missed < 2; missed++) runs.push(await showRun(app, 'assets', signal));
  await showPlan(app, 'deactivation', signal);
  runs.push(await showRun(app, 'deactivation', signal));
  fleet.devices.push(deleted);
  title(`In ConnectWise RMM, ${deleted.name} is back`);
  runs.push(await showRun(app, 'assets', signal));
  await showAlerts(app, world, deleted, signal);
  title(`Halo now has ${world.halo.state.assets.length} assets.`);
  return Math.max(...runs.map(exitCodeOf));
}

function title(text: string): void {
  print(`\n== ${text}`);
}

async function showPlan(app: App, kind: RunKind, signal: AbortSignal): Promise<void> {
  title(`halo-integrator plan ${kind}`);
  printPlan(await unlessAborted(makePlan(app, kind, signal), signal));
}

async function showRun(app: App, kind: RunKind, signal: AbortSignal): Promise<RunRecord> {
  title(`halo-integrator run ${kind}`);
  const run = await runToEnd(app, { kind, trigger: 'demo', force: false }, signal);
  printRun(run);
  return run;
}

/** A device is renamed, another moves to another site of its company. */
function changeFleet({ devices, sites }: World['rmm']['fleet']): void {
  const [renamed, ...others] = devices;
  const moved = others.find(
    (device) => sites.filter((site) => site.companyId === device.companyId).length > 1,
  );
  const target = sites.find((site) => site.companyId === moved?.companyId && site.id !== moved?.siteId);
  if (!renamed || !moved || !target) return;
  title(`In ConnectWise RMM, ${renamed.name} is renamed, and ${moved.name} moves to ${target.name}`);
  renamed.name = `${renamed.name}-NEW`;
  moved.siteId = target.id;
}

/** @returns the device, so that it can come back. */
function deleteDevice({ devices }: World['rmm']['fleet']): World['rmm']['fleet']['devices'][number] {
  const deleted = devices.pop();
  if (!deleted) throw new Error('The demo has no device to delete.');
  title(`In ConnectWise RMM, ${deleted.name} is deleted`);
  return deleted;
}

/** An alert comes, comes again, and is over. */
async function showAlerts(
  app: App,
  { halo }: World,
  { id, name }: World['rmm']['fleet']['devices'][number],
  signal: AbortSignal,
): Promise<void> {
  title(`ConnectWise RMM tells of an alert on ${name}`);
  const way = await startAlerts(app);
  try {
    const alert = { endpointId: id, deviceName: name, conditionId: 'disk-space', severity: 'critical' };
    for (const [status, summary] of ALERT_STORY) {
      const { ticketId, error } = await sendAlert(app, way.url, { ...alert, status, summary }, signal);
      const ticket = halo.state.tickets.find((each) => each.id === ticketId);
      const notes = halo.state.actions.filter((each) => each.ticket_id === ticketId && each.note !== '');
      const standing = halo.state.statuses.find((each) => each.id === ticket?.status_id)?.name;
      const shown = `ticket ${ticketId} "${ticket?.summary}": ${standing}, ${counted(notes.length, 'note')}`;
      print(`  ${status}: ${summary} → ${error ?? shown}`);
    }
  } finally {
    await Promise.all([way.closePort(), way.worker.close()]);
  }
}

const ALERT_STORY = [
  ['raised', 'Disk C: is nearly full (3 % free)'],
  ['raised', 'Disk C: is nearly full (2 % free)'],
  ['resolved', 'Disk C: has room again'],
] as const;

async function stayUp(app: App, configPath: string, signal: AbortSignal): Promise<void> {
  const daemon = await startDaemon(app);
  title('The daemon stays up, with a run of each kind every minute. Ctrl+C ends it.');
  if (daemon.adminUrl !== null) print(`The console, in your browser: ${daemon.adminUrl}/`);
  print('In another terminal:');
  const program = relative('', process.argv[1] ?? '');
  for (const command of ['status', 'check', 'runs', 'plan assets', 'plan deactivation', 'alerts send']) {
    print(`  node ${program} ${command} --config ${configPath}`);
  }
  if (daemon.adminUrl !== null) print(`  curl ${daemon.adminUrl}/readyz`);
  if (daemon.webhookUrl !== null) {
    const query = `token=${app.config.alerts.token}&device=SRV-01&condition=backup&summary=Backup+failed`;
    print(`  curl '${daemon.webhookUrl}${WEBHOOK_PATH}?${query}'`);
  }
  await daemon.stop(await untilStopped(signal));
}

/** A Redis of somebody else, named by REDIS_URL, shall be left as it was found. */
async function forget(config: Config['redis'], log: App['log']): Promise<void> {
  const redis = await openRedis(config, log);
  for await (const keys of redis.client.scanStream({ match: `${config.prefix}:*` })) {
    if (keys.length > 0) await redis.client.del(keys);
  }
  await redis.close();
}
