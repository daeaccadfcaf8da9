import { expect } from 'vitest';
import { waitFor } from '../support/wait.js';
import type { FaultWorld } from './world.js';

/** The active assets by the device that they were made of. */
function assetsByDevice({ halo }: FaultWorld): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { connectwisermm_id: rmmId, inactive } of halo.state.assets) {
    if (typeof rmmId === 'string' && !inactive) counts.set(rmmId, (counts.get(rmmId) ?? 0) + 1);
  }
  return counts;
}

/** How many devices have their asset. */
export function importedCount(world: FaultWorld): number {
  return assetsByDevice(world).size;
}

/** The devices that do not have theirs yet. */
export function devicesWithoutAsset(world: FaultWorld): string[] {
  const counts = assetsByDevice(world);
  return world.rmm.fleet.devices.map(({ id }) => id).filter((id) => !counts.has(id));
}

/** Resolves once at least so many devices have their asset: the import is under way. */
export function untilImported(world: FaultWorld, count: number, timeoutMs = 60_000): Promise<unknown> {
  const what = () => `${count} assets, of which there are ${importedCount(world)}`;
  return waitFor(() => importedCount(world) >= count, { timeoutMs }).catch(() => {
    throw new Error(`Waited ${timeoutMs} ms in vain for ${what()}`);
  });
}

/** Resolves once each device has its asset. */
export function untilWhole(world: FaultWorld, timeoutMs = 120_000): Promise<unknown> {
  return untilImported(world, world.rmm.fleet.devices.length, timeoutMs);
}

/**
 * What must hold after any fault: each device has one asset that is active, each site stands once, nothing was retired
 * that the RMM still has, and each alert has one ticket.
 */
export function expectWhole(world: FaultWorld, alertIds: readonly string[] = []): void {
  const { rmm, halo } = world;
  const counts = assetsByDevice(world);
  const ids = rmm.fleet.devices.map(({ id }) => id);
  expect(ids.filter((id) => counts.get(id) !== 1)).toEqual([]);
  const ours = halo.state.assets.filter(({ connectwisermm_id: id }) => typeof id === 'string');
  expect(ours.filter(({ inactive, connectwisermm_id: id }) => inactive && ids.includes(String(id)))).toEqual(
    [],
  );
  expectNothingTwice(world);
  const summaries = halo.state.tickets.map(({ summary }) => summary);
  for (const id of alertIds) expect(summaries.filter((summary) => summary.includes(id))).toHaveLength(1);
}

/** What must hold even in the middle of a fault: no device has two assets, no site stands twice, no alert has two tickets. */
export function expectNothingTwice({ halo }: FaultWorld): void {
  const { assets, sites, tickets } = halo.state;
  const ours = assets.flatMap(({ connectwisermm_id: id }) => (typeof id === 'string' ? [id] : []));
  expect(repeated(ours)).toEqual([]);
  expect(repeated(sites.map(({ client_id, name }) => `${client_id} ${name}`))).toEqual([]);
  expect(repeated(tickets.map(({ summary }) => summary))).toEqual([]);
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/**
 * Resolves at the next request that is answered well. @param party that answers; left out: either API.
 * @returns how long that took, in milliseconds.
 */
export async function untilNextWork(
  { rmm, halo }: FaultWorld,
  timeoutMs = 30_000,
  party?: string,
): Promise<number> {
  const sinceMs = performance.now();
  const isWork = ({ at, status }: { at: number; status: number | null }) =>
    at >= sinceMs && status !== null && status < 300;
  const requests = () => [
    ...(party === 'ConnectWise RMM' ? [] : halo.requests),
    ...(party === 'Halo' ? [] : rmm.requests),
  ];
  await waitFor(() => requests().some(isWork), { timeoutMs, what: 'work after the end of the fault' });
  return performance.now() - sinceMs;
}

/** Resolves once an asset more has been made, or all are there. @returns how long that took, in milliseconds. */
export async function untilNextAsset(world: FaultWorld, timeoutMs = 30_000): Promise<number> {
  const sinceMs = performance.now();
  const count = Math.min(importedCount(world) + 1, world.rmm.fleet.devices.length);
  await untilImported(world, count, timeoutMs);
  return performance.now() - sinceMs;
}
