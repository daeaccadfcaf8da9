import { hostname } from 'node:os';
import type { Config } from './config.js';

/** As Halo's own, so that a customer who moves changes the host name alone. It is read in any letter case. */
export const WEBHOOK_PATH = '/api/notify/connectwisermm';
/** As Halo's guide spells it. */
const GUIDE_PATH = '/api/notify/ConnectWiseRMM';

/** The two addresses that ConnectWise asks for. */
export interface WebhookAddresses {
  callbackUrl: string;
  /** With the token, where one is asked for: not for a log. */
  webhookUrl: string;
  /** `http.publicUrl` is left out, so that the host is a guess. */
  isGuess: boolean;
}

/** The addresses to paste into ConnectWise. */
export function webhookAddresses({ http, alerts }: Pick<Config, 'http' | 'alerts'>): WebhookAddresses {
  const callbackUrl = `${http.publicUrl ?? `http://${hostname()}:${http.port}`}${GUIDE_PATH}`;
  const token = alerts.authentication === 'token' ? encodeURIComponent(alerts.token ?? '') : null;
  return {
    callbackUrl,
    webhookUrl: token === null ? callbackUrl : `${callbackUrl}?token=${token}`,
    isGuess: http.publicUrl === undefined,
  };
}
