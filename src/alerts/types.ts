import type { Logger } from 'pino';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import type { AlertOutcome } from '../store/alert-counts.js';
import type { AlertTickets } from '../store/alert-tickets.js';
import type { AlertSource, Condition, Conditions, Delivery } from '../store/conditions.js';
import type { PlaceParts } from './place.js';
import type { AlertRules } from './rules.js';
import type { Notice } from './ticket.js';

/** What alerts are worked with, the same for all of them. Its `halo` uses the part of the rate limit that is theirs. */
export interface AlertParts extends PlaceParts {
  config: Config;
  log: Logger;
  conditions: Conditions;
  alertTickets: AlertTickets;
  /** The config as alerts apply it; reads Halo the first time. @param halo left out: the one of these parts */
  alertRules(halo?: Api): Promise<AlertRules>;
  /** How long a ticket whose fate is not known is not sent again. */
  alertDoubtMs: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** One alert on its way to its ticket. */
export interface AlertWork extends Notice {
  /** Names its condition. */
  key: string;
  source: AlertSource;
  delivery: Delivery;
  /** It was begun before, and may have been cut off after a note was sent. */
  isRerun: boolean;
  /** Asked behind the gate, right before anything is changed in Halo; what it throws stops that. */
  before(): Promise<void>;
}

/** What became of an alert. */
export interface AlertResult {
  outcome: AlertOutcome;
  ticketId: number | null;
}

/** What one step did, and the condition after it. */
export interface Step extends AlertResult {
  condition: Condition;
}

/** Nothing can be said yet: the alert is to be looked at again, which is no failure. */
export class NotYet extends Error {
  override readonly name = 'NotYet';

  constructor(
    message: string,
    readonly waitMs: number,
  ) {
    super(message);
  }
}
