import type { Config } from './config.js';

/** As Halo's own, so that a customer who moves changes the host name alone. It is read in any letter case. */
export const WEBHOOK_PATH = '/api/notify/connectwisermm';
/** As Halo's guide spells it. */
const GUIDE_PATH = '/api/notify/ConnectWiseRMM';

/** Stands where nobody but the reader knows what belongs there: a guess would be pasted as it is. */
export const NAME_TO_FILL_IN = '<your public name>';
export const TOKEN_TO_FILL_IN = '<your alerts.token>';

/** The two addresses that ConnectWise asks for. */
export interface WebhookAddresses {
  callbackUrl: string;
  /** With the token, or what stands for it, where one is asked for. */
  webhookUrl: string;
  /** `http.publicUrl` is left out, so that the name of the host is to be filled in. */
  isGuess: boolean;
  /** Whether the token is to be filled in as well. */
  isTokenHidden: boolean;
}

/** The addresses to paste into ConnectWise. @param showsToken not for a log. */
export function webhookAddresses(
  { http, alerts }: Pick<Config, 'http' | 'alerts'>,
  showsToken: boolean,
): WebhookAddresses {
  const callbackUrl = `${http.publicUrl ?? `https://${NAME_TO_FILL_IN}`}${GUIDE_PATH}`;
  const wantsToken = alerts.authentication === 'token';
  const token = showsToken ? encodeURIComponent(alerts.token ?? '') : TOKEN_TO_FILL_IN;
  return {
    callbackUrl,
    webhookUrl: wantsToken ? `${callbackUrl}?token=${token}` : callbackUrl,
    isGuess: http.publicUrl === undefined,
    isTokenHidden: wantsToken && !showsToken,
  };
}
