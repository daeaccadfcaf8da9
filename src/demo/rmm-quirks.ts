import type { RateLimit, RetryAfter } from './rolling-limit.js';

/**
 * What is not known for certain of ConnectWise RMM's API, or differs between tenants. May be changed at any time.
 * The defaults are what most evidence speaks for.
 */
export interface RmmQuirks {
  /** Companies and sites come in pages of this size with a Link header; `null`: all at once. */
  companyPageSize: number | null;
  /**
   * Companies, sites and the statuses of tickets come as `{companies: […]}`, `{sites: […]}` and `{statuses: […]}`, as
   * some clients prepare for.
   */
  wrappedLists: boolean;
  /** One real tenant wants GET with a body where another wants POST. */
  deviceListMethod: 'POST' | 'GET' | 'both';
  /** What the verb that is not wanted is answered with. */
  wrongMethodStatus: 404 | 405;
  /** `false`: groups are by company only, and nothing in the v2 list names the site. */
  groupsCarrySiteId: boolean;
  /** One company without devices among several: 404 for the whole request. */
  emptyCompanyPoisonsGroup: boolean;
  /** 400 for any request of the v2 list or detail with `field`. */
  refuseFieldParameter: boolean;
  /** The names that `field` knows on v2; one that it does not know is answered with 400. */
  supportedFields: string[];
  /** More ids in one v2 list request are answered with 400; `null`: any number. */
  maxCompaniesPerRequest: number | null;
  /** More ids in one request for heartbeats or system states are answered with 400. */
  maxHeartbeatResources: number;
  /** What these two take as `resourceType`: on one real tenant it was `clients` before it was `companies`. */
  heartbeatResourceType: 'companies' | 'clients';
  /** Keys of heartbeats begin with a small letter, as one client prepares for. */
  camelCaseHeartbeat: boolean;
  /** System states come in groups, like heartbeats, as the one client says that reads them; `false`: one by one. */
  groupedSystemStates: boolean;
  /** Ids in answers: `mixed` writes those of devices in capitals, those of companies and sites not. */
  upperCaseIds: boolean | 'mixed';
  /** The v2 list never gives more rows than this, whatever `limit` asks for. */
  pageCap: number;
  /** Which version of the API tickets are read with; the other is answered with 404. */
  ticketApi: 'v1' | 'v2' | 'both';
  /** The list of tickets never gives more rows than this, whatever `pageSize` asks for. */
  ticketPageCap: number;
  /** A last page that is full names a next one, which is answered with 404. */
  nextLinkAfterLastPage: boolean;
  /** Companies and sites of devices on v1 come in another numbering than in the lists of these. */
  legacyIdsOnDevices: boolean;
  /** The v1 detail lacks friendlyName and the device's id, as has been seen. */
  incompleteDetail: boolean;
  /** Dates that are not set are written as 0001-01-01T00:00:00Z. */
  zeroDates: boolean;
  /**
   * What becomes of a sign-in that asks for a scope which the key was not granted: it is refused, in one of three ways
   * that clients prepare for, or it brings a token without that scope, as OAuth allows.
   */
  ungrantedScope: 'invalid_scope' | 'invalid_client' | 'forbidden' | 'dropped';
  /** The sign-in is answered with `Access_Token`, as some clients prepare for. */
  capitalisedToken: boolean;
  /** More sign-ins than this lock the key for the rest of the window: 423. `null`: never. */
  tokenLimit: RateLimit | null;
  rateLimit: RateLimit;
  retryAfter: RetryAfter;
}

export const RMM_QUIRKS: RmmQuirks = {
  companyPageSize: null,
  wrappedLists: false,
  deviceListMethod: 'POST',
  wrongMethodStatus: 405,
  groupsCarrySiteId: true,
  emptyCompanyPoisonsGroup: false,
  refuseFieldParameter: false,
  supportedFields: [
    'deviceName',
    'friendlyName',
    'resourceType',
    'endpointType',
    'type',
    'ipAddress',
    'macAddress',
    'os',
    'system',
    'baseboard',
    'bios',
    'networks',
    'processors',
    'physicalMemory',
    'drives',
    'users',
    'createTimeUTC',
    'agentInstalledUTC',
  ],
  maxCompaniesPerRequest: null,
  maxHeartbeatResources: 4,
  heartbeatResourceType: 'companies',
  camelCaseHeartbeat: false,
  groupedSystemStates: true,
  upperCaseIds: false,
  pageCap: 500,
  ticketApi: 'both',
  ticketPageCap: 100,
  nextLinkAfterLastPage: false,
  legacyIdsOnDevices: false,
  incompleteDetail: false,
  zeroDates: false,
  ungrantedScope: 'invalid_scope',
  capitalisedToken: false,
  tokenLimit: { requests: 20, windowMs: 60_000 },
  rateLimit: { requests: 500, windowMs: 300_000 },
  retryAfter: 'none',
};
