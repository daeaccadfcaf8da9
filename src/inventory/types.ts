/**
 * The nouns that both sides share. No I/O, no vendor spelling: `rmm` and `halo` translate into these once,
 * at their edge, and everything that decides speaks only of these.
 *
 * RMM ids are lower-case strings: ConnectWise RMM spells one id in several ways, and ids are compared
 * without regard to case. Halo ids are whole numbers.
 */

/** Anything read from the RMM that an expression of the config may look into. */
export type RmmRecord = Record<string, unknown>;

export interface Company {
  id: string;
  name: string;
}

/** A site in ConnectWise RMM. */
export interface RmmSite {
  id: string;
  name: string;
  company: Company;
  /** The whole record as the RMM sent it, for the expressions under `sites.fields`. */
  record: RmmRecord;
}

export type DeviceCategory = 'platform' | 'network' | 'cloud';

/** A device (endpoint) in ConnectWise RMM: one record per device, whatever the spelling of its ids. */
export interface Device {
  id: string;
  name: string;
  companyId: string;
  /** `null`: the RMM named no site for it. */
  siteId: string | null;
  category: DeviceCategory;
  /** The whole record with ids spelled `endpointId`, `companyId`, `siteId` and `baseBoard` as in v1. */
  record: RmmRecord;
}

/** A client (customer) in Halo. */
export interface HaloClient {
  id: number;
  name: string;
  inactive: boolean;
}

/** A site in Halo. */
export interface HaloSite {
  id: number;
  name: string;
  clientId: number;
  inactive: boolean;
  /** The whole record as Halo sent it, to compare the properties named in `sites.fields`. */
  record: Record<string, unknown>;
}

/** A user (contact) of a client in Halo. Addresses and logins in the form that is compared. */
export interface HaloUser {
  id: number;
  name: string;
  clientId: number;
  /** Left out: Halo did not say. */
  siteId?: number;
  inactive: boolean;
  emails: string[];
  logins: string[];
}

export interface HaloAssetType {
  id: number;
  name: string;
}

/** The definition of a custom field of assets in Halo. */
export interface HaloField {
  id: number;
  name: string;
}

/** A field's value on one asset. Halo keeps values as text. */
export interface FieldValue {
  id: number;
  value: string;
}

/** An asset in Halo. */
export interface HaloAsset {
  id: number;
  /** Halo's `inventory_number`, on its pages "Asset Tag". */
  tag: string;
  clientId: number;
  siteId: number;
  typeId: number;
  inactive: boolean;
  /** "client / site" as Halo names them, to show. Left out: Halo did not say. */
  place?: string;
  /** The name of its first user; '': it has none. Left out: Halo did not say. */
  user?: string;
  /** Left out: the listing carried none. */
  notes?: string;
  /** `connectwisermm_id`, where this instance of Halo keeps it. */
  rmmId: string | null;
  /** `null`: the listing carried no fields, so nothing is known of them. */
  fields: FieldValue[] | null;
  /** `true`: it has fields that cannot be read. Written back without them, the array would wipe them. */
  lacksFields?: true;
}
