import type { RecordedRequest } from './requests.js';

/** What a fault does to a request. `afterWork`: the request was carried out first, and only the answer is lost. */
export type FaultAction =
  | {
      do: 'answer';
      status: number;
      body?: string | object;
      headers?: Record<string, string>;
      afterWork?: boolean;
    }
  /** No answer, ever: the connection stays open until the simulator closes. */
  | { do: 'hang'; afterWork?: boolean }
  /** The connection is broken off. */
  | { do: 'hangUp'; afterWork?: boolean }
  /** The right answer, late. */
  | { do: 'delay'; ms: number; afterWork?: boolean }
  /** The right status with the first half of the body. */
  | { do: 'truncate' };

/** The sign-in was revoked in between. */
export const UNAUTHORISED: FaultAction = {
  do: 'answer',
  status: 401,
  body: { error: 'unauthorized request' },
};

/** The work is done, and the answer says that it is not. */
export const ERROR_AFTER_WORK: FaultAction = {
  do: 'answer',
  status: 500,
  body: 'An error occurred while processing your request.',
  afterWork: true,
};

/** What a proxy or a maintenance page in front of the API sends. */
export const HTML_PAGE: FaultAction = {
  do: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>',
};

export interface FaultRule {
  match: (request: RecordedRequest) => boolean;
  /** How many requests are hit; left out: each one that matches. */
  times?: number;
  action: FaultAction;
}

/** A fault that was turned on. */
export interface ActiveFault {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Turns it off. */
  remove(): void;
}

export interface Faults {
  /** Turns a fault on. Where several match a request, the one that was added first hits it. */
  add(rule: FaultRule): ActiveFault;
  /** Hits the n-th request from now on, 1 being the next; sign-ins are not counted. */
  failAtRequest(n: number, action: FaultAction): ActiveFault;
  /** Turns all faults off. */
  clear(): void;
}

type Entry = FaultRule & { hits: number };

/** The faults of one simulator, and the function that finds what hits a request. */
export function makeFaults(isSignIn: (request: RecordedRequest) => boolean): {
  faults: Faults;
  take: (request: RecordedRequest) => FaultAction | null;
} {
  let entries: Entry[] = [];
  const add = (rule: FaultRule): ActiveFault => {
    const entry: Entry = { ...rule, hits: 0 };
    entries.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        entries = entries.filter((other) => other !== entry);
      },
    };
  };
  const failAtRequest = (n: number, action: FaultAction): ActiveFault => {
    let seen = 0;
    return add({ match: (request) => !isSignIn(request) && ++seen === n, times: 1, action });
  };
  const clear = () => {
    entries = [];
  };
  return { faults: { add, failAtRequest, clear }, take: (request) => take(entries, request) };
}

/** Each rule is asked, even when one has hit already: `failAtRequest` counts by being asked. */
function take(entries: readonly Entry[], request: RecordedRequest): FaultAction | null {
  const matching = entries.filter((entry) => entry.match(request) && entry.hits < (entry.times ?? Infinity));
  const [first] = matching;
  if (!first) return null;
  first.hits += 1;
  return first.action;
}
