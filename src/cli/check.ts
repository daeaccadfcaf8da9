import { Command } from 'commander';
import type { App } from '../app.js';
import { type WebhookAddresses, webhookAddresses } from '../config/webhook-address.js';
import { messageOf } from '../inventory/sentence.js';
import { unlessAborted } from '../store/abort.js';
import type { Probe } from '../sync/probe.js';
import { probesOf } from './check-probes.js';
import { print, printJson, printNote } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { tellingWaits } from './waits.js';

interface Finding {
  name: string;
  ok: boolean;
  /** All works, and yet a person should look at it. */
  warning: boolean;
  message: string;
}

/** In the words of Halo's guide. */
const SUCCESS = 'Ticketing API Configured Successfully.';

/** `check`: proves both sides, and prints the addresses to paste into ConnectWise. */
export function checkCommand(done: (exitCode: number) => void): Command {
  return new Command('check')
    .description('prove both sides and the config; print the addresses for ConnectWise')
    .option('--json', 'print one JSON document')
    .action(async (_options: unknown, command: Command) => {
      done(await check(commonOptions.parse(command.optsWithGlobals())));
    });
}

async function check(options: CommonOptions): Promise<number> {
  const { findings, addresses } = await withApp(options, async (app, signal) => ({
    findings: await lookAll(app, signal, options.json),
    addresses: app.config.alerts.enabled ? webhookAddresses(app.config) : null,
  }));
  const ok = findings.every((finding) => finding.ok);
  if (options.json) printJson({ ok, findings, ...addresses });
  else {
    printAddresses(addresses);
    if (ok) printNote('', { text: SUCCESS, tone: 'good' });
    else printNote('', { text: 'Not everything is as it should be: see the lines with ✗.', tone: 'bad' });
  }
  return ok ? 0 : 1;
}

async function lookAll(app: App, signal: AbortSignal, isSilent: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const probe of probesOf(app, signal)) {
    const finding = await tellingWaits(app, unlessAborted(lookAt(probe), signal));
    signal.throwIfAborted();
    if (!isSilent) printNote(markOf(finding), `${finding.name}: ${finding.message}`);
    findings.push(finding);
  }
  return findings;
}

async function lookAt({ name, look }: Probe): Promise<Finding> {
  try {
    const found = await look();
    return typeof found === 'string'
      ? { name, ok: true, warning: false, message: found }
      : { name, ok: true, warning: true, message: found.warning };
  } catch (error) {
    return { name, ok: false, warning: false, message: messageOf(error) };
  }
}

function markOf({ ok, warning }: Finding): string {
  if (!ok) return '✗ ';
  return warning ? '! ' : '✓ ';
}

function printAddresses(addresses: WebhookAddresses | null): void {
  if (!addresses) {
    printNote('  ', 'Alerts are switched off (alerts.enabled), so there is no webhook.');
    return;
  }
  const { callbackUrl, webhookUrl, isGuess } = addresses;
  print();
  print('Paste into ConnectWise:');
  print(`  Callback URL (method GET)  ${callbackUrl}`);
  print(`  Webhook URL                ${webhookUrl}`);
  if (webhookUrl !== callbackUrl)
    printNote(
      '  ',
      'A callback is asked for the token, too: where it cannot send one, paste the webhook URL there as well.',
    );
  if (isGuess)
    printNote(
      '  ',
      'The host is a guess: set http.publicUrl to the address under which ConnectWise reaches it.',
    );
  print();
}
