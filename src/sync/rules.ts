import type { Api } from '../api/types.js';
import type { Config, Reference } from '../config/config.js';
import { listClients } from '../halo/clients.js';
import { listAssetFields } from '../halo/fields.js';
import { type LookedUp, type Resolver, resolver, throwUnlessKnown } from '../halo/reference.js';
import { listSites } from '../halo/sites.js';
import { listAssetTypes } from '../halo/types.js';
import type { AssetRules } from '../inventory/asset.js';
import { compileExpression, type Expression, toText } from '../inventory/expression.js';
import { junkTest } from '../inventory/junk.js';
import type { SiteMapping, SiteRules } from '../inventory/site.js';
import type { HaloSite } from '../inventory/types.js';

/** The config as the runs apply it: names resolved to Halo's ids, expressions compiled. */
export interface Rules {
  sites: SiteRules;
  assets: AssetRules;
  sweep: SweepRules;
  /** How the names were resolved. */
  looked: readonly LookedUp[];
}

/** What the config says of assets that are retired. */
export interface SweepRules {
  /** `null`: nothing is noted on them. */
  note: { text(about: unknown): Promise<string>; fieldId: number | null } | null;
}

/**
 * Resolves every name in the config against the live Halo. Only the lists that the config needs are read.
 * @param looksUpIds whether ids are looked up as well. A run need not: Halo refuses what goes to one that is not there.
 * @throws UnknownNamesError naming every unknown and every ambiguous name; ApiError where Halo cannot be read.
 */
export async function resolveRules(config: Config, halo: Api, looksUpIds = false): Promise<Rules> {
  const looked: LookedUp[] = [];
  const { types } = await listAssetTypes(halo);
  const type = resolver('asset type', types, looked);
  const client = resolver(
    'client',
    needsClients(config, looksUpIds) ? (await listClients(halo)).clients : null,
    looked,
  );
  const sites = needsSites(config, looksUpIds) ? (await listSites(halo)).sites : null;
  const field = resolver(
    'asset field',
    needsFields(config) ? (await listAssetFields(halo)).fields : null,
    looked,
  );
  const rules = {
    sites: siteRules(config.sites, client, sites, looked),
    assets: assetRules(config.assets, type, field, types),
    sweep: sweepRules(config.deactivation, field),
  };
  throwUnlessKnown(looked);
  return { ...rules, looked };
}

function needsClients({ sites }: Config, looksUpIds: boolean): boolean {
  return needsList([sites.defaultClient, ...sites.mappings.map((row) => row.halo.client)], looksUpIds);
}

function needsSites({ sites }: Config, looksUpIds: boolean): boolean {
  return needsList(
    sites.mappings.map((row) => row.halo.site),
    looksUpIds,
  );
}

function needsList(references: readonly (Reference | undefined)[], looksUpIds: boolean): boolean {
  return references.some((each) => each !== undefined && (looksUpIds || typeof each === 'string'));
}

function needsFields({ assets, deactivation }: Config): boolean {
  return assets.matching !== undefined || assets.fields.length > 0 || deactivation.noteField !== undefined;
}

function siteRules(
  config: Config['sites'],
  client: Resolver,
  sites: readonly HaloSite[] | null,
  looked: LookedUp[],
): SiteRules {
  const mappings = config.mappings.map(({ rmm, halo }, index): SiteMapping => {
    const path = `sites.mappings[${index}].halo`;
    const clientId = client(`${path}.client`, halo.client);
    const ofClient = sites?.filter((site) => site.clientId === clientId) ?? null;
    const siteOf = clientId === 0 ? untold(looked) : resolver('site of that client', ofClient, looked);
    const siteId = halo.site === undefined ? null : siteOf(`${path}.site`, halo.site);
    return { ...rmm, clientId, siteId };
  });
  return {
    defaultClientId:
      config.defaultClient === undefined ? null : client('sites.defaultClient', config.defaultClient),
    matchClientsByName: config.matchClientsByName,
    defaultName: compileExpression(config.defaultName),
    mappings,
    fields: Object.entries(config.fields).map(([property, text]) => ({
      property,
      value: compileExpression(text),
    })),
  };
}

/** Of a client that is not known, no site is. */
function untold(looked: LookedUp[]): Resolver {
  return (path, reference) => {
    looked.push({ path, noun: 'site', reference, found: null, problem: null });
    return 0;
  };
}

function sweepRules({ note, noteField }: Config['deactivation'], field: Resolver): SweepRules {
  const fieldId = noteField === undefined ? null : field('deactivation.noteField', noteField);
  return { note: note === '' ? null : { text: textOf(note), fieldId } };
}

/** An expression, or plain text: what does not compile, or leads nowhere, is taken as it stands. */
function textOf(note: string): (about: unknown) => Promise<string> {
  const expression = compileOrNull(note);
  return async (about) => toText(await expression?.evaluate(about)).trim() || note;
}

function compileOrNull(text: string): Expression | null {
  try {
    return compileExpression(text);
  } catch {
    return null;
  }
}

function assetRules(
  config: Config['assets'],
  type: Resolver,
  field: Resolver,
  types: readonly { id: number; name: string }[],
): AssetRules {
  const { matching } = config;
  return {
    defaultTypeId: type('assets.defaultType', config.defaultType),
    typeFrom: compileExpression(config.typeFrom),
    typeMappings: config.typeMappings.map((row, index) => ({
      rmm: row.rmm,
      typeId: type(`assets.typeMappings[${index}].halo`, row.halo),
    })),
    doNotUpdateType: config.doNotUpdateType,
    tag: compileExpression(config.tag),
    matching: matching
      ? {
          fieldId: field('assets.matching.halo', matching.halo),
          fieldName: String(matching.halo),
          value: compileExpression(matching.rmm),
        }
      : null,
    isJunk: junkTest(config.ignoreMatchingValues),
    filter: compileExpression(config.filter),
    fields: config.fields.map((row, index) => ({
      id: field(`assets.fields[${index}].halo`, row.halo),
      name: String(row.halo),
      value: compileExpression(row.rmm),
      when: row.when,
    })),
    user:
      config.user.from === ''
        ? null
        : { from: compileExpression(config.user.from), matchBy: config.user.matchBy },
    typeNames: new Map(types.map(({ id, name }) => [id, name])),
  };
}
