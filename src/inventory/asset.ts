import { type Expression, toText } from './expression.js';
import { fingerprint } from './fingerprint.js';
import { normaliseValue } from './junk.js';
import type { Company, Device } from './types.js';

/** `always`: the field follows the RMM. `ifEmpty`: filled where Halo has nothing. `onCreate`: only on a new asset. */
export type FieldMode = 'always' | 'ifEmpty' | 'onCreate';

/** What the config says of assets, its names resolved to ids. */
export interface AssetRules {
  defaultTypeId: number;
  /** What the RMM calls the device's type. */
  typeFrom: Expression;
  typeMappings: { rmm: string; typeId: number }[];
  doNotUpdateType: boolean;
  tag: Expression;
  /** `null`: assets are found by their stored RMM id and by their tag only. */
  matching: { fieldId: number; fieldName: string; value: Expression } | null;
  /** Tells the values that match nothing. */
  isJunk: (value: string) => boolean;
  /** Which devices to sync. */
  filter: Expression;
  fields: { id: number; name: string; value: Expression; when: FieldMode }[];
  /** Who becomes the asset's user; `null`: assets keep the users that they have. */
  user: { from: Expression; matchBy: 'email' | 'username' } | null;
  /** Asset type id → name, to show. */
  typeNames: ReadonlyMap<number, string>;
}

/** Where the assets of an RMM site stand in Halo. */
export interface Placement {
  company: Company;
  site: { id: string; name: string };
  haloSiteId: number;
  haloClientId: number;
}

export interface WantedField {
  id: number;
  name: string;
  value: string;
  when: FieldMode;
}

/** A device as its asset should stand in Halo. */
export interface WantedAsset {
  rmmId: string;
  companyId: string;
  name: string;
  /** "company / site" in the RMM, to show. */
  place: string;
  clientId: number;
  siteId: number;
  typeId: number;
  /** What the RMM calls the type where no row of the config knows it, so that it is the default one. */
  unmappedType: string | null;
  tag: string;
  /** The value of the matching field in the form that is compared; `null`: none, or junk. */
  matchingValue: string | null;
  /** Only those for which the RMM has a value: what it does not know is not erased in Halo. */
  fields: WantedField[];
  /** The asset's user as the RMM calls it; `null`: it knows of none, so the asset keeps its own. */
  user: string | null;
  fingerprint: string;
}

/**
 * Applies the config to a device.
 * @returns `null` where `assets.filter` leaves the device out.
 * @throws Error with a sentence where an expression fails on this device.
 */
export async function wantAsset(
  device: Device,
  placement: Placement,
  rules: AssetRules,
): Promise<WantedAsset | null> {
  const { company, site } = placement;
  const context = { ...device.record, name: device.name, category: device.category, company, site };
  if (!isTrue(await rules.filter.evaluate(context))) return null;
  const wanted = {
    rmmId: device.id,
    companyId: company.id,
    name: device.name,
    place: `${company.name} / ${site.name}`,
    clientId: placement.haloClientId,
    siteId: placement.haloSiteId,
    ...typeFor(toText(await rules.typeFrom.evaluate(context)).trim(), rules),
    tag: toText(await rules.tag.evaluate(context)).trim() || device.name,
    matchingValue: await matchingValue(context, rules),
    fields: await wantFields(context, rules),
    user: toText(await rules.user?.from.evaluate(context)).trim() || null,
  };
  return { ...wanted, fingerprint: fingerprintOf(wanted, rules) };
}

/** Truth as JSONata has it: an empty list or object, such as a search that found nothing, is false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue);
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function typeFor(rmmType: string, rules: AssetRules): Pick<WantedAsset, 'typeId' | 'unmappedType'> {
  const plain = normaliseValue(rmmType);
  const row = rules.typeMappings.find((each) => normaliseValue(each.rmm) === plain);
  return row
    ? { typeId: row.typeId, unmappedType: null }
    : { typeId: rules.defaultTypeId, unmappedType: rmmType };
}

async function matchingValue(context: unknown, rules: AssetRules): Promise<string | null> {
  const value = toText(await rules.matching?.value.evaluate(context));
  return rules.isJunk(value) ? null : normaliseValue(value);
}

/** Of several rows for one field, the first that has a value goes: two would overwrite one another for ever. */
async function wantFields(context: unknown, rules: AssetRules): Promise<WantedField[]> {
  const fields = new Map<number, WantedField>();
  for (const { id, name, value, when } of rules.fields) {
    const text = toText(await value.evaluate(context)).trim();
    if (text !== '' && !fields.has(id)) fields.set(id, { id, name, value: text, when });
  }
  return [...fields.values()];
}

/**
 * What is only said on create never makes a later run write, so it does not count. The matching value does: one that was
 * corrected may find the asset that was ambiguous before.
 */
function fingerprintOf(wanted: Omit<WantedAsset, 'fingerprint'>, rules: AssetRules): string {
  const fields = wanted.fields.filter((field) => field.when !== 'onCreate');
  const { clientId, siteId, typeId, tag, matchingValue: value, user } = wanted;
  const type = rules.doNotUpdateType ? null : typeId;
  return fingerprint([clientId, siteId, type, tag, value, fields, ...(user === null ? [] : [user])]);
}
