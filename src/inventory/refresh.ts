/** What is remembered of a device that was read in detail. */
export interface Detail {
  /** Fingerprint of all that decided, next to the detail, what its asset should look like. */
  row: string;
  /** Fingerprint of the asset that came of it; '': the config left it out. */
  asset: string;
  readAtMs: number;
}

/** A device of a list that tells little of it. */
export interface ListedDevice {
  id: string;
  /** As in `Detail`, now. */
  row: string;
  /** Left out: it was never read. */
  detail?: Detail | undefined;
  /** Fingerprint of the asset that was last written for it. Left out: none was. */
  linked?: string | undefined;
}

/** As many as the hourly schedule has runs a day. */
const TURNS = 24;

/**
 * Decides which devices of a company are read in detail, which costs a request each: those that are new, whose row
 * or place or config changed, or whose asset does not stand as it came of the last reading. Besides, in turn, one 24th
 * of all of them, rounded up, those whose reading is longest ago: that is how other changes are found, with the hourly
 * schedule within a day.
 * @param whole all are read.
 * @returns their ids.
 */
export function dueForReading(devices: readonly ListedDevice[], whole: boolean): Set<string> {
  const due = new Set(devices.filter((device) => whole || !isSettled(device)).map(({ id }) => id));
  const settled = devices.filter(({ id }) => !due.has(id));
  const inTurn = [...settled].sort(byAge).slice(0, Math.ceil(devices.length / TURNS));
  for (const { id } of inTurn) due.add(id);
  return due;
}

function isSettled({ row, detail, linked }: ListedDevice): boolean {
  return detail?.row === row && (detail.asset === '' || detail.asset === linked);
}

function byAge(a: ListedDevice, b: ListedDevice): number {
  const difference = (a.detail?.readAtMs ?? 0) - (b.detail?.readAtMs ?? 0);
  return difference === 0 ? Number(a.id > b.id) - Number(a.id < b.id) : difference;
}
