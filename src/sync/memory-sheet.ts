import type { Change } from '../inventory/plan.js';
import type { Worksheet } from '../store/worksheet.js';

/** A worksheet that leaves no trace, for a plan: it is gone with the process. */
export function memorySheet(): Worksheet {
  const wanted = new Map<number, unknown[]>();
  const chunks = new Map<number, readonly Change[]>();
  const sent = new Map<number, Set<string>>();
  return {
    async startGroup(group) {
      wanted.set(group, []);
    },
    async addWanted(group, items) {
      wanted.get(group)?.push(...items);
    },
    wanted: async (shape) => [...wanted.values()].flat().map((item) => shape.parse(item)),
    async setChanges(chunk, changes) {
      chunks.set(chunk, changes);
    },
    changes: async (chunk) => [...(chunks.get(chunk) ?? [])],
    async markSent(chunk, rmmIds) {
      sent.set(chunk, new Set([...(sent.get(chunk) ?? []), ...rmmIds]));
    },
    async unmarkSent(chunk, rmmIds) {
      for (const rmmId of rmmIds) sent.get(chunk)?.delete(rmmId);
    },
    sent: async (chunk) => new Set(sent.get(chunk)),
    async clear() {
      wanted.clear();
    },
  };
}
