import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { App } from '../app.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { print, printJson } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { tellingWaits } from './waits.js';
import { callWebhook, webhookRoot } from './webhook-call.js';

const LOOK_EVERY_MS = 200;

/** `alerts send`: a sample alert through the running webhook. */
export function alertsCommand(done: (exitCode: number) => void): Command {
  const alerts = new Command('alerts').description('try the way of an alert');
  alerts
    .command('send')
    .description('send a sample alert to the webhook, and wait for its ticket')
    .option('--json', 'print one JSON document')
    .action(async (_options: unknown, command: Command) => {
      done(await send(commonOptions.parse(command.optsWithGlobals())));
    });
  return alerts;
}

async function send(options: CommonOptions): Promise<number> {
  const config = loadConfig({ path: options.config });
  if (!config.alerts.enabled) throw new Error('Alerts are switched off: set alerts.enabled to true.');
  const end = await withApp(options, (app, signal) =>
    tellingWaits(app, sendAlert(app, webhookRoot(config.http), sample(new Date().toISOString()), signal)),
  );
  const { alertId, ticketId, error } = end;
  if (options.json) printJson(end);
  else if (error === null)
    print(`The sample alert (${alertId}) became ticket ${ticketId} in Halo. Close it there.`);
  else print(`The sample alert (${alertId}) did not become a ticket: ${error}`);
  return error === null ? 0 : 1;
}

/** What became of an alert that was sent. */
interface SentAlert {
  alertId: string;
  ticketId: number | null;
  /** Why it has no ticket. */
  error: string | null;
}

/**
 * Sends an alert to the webhook at `url`, and waits for its ticket.
 * @throws Error a sentence, where the webhook is not reached or refuses it, or `signal` aborts.
 */
export async function sendAlert(
  app: App,
  url: string,
  payload: object,
  signal: AbortSignal,
): Promise<SentAlert> {
  const alertId = await post(app.config, url, payload, signal);
  return { alertId, ...(await untilDone(app, alertId, signal)) };
}

const acceptedShape = z.object({ accepted: z.literal(true), alertId: z.string() });

async function post(config: Config, root: string, payload: object, signal: AbortSignal): Promise<string> {
  const { status, text } = await callWebhook(config, root, JSON.stringify(payload), signal);
  if (status === 202) return acceptedShape.parse(JSON.parse(text)).alertId;
  throw new Error(`The webhook at ${root} answered ${status}: ${text}`);
}

/** Of a device that no one has, so that it goes to the default client; each a condition of its own, so that it makes a ticket. */
function sample(now: string): object {
  return {
    alertId: `sample-${now}`,
    conditionId: `sample-${now}`,
    deviceName: 'sample',
    severity: 'information',
    status: 'raised',
    summary: 'Sample alert of halo-integrator',
    message: 'Sent by "halo-integrator alerts send" to see whether alerts become tickets. Close this ticket.',
    timestamp: now,
  };
}

const resultShape = z.object({ ticketId: z.number().nullable() });

async function untilDone(
  app: App,
  alertId: string,
  signal: AbortSignal,
): Promise<Omit<SentAlert, 'alertId'>> {
  let told = '';
  for (;;) {
    // In this order: a job that was read before it was completed lacks its result.
    const state = await app.queues.alerts.getJobState(alertId);
    const job = await app.queues.alerts.getJob(alertId);
    if (state === 'completed') {
      return { ticketId: resultShape.parse(job?.returnvalue).ticketId, error: null };
    }
    if (!job || state === 'failed')
      return { ticketId: null, error: job?.failedReason ?? 'it was lost in Redis.' };
    // Halo may be away for hours, and nobody waits that long without a word.
    if (job.failedReason && job.failedReason !== told) {
      told = job.failedReason;
      app.log.warn(`Alert ${alertId} has no ticket yet, and is tried again: ${told}`);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      const why = job.failedReason ? ` So far: ${job.failedReason}` : '';
      throw new Error(`Alert ${alertId} is not followed any longer; it stays queued.${why}`);
    });
  }
}
