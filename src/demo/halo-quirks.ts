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
  tagMustBeUnique: false,
  batchRefusal: 'whole',
  unknownIdOnUpdate: 'error',
  wrongLoginType: false,
  rateLimit: { requests: 300, windowMs: 300_000 },
  retryAfter: 'none',
};
