import type { RateLimit, RetryAfter } from './rolling-limit.js';

/**
 * What is not known for certain of Halo's API, or is a setting of the instance. May be changed at any time. The
 * defaults are what most evidence speaks for; where there is none, the answer that is harder to live with.
 */
export interface HaloQuirks {
  /** A list never gives more rows than this in one page, whatever `page_size` asks for, and does not say so. */
  pageCap: number;
  /** Past the last page, `record_count` is 0. */
  zeroCountPastEnd: boolean;
  /** `page_no` has no effect: each page is the first. */
  ignoresPageNumber: boolean;
  /** How the filter `inventory_number` compares. */
  inventoryNumberFilter: 'anyCase' | 'exactCase' | 'substring';
  /** With `returnall=true`, POST answers with each object that was sent, not only the last. */
  honoursReturnAll: boolean;
  /** With `returnall=true`, the objects come last first. */
  reversesReturnAll: boolean;
  /** With `returnall=true`, even an array of one is answered with an array. */
  returnAllWrapsOne: boolean;
  /** `fields` of an update replaces all fields of the asset; `false`: it is merged into them. */
  partialFieldsWipe: boolean;
  /** Keeps `connectwisermm_id` of assets. */
  storesRmmId: boolean;
  /** Shows `connectwisermm_id` in lists, not only in the detail. */
  listsRmmId: boolean;
  /** Shows the name of an asset's user in lists that ask for it with `includeuser`, not only in the detail. */
  listsUser: boolean;
  /** Lists of tickets can be filtered by `third_party_id_string`; `false`: the filter is ignored. */
  filtersTicketMarker: boolean;
  /** Shows `third_party_id_string` in lists of tickets, not only in the detail. */
  listsTicketMarker: boolean;
  /**
   * What becomes of a ticket whose user belongs to another client: it is kept as it was sent, it is refused, or it
   * goes to the user's site and client.
   */
  ticketUserOfOtherClient: 'accept' | 'refuse' | 'moveToUser';
  /** A setting: the property without which no ticket is taken; `null`: none. */
  requiredTicketProperty: string | null;
  /** A setting: the status of tickets that are closed. */
  closedStatusId: number;
  /** `hasbeenclosed` stays true when a ticket is opened again. */
  hasBeenClosedSticks: boolean;
  /** Halo notes by itself in the history of a ticket that it was created. */
  systemActions: boolean;
  /** The API's agent may not add actions to tickets. */
  refusesNotes: boolean;
  /** The outcomes that actions may have that the API's agent adds; `null`: any. */
  allowedOutcomes: number[] | null;
  /** `site_id` of users comes as text, "95.0", as one client has seen; `site_id_int` beside it is a number. */
  usersSiteIdAsText: boolean;
  /** A setting: two assets cannot have the same tag. */
  tagMustBeUnique: boolean;
  /** Where one object of an array is refused: nothing is written, or those before it are. */
  batchRefusal: 'whole' | 'upToBadItem';
  /** What a write to an id that does not exist does; `create` gives it another id. */
  unknownIdOnUpdate: 'error' | 'create' | 'ignore';
  /** The API application has the wrong login type: the sign-in is answered with 403. */
  wrongLoginType: boolean;
  rateLimit: RateLimit;
  retryAfter: RetryAfter;
}

export const HALO_QUIRKS: HaloQuirks = {
  pageCap: 100,
  zeroCountPastEnd: true,
  ignoresPageNumber: false,
  inventoryNumberFilter: 'anyCase',
  honoursReturnAll: true,
  reversesReturnAll: false,
  returnAllWrapsOne: true,
  partialFieldsWipe: true,
  storesRmmId: true,
  listsRmmId: true,
  listsUser: true,
  filtersTicketMarker: false,
  listsTicketMarker: false,
  ticketUserOfOtherClient: 'accept',
  requiredTicketProperty: null,
  closedStatusId: 9,
  hasBeenClosedSticks: false,
  systemActions: true,
  refusesNotes: false,
  allowedOutcomes: null,
  usersSiteIdAsText: false,
  tagMustBeUnique: false,
  batchRefusal: 'whole',
  unknownIdOnUpdate: 'error',
  wrongLoginType: false,
  rateLimit: { requests: 300, windowMs: 300_000 },
  retryAfter: 'none',
};
