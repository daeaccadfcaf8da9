import type { Values } from '../inventory/plan.js';

/**
 * Spells a change in Halo's property names, for `POST /Asset` and `POST /Site`. Only what changes is in it:
 * top-level properties that are left out stay as they are (Halo's guide).
 */
export function toBody(values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = { ...values.properties };
  if (values.name !== undefined) body.name = values.name;
  if (values.tag !== undefined) body.inventory_number = values.tag;
  if (values.clientId !== undefined) body.client_id = values.clientId;
  if (values.siteId !== undefined) body.site_id = values.siteId;
  if (values.typeId !== undefined) body.assettype_id = values.typeId;
  if (values.inactive !== undefined) body.inactive = values.inactive;
  if (values.rmmId !== undefined) body.connectwisermm_id = values.rmmId;
  if (values.notes !== undefined) body.notes = values.notes;
  if (values.userId !== undefined) body.users = [{ id: values.userId }];
  if (values.fields !== undefined) body.fields = values.fields;
  return body;
}
