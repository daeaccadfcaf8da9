import type { AssetRules, WantedAsset } from './asset.js';
import { companyTest } from './scope.js';
import { counted } from './sentence.js';
import { fitsRow, type SiteRules } from './site.js';
import type { Company, RmmSite } from './types.js';

/** What a plan sees of the RMM, to tell which parts of the config fit nothing there. */
export interface Survey {
  companies: Company[];
  sites: RmmSite[];
  /** Devices that the config was applied to. */
  devices: number;
  /** Those among them that `assets.filter` leaves out. */
  leftOut: number;
  /** Those with a value of the matching field, junk not counted. */
  withMatchingValue: number;
  /** The fields that some device has a value for, by Halo's ids. */
  filledFields: Set<number>;
  /** How many devices are of the default asset type, by what the RMM calls theirs. */
  unmappedTypes: Map<string, number>;
}

export function emptySurvey(): Survey {
  return {
    companies: [],
    sites: [],
    devices: 0,
    leftOut: 0,
    withMatchingValue: 0,
    filledFields: new Set(),
    unmappedTypes: new Map(),
  };
}

/** @param wanted `null`: the config leaves the device out. */
export function surveyDevice(survey: Survey, wanted: WantedAsset | null): void {
  survey.devices += 1;
  if (!wanted) survey.leftOut += 1;
  if (wanted && wanted.matchingValue !== null) survey.withMatchingValue += 1;
  const type = wanted?.unmappedType ?? null;
  if (type !== null) survey.unmappedTypes.set(type, 1 + (survey.unmappedTypes.get(type) ?? 0));
  for (const { id } of wanted?.fields ?? []) survey.filledFields.add(id);
}

/** What the RMM calls the devices of the default type, the most frequent first. */
export function typesByDefault(unmappedTypes: Survey['unmappedTypes']): { type: string; devices: number }[] {
  const types = [...unmappedTypes].map(([type, devices]) => ({ type, devices }));
  return types.sort((one, other) => other.devices - one.devices);
}

/** Fewer devices may well have nothing to say of a field. */
const TELLING_DEVICES = 5;

interface Asked {
  scope: { include: readonly string[]; exclude: readonly string[] };
  sites: Pick<SiteRules, 'mappings'>;
  assets: Pick<AssetRules, 'matching' | 'fields'>;
}

/** What a plan warns of: the parts of the config that fit nothing, and the devices that it leaves out. */
export function describeSurvey(survey: Survey, asked: Asked): string[] {
  const leftOut =
    survey.leftOut > 0 ? [`${counted(survey.leftOut, 'device')} left out by assets.filter.`] : [];
  return [...describeIdle(survey, asked), ...leftOut];
}

/** A sentence for each name, row and expression of the config that fits nothing in the RMM: a slip of the pen, most likely. */
export function describeIdle(survey: Survey, { scope, sites, assets }: Asked): string[] {
  return [
    ...idlePatterns('companies.include', scope.include, survey.companies),
    ...idlePatterns('companies.exclude', scope.exclude, survey.companies),
    ...idleMappings(sites.mappings, survey.sites),
    ...idleExpressions(assets, survey),
  ];
}

function idlePatterns(key: string, patterns: readonly string[], companies: readonly Company[]): string[] {
  const fitsNone = (pattern: string) => !companies.some(companyTest({ include: [pattern], exclude: [] }));
  if (companies.length === 0) return [];
  return patterns
    .filter(fitsNone)
    .map((pattern) => `${key}: "${pattern}" fits no company of ConnectWise RMM.`);
}

function idleMappings(mappings: SiteRules['mappings'], sites: readonly RmmSite[]): string[] {
  if (sites.length === 0) return [];
  return mappings.flatMap((row, index) =>
    sites.some((site) => fitsRow(row, site))
      ? []
      : [`sites.mappings[${index}]: "${row.company} / ${row.site}" fits no site of ConnectWise RMM.`],
  );
}

function idleExpressions({ matching, fields }: Asked['assets'], survey: Survey): string[] {
  const devices = survey.devices - survey.leftOut;
  const gave = (key: string, text: string) =>
    `${key} (${text}) gave no value for any of ${counted(devices, 'device')}: is it spelled as the RMM spells it?`;
  const idle = fields.flatMap(({ id, value }, index) =>
    survey.filledFields.has(id) || devices < TELLING_DEVICES
      ? []
      : [gave(`assets.fields[${index}].rmm`, value.text)],
  );
  if (!matching || devices === 0 || survey.withMatchingValue > 0) return idle;
  return [
    `${gave('assets.matching.rmm', matching.value.text)} What was entered in Halo by hand is made a second time.`,
    ...idle,
  ];
}
