import type { ListingSheet } from '../store/worksheet.js';

/** A worksheet that leaves no trace, for a plan: it is gone with the process. */
export function memorySheet(): ListingSheet {
  const wanted = new Map<number, unknown[]>();
  const listed = new Set<string>();
  return {
    async startGroup(group) {
      wanted.set(group, []);
    },
    async addWanted(group, items) {
      wanted.get(group)?.push(...items);
    },
    async *wanted(shape) {
      for (const items of wanted.values()) yield items.map((item) => shape.parse(item));
    },
    async addListed(_companyId, rmmIds) {
      for (const rmmId of rmmIds) listed.add(rmmId);
    },
    // Who is missing is counted by runs only.
    async addLeftOut() {},
    async addComplete() {},
    async setCompanies() {},
    async addWithSites() {},
    listed: async (rmmIds) => new Set(rmmIds.filter((rmmId) => listed.has(rmmId))),
    countListed: async () => listed.size,
  };
}
