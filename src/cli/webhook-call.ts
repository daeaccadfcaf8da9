import type { Config } from '../config/config.js';
import { WEBHOOK_PATH } from '../config/webhook-address.js';
import { RemedyError } from '../inventory/remedy.js';
import { ended, messageOf } from '../inventory/sentence.js';

const WITHIN_MS = 15_000;
/** Something else may listen there, with a whole page. */
const LONGEST_ANSWER = 200;

/** The webhook of a daemon on this machine. */
export function webhookRoot({ host, port }: Config['http']): string {
  return `http://${reachable(host)}:${port}`;
}

/** The address of a server that listens everywhere, as seen from here. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Sends a body, called JSON, to the webhook at `root`. The address with its token stays in here: no error may repeat it.
 * @throws RemedyError where it is not reached.
 */
export async function callWebhook(
  { alerts }: Config,
  root: string,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const url = new URL(WEBHOOK_PATH, root);
  if (alerts.authentication === 'token') url.searchParams.set('token', alerts.token ?? '');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
    });
    return { status: answer.status, text: (await answer.text()).slice(0, LONGEST_ANSWER) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new RemedyError(
      `The webhook at ${root} was not reached: ${ended(cause)}`,
      'Is the daemon up? halo-integrator start',
    );
  }
}
