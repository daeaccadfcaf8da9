import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';
import { alertsConfig } from '../alerts/support.js';
import { type Command, runCommand, startCommand } from '../support/command.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';
import { everythingIn, printed, secretsFound, tokensIn } from '../support/secrets.js';

const SECRETS = {
  halo: 'Halo/Marked+Secret="1"',
  rmm: 'Rmm&Marked%Secret=2',
  alerts: 'Alert-Marked-Secret-3',
  admin: 'Admin-Marked-Secret-4',
  notify: 'Notify-Marked-Secret-5',
};

let world: Integrator | undefined;
let daemon: Command | undefined;
let chat: ScriptedServer | undefined;
afterEach(async () => {
  daemon?.child.kill('SIGKILL');
  await daemon?.end();
  await world?.close();
  await chat?.close();
});

it('a whole cycle, in which both sides echo what they were sent, gives no secret and no token away', {
  timeout: 60_000,
}, async () => {
  const port = await freePort();
  chat = await startScriptedServer([
    ({ path }, response) => response.writeHead(404).end(`You called ${path}`),
  ]);
  world = await startIntegrator({
    halo: { clientSecret: SECRETS.halo },
    rmm: { clientSecret: SECRETS.rmm },
    config: {
      ...alertsConfig({ config: { alerts: { token: SECRETS.alerts }, http: { port } } }),
      admin: { token: SECRETS.admin },
      notify: { webhook: `${chat.url}/services/${SECRETS.notify}` },
      schedules: { sites: 'off', assets: 'off' },
      log: { level: 'trace' },
    },
  });
  const { configPath, halo, rmm, app, redis } = world;
  const hi = (...args: string[]) => runCommand([...args, '--config', configPath]);

  daemon = startCommand(['start', '--config', configPath]);
  await daemon.says('The integrator is up.');
  await daemon.says('People could not be told');
  const ends = [await hi('run', 'sites', '--wait'), await hi('plan', 'assets'), await hi('status', '--json')];
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
  const token = encodeURIComponent(SECRETS.alerts);
  const webhook = `http://127.0.0.1:${port}/api/notify/connectwisermm?token=${token}`;
  const answers = [await fetch(`${webhook}&id=a`), await fetch(`${webhook}&token=${token}`)];
  const alerted = [await hi('alerts', 'send'), await hi('alerts', 'send', '--json')];
  expect([...answers, ...alerted].map((each) => ('code' in each ? each.code : each.status))).toEqual([
    202, 401, 0, 0,
  ]);
  const haloTokens = await tokensIn(app.redis.client, `${redis.prefix}:token:halo:*`);
  const rmmTokens = await tokensIn(app.redis.client, `${redis.prefix}:token:rmm:*`);
  expect([haloTokens.length, rmmTokens.length]).toEqual([1, 1]);

  halo.faults.add({
    match: ({ method, path }) => method === 'POST' && /\/asset$/i.test(path),
    action: { do: 'answer', status: 400, body: { message: `You sent ${haloTokens}` } },
  });
  ends.push(await hi('run', 'assets', '--wait'), await hi('import', 'assets', '--yes', '--json'));
  halo.faults.clear();
  halo.faults.add({
    match: ({ method, path }) => method === 'POST' && /\/tickets$/i.test(path),
    action: { do: 'answer', status: 400, body: { message: `You sent ${haloTokens}` } },
  });
  alerted.push(await hi('alerts', 'send'), await hi('requeue', '--all'));
  expect(alerted.slice(2).map(({ code }) => code)).toEqual([1, 0]);
  halo.faults.clear();
  echoSignIn(halo, SECRETS.halo);
  ends.push(await hi('run', 'assets', '--wait'), await hi('plan', 'assets', '--json'));
  echoSignIn(rmm, SECRETS.rmm);
  ends.push(await hi('run', 'sites', '--wait', '--json'), await hi('plan', 'sites'));
  expect(ends.slice(3).map(({ code }) => code)).toEqual([1, 1, 1, 1, 1, 1]);
  ends.push(await hi('status'), await hi('config', 'show'), await hi('runs', '--json'));

  const processArguments = await readFile(`/proc/${daemon.child.pid}/cmdline`, 'utf8');
  daemon.child.kill('SIGTERM');
  const places = {
    ...printed([...ends, ...alerted, await daemon.end()]),
    'what the webhook answered': (await Promise.all(answers.map((each) => each.text()))).join(),
    'what Halo was sent': JSON.stringify(halo.state.tickets),
    'the arguments of the process': processArguments,
    ...(await everythingIn(app.redis.client, redis.prefix)),
  };
  const everything = Object.values(places).join('');
  const echoes = [
    'You called ***',
    'You sent ***',
    'You are *** and ***',
    'ConnectWise RMM refused',
    'Halo refused',
  ];
  for (const echo of echoes) expect(everything.includes(echo), `nothing says "${echo}"`).toBe(true);
  expect(secretsFound([...Object.values(SECRETS), ...haloTokens, ...rmmTokens], places)).toEqual([]);
});

/** From now on nobody is signed in, and whoever tries is shown what he sent. */
function echoSignIn({ tokens, faults }: Integrator['halo'] | Integrator['rmm'], secret: string): void {
  const error = `You are ${secret} and ${encodeURIComponent(secret)}`;
  tokens.revokeAll();
  faults.add({
    match: ({ path }) => path.endsWith('/token'),
    action: { do: 'answer', status: 401, body: { error } },
  });
}
