import type { WantedAsset } from '../inventory/asset.js';
import { inSlices } from '../inventory/slices.js';
import { planDevices } from './asset-planning.js';
import { readDevices } from './devices.js';
import { placeSites, withSites } from './placement.js';
import { companiesInScope, sitesOf } from './sites.js';
import type { Group, Subject } from './subject.js';

/** The asset run: a few companies per group, as many as the RMM lists at once. */
export const assets: Subject<WantedAsset> = {
  kind: 'assets',
  haloPath: '/Asset',
  async groups(context): Promise<Group[]> {
    const companies = await companiesInScope(context);
    const rmmSites = await sitesOf(context, companies);
    const places = await placeSites(context, rmmSites);
    const whole = companies.map((company) => withSites(company, rmmSites, places));
    return [...inSlices(whole, context.config.rmm.companiesPerRequest)].map((some) => ({
      companies: [...some],
    }));
  },
  read: readDevices,
  plan: planDevices,
};
