import { hostname } from 'node:os';
import type { Config } from '../config/config.js';
import { WEBHOOK_PATH } from '../config/webhook-address.js';
import { troubleOf } from '../inventory/remedy.js';
import type { Found, Probe } from '../sync/probe.js';
import { callWebhook, webhookRoot } from './webhook-call.js';

/** No JSON, so that it is refused once the token was looked at, and never an alert. */
const NO_ALERT = '{';
const REFUSED_AS_NO_JSON = 'is not JSON';
const ONLY_HERE = /^(localhost|127\.|::1$)/;

/**
 * Whether the webhook answers, and whether ConnectWise can get there.
 * @param daemons the names of those that are up; `null`: Redis, which knows them, is away.
 */
export function webhookProbes(
  config: Config,
  daemons: () => Promise<readonly string[] | null>,
  signal: AbortSignal,
): Probe[] {
  if (!config.alerts.enabled) return [{ name: 'Webhook', look: async () => SWITCHED_OFF }];
  return [
    { name: 'Webhook', look: async () => askWebhook(config, await daemons(), signal) },
    { name: 'Webhook, address', look: async () => judgeAddress(config) },
  ];
}

const SWITCHED_OFF: Found = {
  state: 'notAsked',
  message: 'not asked, since alerts are switched off (alerts.enabled)',
};

const NO_DAEMON: Found = {
  state: 'notAsked',
  message: 'not asked, since no daemon is up',
  remedy: 'Start one, then check again: halo-integrator start',
};

async function askWebhook(
  config: Config,
  daemons: readonly string[] | null,
  signal: AbortSignal,
): Promise<Found> {
  if (daemons?.length === 0) return NO_DAEMON;
  const root = webhookRoot(config.http);
  try {
    const { status, text } = await callWebhook(config, root, NO_ALERT, signal);
    return judgeAnswer(config, root, status, text);
  } catch (error) {
    signal.throwIfAborted();
    return whyNotReached(troubleOf(error).said, daemons);
  }
}

function judgeAnswer({ alerts }: Config, root: string, status: number, text: string): Found {
  const wantsToken = alerts.authentication === 'token';
  if (status === 400 && text.includes(REFUSED_AS_NO_JSON))
    return { state: 'ok', message: `answers at ${root}${wantsToken ? ', and takes the token' : ''}` };
  if (status === 401) {
    const message = `The webhook at ${root} does not take the alerts.token of this config (401).`;
    return { state: 'failed', message, remedy: 'The daemon was started with another one: start it anew.' };
  }
  const message = `What listens at ${root} answered ${status}, which the webhook would not.`;
  return { state: 'failed', message, remedy: 'Set http.port to a free one, and start the daemon anew.' };
}

function whyNotReached(said: string, daemons: readonly string[] | null): Found {
  if (daemons === null) {
    const message = `${said} Whether a daemon is up is not known without Redis.`;
    return { state: 'notAsked', message };
  }
  if (daemons.some((name) => name.startsWith(`${hostname()}/`)))
    return {
      state: 'failed',
      message: said,
      remedy: 'Start the daemon anew: it may have another http.port.',
    };
  const message = `${said} The daemon is on another machine: ${daemons.join(', ')}.`;
  return { state: 'warning', message, remedy: 'Check again there.' };
}

function judgeAddress({ http, alerts }: Config): Found {
  if (http.publicUrl !== undefined) {
    const message = `${http.publicUrl}, as http.publicUrl says; not asked, since ConnectWise comes from outside`;
    if (alerts.authentication !== 'token') return { state: 'notAsked', message };
    const remedy = `From there, "curl -i ${http.publicUrl}${WEBHOOK_PATH}" must answer 401.`;
    return { state: 'notAsked', message, remedy };
  }
  const message = ONLY_HERE.test(http.host)
    ? `It listens on ${http.host} alone, where ConnectWise cannot reach it.`
    : `Under which name ConnectWise reaches it is not known; it listens on port ${http.port} of ${hostname()}.`;
  const remedy = 'Put a reverse proxy with TLS in front of it, and the address of that into http.publicUrl.';
  return { state: 'warning', message, remedy };
}
