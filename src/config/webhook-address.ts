import type { Config } from './config.js';

/** As Halo's own, so that a customer who moves changes the host name alone. It is read in any letter case. */
export const WEBHOOK_PATH = '/api/notify/connectwisermm';
/** As Halo's guide spells it. */
const GUIDE_PATH = '/api/notify/ConnectWiseRMM';

/** Stands where nobody but the reader knows what belongs there: a guess would be pasted as it is. */
export const NAME_TO_FILL_IN = '<your public name>';

/** The two addresses that ConnectWise asks for: one, since both are asked for the token. */
export interface WebhookAddresses {
  /** With the token, where one is asked for: not for a log. */
  callbackUrl: string;
  webhookUrl: string;
  /** `http.publicUrl` is left out, so that the name of the host is to be filled in. */
  isGuess: boolean;
}

/** The addresses to paste into ConnectWise. */
export function webhookAddresses({ http, alerts }: Pick<Config, 'http' | 'alerts'>): WebhookAddresses {
  const query = alerts.authentication === 'token' ? `?token=${encodeURIComponent(alerts.token ?? '')}` : '';
  const url = `${http.publicUrl ?? `https://${NAME_TO_FILL_IN}`}${GUIDE_PATH}${query}`;
  return { callbackUrl: url, webhookUrl: url, isGuess: http.publicUrl === undefined };
}
