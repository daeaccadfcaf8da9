import type { Change, Plan, Values } from '../../src/inventory/plan.js';
import type { HaloAsset, HaloSite } from '../../src/inventory/types.js';

/** A Halo of plain data, and what is remembered of it: RMM id → Halo id. */
export interface Model<Item> {
  items: readonly Item[];
  links: ReadonlyMap<string, number>;
}

/**
 * What becomes of Halo when a plan of assets is applied and every write succeeds. The array of fields that is
 * sent takes the place of the old one, the harsher of the two ways in which tenants were seen to behave.
 * @param keepsRmmId whether this Halo stores `connectwisermm_id`; one that does not drops it silently.
 */
export function applyToAssets(halo: Model<HaloAsset>, plan: Plan, keepsRmmId: boolean): Model<HaloAsset> {
  const blank = { tag: '', clientId: 0, siteId: 0, typeId: 0, inactive: false, rmmId: null, fields: [] };
  return apply(halo, plan, blank, (asset, values) => {
    const { tag, clientId, siteId, typeId, inactive, fields, rmmId } = values;
    return {
      id: asset.id,
      tag: tag ?? asset.tag,
      clientId: clientId ?? asset.clientId,
      siteId: siteId ?? asset.siteId,
      typeId: typeId ?? asset.typeId,
      inactive: inactive ?? asset.inactive,
      rmmId: (keepsRmmId ? rmmId : undefined) ?? asset.rmmId,
      fields: fields ?? asset.fields,
    };
  });
}

/** The same for sites. */
export function applyToSites(halo: Model<HaloSite>, plan: Plan): Model<HaloSite> {
  const blank = { name: '', clientId: 0, inactive: false, record: {} };
  return apply(halo, plan, blank, (site, { name, clientId, properties }) => ({
    ...site,
    name: name ?? site.name,
    clientId: clientId ?? site.clientId,
    record: { ...site.record, ...properties },
  }));
}

function apply<Item extends { id: number }>(
  halo: Model<Item>,
  plan: Plan,
  blank: Omit<Item, 'id'>,
  write: (item: Item | (Omit<Item, 'id'> & { id: number }), values: Values) => Item,
): Model<Item> {
  const items = new Map(halo.items.map((item) => [item.id, item]));
  const links = new Map(halo.links);
  let lastId = Math.max(1000, ...items.keys(), ...links.values());
  for (const change of plan.changes) {
    const before = change.haloId === null ? { ...blank, id: ++lastId } : existing(items, change);
    items.set(before.id, write(before, change.values));
    links.set(change.rmmId, before.id);
  }
  for (const { rmmId, link } of plan.settled) links.set(rmmId, link.haloId);
  return { items: [...items.values()], links };
}

function existing<Item>(items: ReadonlyMap<number, Item>, { haloId, name }: Change): Item {
  const item = haloId === null ? undefined : items.get(haloId);
  if (!item) throw new Error(`The plan changes ${haloId} for ${name}, which is not in Halo.`);
  return item;
}
