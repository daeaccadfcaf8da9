import type { RmmQuirks } from './rmm-quirks.js';

/** Whether two ids are the same: case does not count. */
export function sameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** An id as the tenant spells it in the records of companies and sites. */
export function spellId(quirks: RmmQuirks, id: string): string {
  return quirks.upperCaseIds === true ? id.toUpperCase() : id;
}

/** An id as the tenant spells it in the records of devices. */
export function spellDeviceId(quirks: RmmQuirks, id: string): string {
  return quirks.upperCaseIds === false ? id : id.toUpperCase();
}

/**
 * The id of a company or site on v1 devices. Legacy ids are made of the bytes of "Command ID" and an old number;
 * here of the first bytes of the id.
 */
export function spellOwnerId(quirks: RmmQuirks, id: string): string {
  return spellDeviceId(
    quirks,
    quirks.legacyIdsOnDevices ? `436f6d6d-616e-6420-4944-5a20${id.slice(0, 8)}` : id,
  );
}
