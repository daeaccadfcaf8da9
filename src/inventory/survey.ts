import type { AssetRules, WantedAsset } from './asset.js';
import { lookUpRmmNames, whyIdle } from './rmm-names.js';
import { counted, ended } from './sentence.js';
import type { SiteRules } from './site.js';
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
  /** Those that the config could not be applied to, and why. */
  failing: { name: string; message: string }[];
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
    failing: [],
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
function describeIdle(survey: Survey, asked: Asked): string[] {
  const expressions = idleExpressions(asked.assets, survey);
  return [
    ...idleNames(asked, survey),
    ...expressions.map(({ path, said, remedy }) => `${path} ${ended(said)} ${remedy}`),
  ];
}

/** Where nothing was listed, nothing can be missed. */
function idleNames({ scope, sites }: Asked, survey: Survey): string[] {
  const names = lookUpRmmNames({ scope, mappings: sites.mappings }, survey.companies, survey.sites);
  const isListed = { company: survey.companies.length > 0, site: survey.sites.length > 0 };
  return names.flatMap((name) => {
    if (name.fitting.length > 0 || !isListed[name.noun]) return [];
    const { said, remedy } = whyIdle(name);
    return `${name.path}: ${said} ${remedy}`.trim();
  });
}

const TWICE = ' What was entered in Halo by hand is made a second time.';

/** An expression that gave no value for any device. */
export interface IdleExpression {
  path: string;
  said: string;
  remedy: string;
}

/** The expressions under `assets.matching` and `assets.fields` that gave nothing: most likely a slip of the pen. */
export function idleExpressions({ matching, fields }: Asked['assets'], survey: Survey): IdleExpression[] {
  const devices = survey.devices - survey.leftOut;
  const idle = (path: string, text: string, effect = ''): IdleExpression => ({
    path,
    said: `(${text}) gave no value for any of ${counted(devices, 'device')}`,
    remedy: `Is it spelled as the RMM spells it?${effect}`,
  });
  const isMatchingIdle = devices > 0 && survey.withMatchingValue === 0;
  return [
    ...(matching && isMatchingIdle ? [idle('assets.matching.rmm', matching.value.text, TWICE)] : []),
    ...fields.flatMap(({ id, value }, index) =>
      survey.filledFields.has(id) || devices < TELLING_DEVICES
        ? []
        : [idle(`assets.fields[${index}].rmm`, value.text)],
    ),
  ];
}
