import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { ItemError } from '../inventory/tally.js';
import type { FieldValue, HaloAsset } from '../inventory/types.js';
import { readDetail } from './detail.js';
import { countRows, INACTIVE_TOO, type List, listAll, readPages } from './paging.js';
import { haloId, type Listing, looseFlag, looseText } from './rows.js';

/** Some assets, and the rows among them that could not be read. */
export interface AssetPage {
  assets: HaloAsset[];
  problems: ItemError[];
}

const fieldShape = z
  .looseObject({ id: haloId, value: z.union([z.string(), z.number(), z.boolean()]).nullish() })
  .transform((field): FieldValue => ({ id: field.id, value: String(field.value ?? '') }));

/** A field that cannot be read does not hide the others, which may tell which device this is. */
const fieldsShape = z.array(z.unknown()).nullish().catch(null);

function readFields(rows: readonly unknown[] | null | undefined): Pick<HaloAsset, 'fields' | 'lacksFields'> {
  if (!rows) return { fields: null };
  const fields = rows.map((row) => fieldShape.safeParse(row).data).filter((field) => field !== undefined);
  return fields.length === rows.length ? { fields } : { fields, lacksFields: true };
}

const rmmIdShape = z
  .string()
  .nullish()
  .transform((id) => id?.trim().toLowerCase() || null);

const assetShape = z
  .looseObject({
    id: haloId,
    inventory_number: looseText,
    client_id: haloId,
    site_id: haloId,
    assettype_id: haloId,
    inactive: looseFlag,
    client_name: looseText,
    site_name: looseText,
    // To show, and to add to: what is not text is as if it were not there.
    username: z.string().nullish().catch(undefined),
    notes: z.string().nullish().catch(undefined),
    connectwisermm_id: rmmIdShape,
    fields: fieldsShape,
  })
  .transform(
    (row): HaloAsset => ({
      id: row.id,
      tag: row.inventory_number,
      clientId: row.client_id,
      siteId: row.site_id,
      typeId: row.assettype_id,
      inactive: row.inactive,
      ...(row.site_name === '' ? {} : { place: `${row.client_name} / ${row.site_name}` }),
      ...(row.username === undefined ? {} : { user: row.username?.trim() ?? '' }),
      ...(row.notes === undefined ? {} : { notes: row.notes ?? '' }),
      rmmId: row.connectwisermm_id,
      ...readFields(row.fields),
    }),
  );

/** Without its fields: what such a list says of them is not to be trusted, and null says that they are unknown. */
const bareAssetShape = assetShape.transform((asset): HaloAsset => ({ ...asset, fields: null }));

/** Inactive ones too: one that was deactivated must be found before it is created again. */
const EVERY_ASSET: List<HaloAsset> = {
  doing: 'Listing the assets of Halo',
  path: '/Asset',
  query: { ...INACTIVE_TOO, includeuser: true },
  plural: 'assets',
  singular: 'asset',
  shape: bareAssetShape,
};

/** Fields come for one type at a time only (swagger). */
function ofType(typeId: number): List<HaloAsset> {
  return {
    ...EVERY_ASSET,
    doing: `Listing the assets of type ${typeId} of Halo`,
    query: { ...EVERY_ASSET.query, assettype_id: typeId, includeassetfields: true },
    shape: assetShape,
  };
}

function toPage({ rows, problems }: Listing<HaloAsset>): AssetPage {
  return { assets: rows, problems };
}

/**
 * Every asset with its fields, inactive ones too, each once, page by page.
 *
 * The fields come by type only, so the list is read type by type. That the types are all is not taken for granted:
 * `/AssetType` shows what the integrator may see, and types can be hidden. Afterwards one request asks how many
 * assets there are; only where more are than were read is the whole list gone through, which names the other types.
 * Asking afterwards counts what was made meanwhile, too: that costs a needless look, and an asset is missed only if
 * another is deleted for good at that very moment. The other way round, the whole list first and its types then,
 * would double the requests of every reading.
 * @param typeIds the types that are known, as `listAssetTypes` gives them.
 * @throws ApiError
 */
export async function* readAllAssets(api: Api, typeIds: Iterable<number>): AsyncGenerator<AssetPage> {
  const seen = new Set<string>();
  yield* readTypes(api, typeIds, seen);
  const total = await countRows(api, { ...EVERY_ASSET, doing: 'Counting the assets of Halo' });
  if (total !== null && seen.size >= total) return;
  const everything = toPage(await listAll(api, EVERY_ASSET));
  const missed = everything.assets.filter((asset) => !seen.has(String(asset.id)));
  yield* readTypes(api, new Set(missed.map((asset) => asset.typeId)), seen);
  yield unseen(everything, seen);
}

async function* readTypes(api: Api, typeIds: Iterable<number>, seen: Set<string>): AsyncGenerator<AssetPage> {
  for (const typeId of typeIds) {
    for await (const page of readPages(api, ofType(typeId))) yield unseen(toPage(page), seen);
  }
}

/** What is new of a page; it counts as seen from then on. An asset may change its type between two lists. */
function unseen({ assets, problems }: AssetPage, seen: Set<string>): AssetPage {
  const fresh = {
    assets: assets.filter((asset) => !seen.has(String(asset.id))),
    problems: problems.filter((problem) => !seen.has(problem.item)),
  };
  for (const asset of fresh.assets) seen.add(String(asset.id));
  for (const problem of fresh.problems) seen.add(problem.item);
  return fresh;
}

/**
 * One asset with its fields and, unasked, its user (swagger); `null` where Halo has none with this id.
 * @throws ApiError
 */
export async function readAsset(api: Api, id: number): Promise<HaloAsset | null> {
  return readDetail(api, { ...detailOf(id), shape: assetShape });
}

function detailOf(id: number) {
  return { doing: `Reading asset ${id} of Halo`, path: `/Asset/${id}` };
}

/** Where an asset stands, and whose it is. */
export interface AssetPlace {
  id: number;
  tag: string;
  clientId: number;
  siteId: number;
  /** Client and site as Halo names them; '' where it does not say. */
  clientName: string;
  siteName: string;
  /** The first of its users; `null`: it has none. */
  user: { id: number; name: string } | null;
}

const placeShape = z
  .looseObject({
    id: haloId,
    inventory_number: looseText,
    client_id: haloId,
    site_id: haloId,
    client_name: looseText,
    site_name: looseText,
    users: z
      .array(z.looseObject({ id: haloId, name: looseText }))
      .nullish()
      .catch(null),
  })
  .transform((row): AssetPlace => {
    const user = row.users?.find(({ id }) => id > 0);
    return {
      id: row.id,
      tag: row.inventory_number,
      clientId: row.client_id,
      siteId: row.site_id,
      clientName: row.client_name,
      siteName: row.site_name,
      user: user ? { id: user.id, name: user.name } : null,
    };
  });

/** Where one asset stands, and its user; `null` where Halo has none with this id. @throws ApiError */
export async function readAssetPlace(api: Api, id: number): Promise<AssetPlace | null> {
  return readDetail(api, { ...detailOf(id), shape: placeShape });
}

/**
 * The asset of a device, by the RMM id that it carries; `null` where the list does not show one. Halo's search by
 * the name is loose, so it only narrows the list down.
 * @throws ApiError
 */
export async function findAssetOf(api: Api, deviceName: string, rmmId: string): Promise<number | null> {
  const { rows } = await listAll(api, {
    ...EVERY_ASSET,
    doing: `Looking for the asset of ${deviceName} in Halo`,
    query: { search: deviceName },
  });
  const [asset, ...others] = rows.filter((row) => row.rmmId === rmmId);
  return asset && others.length === 0 ? asset.id : null;
}
