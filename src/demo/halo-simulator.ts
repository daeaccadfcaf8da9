import type { Faults } from './faults.js';
import { serveActions } from './halo-actions.js';
import { serveAssetTypes } from './halo-asset-types.js';
import { serveAssets } from './halo-assets.js';
import { serveClients } from './halo-clients.js';
import { type HaloSimulatorOptions, makeHaloContext } from './halo-context.js';
import type { HaloQuirks } from './halo-quirks.js';
import { serveSignIn } from './halo-sign-in.js';
import { serveSites } from './halo-sites.js';
import type { HaloState } from './halo-state.js';
import { serveTicketChoices } from './halo-ticket-choices.js';
import { serveTickets } from './halo-tickets.js';
import { serveUsers } from './halo-users.js';
import type { RecordedRequest } from './requests.js';
import type { Tokens } from './tokens.js';

export type { HaloSimulatorOptions } from './halo-context.js';

export interface HaloSimulator {
  /** The root of the instance, without a trailing slash: `/api` and `/auth` are below it. */
  url: string;
  clientId: string;
  clientSecret: string;
  state: HaloState;
  quirks: HaloQuirks;
  faults: Faults;
  /** Set its length to 0 to forget what came so far. */
  requests: RecordedRequest[];
  tokens: Pick<Tokens, 'revokeAll'>;
  close(): Promise<void>;
}

/** Starts a Halo on 127.0.0.1 that answers as public material says the real one does. Paths are read in any case. */
export async function startHaloSimulator(options: HaloSimulatorOptions = {}): Promise<HaloSimulator> {
  const context = makeHaloContext(options);
  serveSignIn(context);
  serveClients(context);
  serveSites(context);
  serveUsers(context);
  serveAssetTypes(context);
  serveAssets(context);
  serveTicketChoices(context);
  serveTickets(context);
  serveActions(context);
  const { frame, state, quirks, tokens, key } = context;
  return {
    url: await frame.listen(options.port),
    clientId: key.clientId,
    clientSecret: key.clientSecret,
    state,
    quirks,
    faults: frame.faults,
    requests: frame.requests,
    tokens,
    close: frame.close,
  };
}
