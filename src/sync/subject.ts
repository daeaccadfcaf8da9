import type { Plan } from '../inventory/plan.js';
import type { Company } from '../inventory/types.js';
import type { RunContext } from './context.js';

/** A site of the RMM, and where its assets stand in Halo. */
export interface GroupSite {
  id: string;
  name: string;
  /** `null`: nowhere yet, and `why` says why. */
  haloSiteId: number | null;
  haloClientId: number | null;
  why: string;
}

/** A company of a group, with its sites and where their assets stand in Halo. */
export interface GroupCompany extends Company {
  sites: GroupSite[];
}

/** What one listing job reads. */
export interface Group {
  companies: GroupCompany[];
}

/** An item of the RMM as Halo should have it. */
export interface Wanted {
  rmmId: string;
  companyId: string;
  fingerprint: string;
}

/** What differs between the kinds of run; the flow itself is in run.ts. */
export interface Subject<Item extends Wanted> {
  kind: 'sites' | 'assets';
  haloPath: '/Site' | '/Asset';
  /** Reads which companies there are, and cuts them into groups. */
  groups(context: RunContext): Promise<Group[]>;
  /** Reads one group from the RMM, page by page, as Halo should have it. */
  read(context: RunContext, group: Group): AsyncGenerator<Item[]>;
  /**
   * Reads what is needed of Halo and decides, portion by portion, what is to be done with all that the groups kept.
   * Asks Halo nothing where they kept nothing.
   */
  plan(context: RunContext, isComplete: boolean): AsyncGenerator<Plan>;
}
