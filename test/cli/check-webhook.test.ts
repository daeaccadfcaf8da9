import { hostname } from 'node:os';
import pino from 'pino';
import { afterEach, expect, it } from 'vitest';
import { webhookProbes } from '../../src/cli/check-webhook.js';
import { startWebhook, type WebhookServer } from '../../src/http/webhook.js';
import { type Finding, findingsOf } from '../../src/sync/probe.js';
import { loadWith } from '../config/support.js';

const HERE = [`${hostname()}/1`];
const TOKEN = 'To+ken & 100%=/?';

let webhook: WebhookServer;
let accepted: number;
afterEach(() => webhook.close());

function configOf(port: number, alerts: object) {
  const named = { enabled: true, token: TOKEN, ticketType: 'Alert', newAlertUser: 'Someone', ...alerts };
  return loadWith({ alerts: named, http: { host: '127.0.0.1', port } });
}

/** @returns what `check` says of a webhook that is up, with such daemons and such a config. */
async function lookAt(
  daemons: readonly string[] | null,
  { served = {}, asked = served }: { served?: object; asked?: object } = {},
  isUp = true,
): Promise<Finding | undefined> {
  accepted = 0;
  const accept = async () => {
    accepted += 1;
    return ['alert-1'];
  };
  webhook = await startWebhook({ config: configOf(0, served), log: pino({ level: 'silent' }), accept });
  const port = Number(new URL(webhook.url).port);
  if (!isUp) await webhook.close();
  const [probe] = webhookProbes(configOf(port, asked), async () => daemons, AbortSignal.timeout(10_000));
  const [finding] = probe ? await findingsOf(probe) : [];
  expect(accepted).toBe(0);
  expect(JSON.stringify(finding)).not.toContain('100%');
  return finding;
}

it.each([
  ['with its token', {}, 'and takes the token'],
  ['that asks for none', { served: { authentication: 'none' } }, 'answers at '],
])('a webhook %s answers, and makes no alert of it', async (_what, configs, text) => {
  for (const daemons of [HERE, ['elsewhere/1'], null]) {
    expect(await lookAt(daemons, configs)).toMatchObject({
      state: 'ok',
      message: expect.stringContaining(text),
    });
    await webhook.close();
  }
});

it('a webhook with another token is a daemon to be started anew', async () => {
  expect(await lookAt(HERE, { asked: { token: 'another-token' } })).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/does not take the alerts\.token of this config \(401\)\.$/),
    remedy: expect.stringContaining('start it anew'),
  });
});

it.each([
  ['failed', 'is on this machine', HERE],
  ['warning', 'is on another', ['elsewhere/1']],
  ['notAsked', 'may be up or not', null],
  ['notAsked', 'is none', []],
] as const)('a webhook that is not reached is %s where the daemon %s', async (state, _where, daemons) => {
  expect(await lookAt(daemons, {}, false)).toMatchObject({ state });
});
