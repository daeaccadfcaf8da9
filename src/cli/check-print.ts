import { NAME_TO_FILL_IN, type WebhookAddresses } from '../config/webhook-address.js';
import { ended } from '../inventory/sentence.js';
import type { Finding, State } from '../sync/probe.js';
import { print, printNote } from './print.js';

const MARKS: Record<State, string> = { ok: '✓ ', warning: '! ', failed: '✗ ', notAsked: '– ' };
const FILL_IN =
  `In place of ${NAME_TO_FILL_IN}, put the name under which ConnectWise reaches your reverse proxy: it is not known here, ` +
  'since http.publicUrl is not set.';
const LEGEND = '✓ proved   ! works, look at it   ✗ mend it   – not asked';
/** Of more lines than these, only those are shown that a person should look at. */
const MOST_LINES = 20;

/** Prints what one probe has found. @param name of the probe, for what it does not show singly. */
export function printFindings(name: string, findings: readonly Finding[]): void {
  const isLong = findings.length > MOST_LINES;
  const shown = isLong ? findings.filter(({ state }) => state !== 'ok') : findings;
  for (const finding of shown) printFinding(finding);
  if (!isLong) return;
  const others = findings.length - shown.length;
  printFinding({
    name,
    state: 'ok',
    message: `${shown.length > 0 ? 'the other' : 'all'} ${others} are known`,
  });
}

function printFinding({ name, state, message, remedy }: Finding): void {
  printNote(MARKS[state], `${name}: ${remedy ? `${ended(message)} ${remedy}` : message}`);
}

/** What the marks mean. */
export function printLegend(): void {
  print();
  printNote('', { text: LEGEND, tone: 'quiet' });
}

/** The addresses for ConnectWise, each on a line of its own to be copied; `null`: there is no webhook. */
export function printAddresses(addresses: WebhookAddresses | null): void {
  print();
  if (!addresses) return;
  print('Paste into ConnectWise:');
  print('  Callback URL (method GET)');
  print(`    ${addresses.callbackUrl}`);
  print('  Webhook URL');
  print(`    ${addresses.webhookUrl}`);
  if (addresses.isGuess) printNote('  ', FILL_IN);
  print();
}
