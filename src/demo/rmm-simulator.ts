import type { Faults } from './faults.js';
import type { Fleet } from './fleet.js';
import type { RecordedRequest } from './requests.js';
import { serveCompanies } from './rmm-companies.js';
import { makeRmmContext, type RmmSimulatorOptions } from './rmm-context.js';
import { serveDeviceList } from './rmm-device-list.js';
import { serveDevices } from './rmm-devices.js';
import { serveHeartbeat } from './rmm-heartbeat.js';
import type { RmmQuirks } from './rmm-quirks.js';
import { serveSignIn } from './rmm-sign-in.js';
import { serveTickets } from './rmm-tickets.js';
import type { Tokens } from './tokens.js';

export type { RmmSimulatorOptions } from './rmm-context.js';

export interface RmmSimulator {
  /** The root, without a trailing slash. */
  url: string;
  clientId: string;
  clientSecret: string;
  fleet: Fleet;
  quirks: RmmQuirks;
  faults: Faults;
  /** Set its length to 0 to forget what came so far. */
  requests: RecordedRequest[];
  tokens: Pick<Tokens, 'revokeAll'>;
  close(): Promise<void>;
}

/** Starts a ConnectWise RMM on 127.0.0.1 that answers as public material says the real one does. */
export async function startRmmSimulator(options: RmmSimulatorOptions = {}): Promise<RmmSimulator> {
  const context = makeRmmContext(options);
  serveSignIn(context);
  serveCompanies(context);
  serveDeviceList(context);
  serveDevices(context);
  serveHeartbeat(context);
  serveTickets(context);
  const { frame, fleet, quirks, tokens, key } = context;
  return {
    url: await frame.listen(options.port),
    clientId: key.clientId,
    clientSecret: key.clientSecret,
    fleet,
    quirks,
    faults: frame.faults,
    requests: frame.requests,
    tokens,
    close: frame.close,
  };
}
