import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE, UNAUTHORISED } from '../../src/demo/faults.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { survives } from './row.js';
import { liveThrough, type Party, type Spell } from './spell.js';
import type { FaultWorld } from './world.js';

type Case = Pick<Spell, 'lastsMs' | 'says' | 'fromStart' | 'recoversWithinMs'> & {
  fault: string;
  promise: string;
  parties: readonly Party[];
  /** Read when it begins: a date is then. */
  action: () => FaultAction;
  /** Left out: each request, sign-ins too. */
  match?: (request: RecordedRequest) => boolean;
  also?: (world: FaultWorld) => void;
  config?: Record<string, Record<string, unknown>>;
};

const BOTH: Party[] = ['Halo', 'ConnectWise RMM'];
const ON = 'it is asked again, and work goes on where it was';
const LOOKED_UP = 'each create is looked up at once, and none is sent twice';

const creates = ({ method, path }: RecordedRequest) =>
  method === 'POST' && /\/(Asset|Site|Tickets)$/i.test(path);
const busy = (headers: Record<string, string>) => (): FaultAction => ({
  do: 'answer',
  status: 429,
  body: 'Rate Limit Reached',
  headers,
});
/** Fits the eighth request, sign-ins not counted. */
function eighth(): (request: RecordedRequest) => boolean {
  let seen = 0;
  return ({ path }) => !/token$/.test(path) && ++seen === 8;
}
const answering = (status: number) => (): FaultAction => ({ do: 'answer', status, body: 'Not now' });
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

const CASES: Case[] = [
  {
    fault: '429 with Retry-After of 5 s to each request',
    promise: 'nobody asks before that time is over',
    parties: BOTH,
    action: busy({ 'retry-after': '5' }),
    lastsMs: 8_000,
    says: /answered 429: Rate Limit Reached\. Waiting until the rate limit opens again/,
  },
  {
    fault: '429 with Retry-After as a date',
    promise: 'nobody asks before that date',
    parties: ['Halo'],
    action: () => busy({ 'retry-after': inSeconds(10) })(),
    lastsMs: 5_000,
    says: /answered 429: Rate Limit Reached\. Waiting until the rate limit opens again/,
  },
  {
    fault: '429 without Retry-After',
    promise: 'nobody asks for a minute',
    parties: ['Halo'],
    action: busy({}),
    lastsMs: 2_000,
    recoversWithinMs: 65_000,
    says: /answered 429: Rate Limit Reached\. Waiting until the rate limit opens again/,
  },
  {
    fault: '500 after the work was done, to creates of sites, assets and tickets',
    promise: LOOKED_UP,
    parties: ['Halo'],
    fromStart: true,
    action: () => ERROR_AFTER_WORK,
    match: creates,
    lastsMs: 0,
    says: /^Run \S+ succeeded/,
  },
  {
    fault: 'no answer after the work was done, to creates of sites, assets and tickets',
    promise: LOOKED_UP,
    parties: ['Halo'],
    fromStart: true,
    action: () => ({ do: 'hang', afterWork: true }),
    match: creates,
    lastsMs: 0,
    says: /^Run \S+ succeeded/,
  },
  {
    fault: '500 before the work was done, to creates of assets and tickets',
    promise:
      'none is sent again before a quarter of an hour (tickets: two minutes) is over, since it may still come to be',
    parties: ['Halo'],
    action: answering(500),
    match: creates,
    lastsMs: 3_000,
    says: /whether Halo made this change is not known \(.*Halo answered 500: Not now/,
  },
  {
    fault: 'no answer at all',
    promise: ON,
    parties: BOTH,
    action: () => ({ do: 'hang' }),
    lastsMs: 22_000,
    says: /no answer from (Halo|ConnectWise RMM) within 2 s/,
  },
  {
    fault: 'a page of HTML with 200 in place of each answer',
    promise: ON,
    parties: BOTH,
    action: () => HTML_PAGE,
    lastsMs: 22_000,
    says: /answered 200 with something other than JSON: <!DOCTYPE html>/,
  },
  {
    fault: 'each answer is cut in half, with 200',
    promise: ON,
    parties: BOTH,
    action: () => ({ do: 'truncate' }),
    lastsMs: 10_000,
    says: /with something other than JSON|no token could be read/,
  },
  {
    fault: '500 to each request',
    promise: ON,
    parties: BOTH,
    action: answering(500),
    lastsMs: 22_000,
    says: /answered 500: Not now/,
  },
  {
    fault: '503 to each request for two minutes, with the real rate limit',
    promise: 'what is asked meanwhile leaves room for the work afterwards',
    parties: ['Halo'],
    action: answering(503),
    lastsMs: 120_000,
    config: { halo: { rateLimit: { requests: 270, window: '5m', reservedForAlerts: 30 } } },
    says: /^Halo is away: .* answered 503: Not now/,
  },
  {
    fault: '401 to the eighth request, in the middle of paging',
    promise: 'it signs in anew, once, and the page is asked for again',
    parties: BOTH,
    action: () => UNAUTHORISED,
    match: eighth(),
    also: ({ rmm }) => Object.assign(rmm.quirks, { pageCap: 20 }),
    lastsMs: 8_000,
    says: /^Run \S+ succeeded/,
  },
  {
    fault: '423 at the sign-in for 10 s, when the token was revoked',
    promise: 'it is not asked for a minute, since asking would prolong that',
    parties: ['ConnectWise RMM'],
    action: answering(423),
    match: ({ path }) => /token$/.test(path),
    also: ({ rmm }) => rmm.tokens.revokeAll(),
    lastsMs: 10_000,
    recoversWithinMs: 65_000,
    says: /answered 423/,
  },
  {
    fault: '404 to each list of devices, as where there are none',
    promise: 'nothing is taken for gone',
    parties: ['ConnectWise RMM'],
    action: () => ({ do: 'answer', status: 404, body: { error: 'not found' } }),
    match: ({ path }) => /devices|endpoints/i.test(path),
    lastsMs: 15_000,
    says: /ConnectWise RMM listed no device of any company/,
  },
];

/** A list of devices takes ten requests. */
const rmm = { timeout: '2s', companiesPerRequest: 1 };

/** Tests of what one of the two APIs answers, and does not. */
export function survivesAnswersOf(party: Party): void {
  for (const each of CASES.filter(({ parties }) => parties.includes(party))) {
    const { fault, promise, action, match = () => true, also, config, parties: _, ...rest } = each;
    const spell: Spell = {
      ...rest,
      party,
      begin(world) {
        const { faults } = party === 'Halo' ? world.halo : world.rmm;
        faults.clear(); // How long writes take is one, and the first that fits a request hits it.
        const active = faults.add({ match, action: action() });
        also?.(world);
        return () => active.remove();
      },
      options: { config: { halo: { timeout: '2s', ...config?.halo }, rmm } },
    };
    survives({ party, fault, promise }, 400_000, () => liveThrough(spell));
  }
}
