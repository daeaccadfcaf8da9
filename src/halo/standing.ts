import { z } from 'zod';
import { normaliseValue } from '../inventory/junk.js';
import { haloId, looseText } from './rows.js';
import type { WriterPath } from './write.js';

/** Where an asset or a site stands. Two in one place can be told apart by an RMM id only. */
export interface Place {
  /** The site of an asset, the client of a site. */
  within: number;
  /** The asset's tag, the site's name, in the form that is compared. */
  title: string;
}

/** An asset or a site as Halo shows it, in a list or in the answer to a create. */
export interface Standing {
  id: number;
  /** `null`: it has none, or this Halo does not keep or not show it. Sites have no room for it. */
  rmmId: string | null;
  place: Place;
}

const newId = haloId.pipe(z.int().positive());
const objectShape = z.looseObject({ id: newId }).transform((answer) => answer.id);

/** The id in an answer that shows one object, bare (as seen on real tenants) or as an array of one. */
export const idShape = z.union([objectShape, z.tuple([objectShape]).transform(([id]) => id)]);

const PLACE_SHAPES: Record<WriterPath, z.ZodType<Place>> = {
  '/Asset': z
    .looseObject({ site_id: haloId, inventory_number: looseText })
    .transform((row) => ({ within: row.site_id, title: normaliseValue(row.inventory_number) })),
  '/Site': z
    .looseObject({ client_id: haloId, name: looseText })
    .transform((row) => ({ within: row.client_id, title: normaliseValue(row.name) })),
};

const identityShape = z
  .looseObject({ id: newId, connectwisermm_id: looseText })
  .transform((row) => ({ id: row.id, rmmId: row.connectwisermm_id.trim().toLowerCase() || null }));

/** Reads a place from a row of Halo, or from a body that is sent to it. */
export function placeShape(path: WriterPath): z.ZodType<Place> {
  return PLACE_SHAPES[path];
}

/** Reads a row of a list, or an object of an answer. */
export function standingShape(path: WriterPath): z.ZodType<Standing> {
  return identityShape.and(placeShape(path).transform((place) => ({ place })));
}

/** One text per place. */
export function placeKey({ within, title }: Place): string {
  return `${within} ${title}`;
}
