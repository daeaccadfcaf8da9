import { fingerprint } from './fingerprint.js';
import type { Missing } from './missing.js';
import { type Change, RETIRED, type Values } from './plan.js';
import { counted } from './sentence.js';
import type { HaloAsset } from './types.js';

/** A device whose grace is over, and its asset. */
export interface Retiree {
  rmmId: string;
  missing: Missing;
  /** To show. */
  companyName: string;
  asset: HaloAsset;
  /** What is to be written on the asset besides, in Halo's form. */
  note: Pick<Values, 'fields' | 'notes'>;
  /** The same, to show; '' for nothing. */
  noteText: string;
}

/** Deactivates the asset, and never deletes it. Its link says so afterwards, so that the device finds it if it is back. */
export function retirement({ rmmId, missing, companyName, asset, note, noteText }: Retiree): Change {
  return {
    action: 'deactivate',
    rmmId,
    companyId: missing.companyId,
    haloId: asset.id,
    name: `${companyName} / ${asset.tag}`,
    reason: describeAbsence(missing),
    before: { inactive: 'no' },
    after: { inactive: 'yes', ...(noteText === '' ? {} : { note: noteText }) },
    values: { inactive: true, ...note },
    fingerprint: RETIRED,
    clientId: asset.clientId,
  };
}

/** Stands for a list of those who are to be retired: another list has another mark. */
export function markOfSweep(rmmIds: readonly string[]): string {
  return fingerprint([...rmmIds].sort());
}

/** "gone from ConnectWise RMM: last listed 2026-11-23 06:12 UTC, then missing in 25 complete runs". */
export function describeAbsence({ lastSeenMs, missedRuns }: Missing): string {
  const seen =
    lastSeenMs === 0
      ? 'a while ago'
      : `${new Date(lastSeenMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `gone from ConnectWise RMM: last listed ${seen}, then missing in ${counted(missedRuns, 'complete run')}`;
}
