import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { openApp, openSides } from '../app.js';
import type { Config } from '../config/config.js';
import { webhookAddresses } from '../config/webhook-address.js';
import { RemedyError } from '../inventory/remedy.js';
import { ended } from '../inventory/sentence.js';
import { unlessAborted } from '../store/abort.js';
import { type Finding, findingsOf } from '../sync/probe.js';
import { printAddresses, printFindings, printLegend } from './check-print.js';
import { type CheckParts, probesOf } from './check-probes.js';
import { printJson, printNote } from './print.js';
import { beginCommand, type CommonOptions, commonOptions, stopSignal, withOpenApp } from './session.js';
import { tellingWaits } from './waits.js';

/** In the words of Halo's guide. */
const SUCCESS = 'Ticketing API Configured Successfully.';

const NOT_USABLE =
  'Nothing runs until it is: are its memory or its disk full, has it frozen, or is it a replica?';

const CLOSE_WITHIN_MS = 3_000;

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
  const { config, log } = beginCommand(options);
  const signal = stopSignal();
  const parts = await unlessAborted(openParts(config, log), signal);
  const look = () => lookAll(parts, signal, options.json);
  const findings = await (parts.app
    ? withOpenApp(Promise.resolve(parts.app), signal, look)
    : look().finally(parts.close));
  const ok = findings.every(({ state }) => state !== 'failed');
  const addresses = config.alerts.enabled ? webhookAddresses(config) : null;
  if (options.json) printJson({ ok, findings: findings.map(toJson), ...addresses });
  else {
    printLegend();
    printAddresses(addresses);
    if (ok) printNote('', { text: SUCCESS, tone: 'good' });
    else printNote('', { text: 'Not everything is as it should be: see the lines with ✗.', tone: 'bad' });
  }
  return ok ? 0 : 1;
}

type OpenParts = CheckParts & { close(): void };

/** Where Redis cannot be worked with, the two sides can be asked all the same. */
async function openParts(config: Config, log: Logger): Promise<OpenParts> {
  try {
    const app = await openApp(config, log);
    const why = await app.redis.whyUnusable();
    if (why === null) return { app, sides: app, close: () => undefined };
    await Promise.race([app.close(), pause(CLOSE_WITHIN_MS)]);
    const said = `Redis at ${app.redis.describe} is not usable: ${ended(why)}`;
    throw new RemedyError(said, NOT_USABLE);
  } catch (trouble) {
    const { close, ...sides } = openSides(config, log);
    return { app: null, sides, trouble, close };
  }
}

async function lookAll(parts: CheckParts, signal: AbortSignal, isSilent: boolean): Promise<Finding[]> {
  const all: Finding[] = [];
  for (const probe of probesOf(parts, signal)) {
    const looking = unlessAborted(findingsOf(probe), signal);
    const findings = await (parts.app ? tellingWaits(parts.app, looking) : looking);
    signal.throwIfAborted();
    if (!isSilent) printFindings(probe.name, findings);
    all.push(...findings);
  }
  return all;
}

/** `ok` and `warning` say the same as `state`, in the words of earlier versions. */
function toJson({ name, state, message, remedy, counts }: Finding) {
  const isOk = { ok: state !== 'failed', warning: state === 'warning' };
  return { name, state, ...isOk, message, remedy: remedy || null, ...(counts && { counts }) };
}
