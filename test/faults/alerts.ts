import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../support/wait.js';
import type { DaemonProcess } from './daemon.js';
import type { FaultWorld } from './world.js';

/**
 * Sends an alert again and again until it is taken, as ConnectWise does.
 * @param daemon the one that is up now. @returns the answers that it got before.
 */
export async function deliver(daemon: () => DaemonProcess, id: string): Promise<number[]> {
  const refusals: number[] = [];
  for (;;) {
    const status = await daemon().alert({
      alertId: id,
      conditionId: id,
      deviceName: 'SRV-01',
      severity: 'warning',
      summary: `Disk of ${id} is full`,
    });
    if (status === 202) return refusals;
    refusals.push(status);
    await pause(200);
  }
}

/** Resolves once the alert has its ticket. @returns how long that took, in milliseconds. */
export async function untilTicket({ halo }: FaultWorld, id: string, timeoutMs = 30_000): Promise<number> {
  const sinceMs = performance.now();
  const hasTicket = () => halo.state.tickets.some(({ summary }) => summary.includes(id));
  await waitFor(hasTicket, { timeoutMs, what: `the ticket of ${id}` });
  return performance.now() - sinceMs;
}
