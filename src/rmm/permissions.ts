import type { Logger } from 'pino';
import { NotAskedError } from '../api/error.js';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { once } from '../inventory/once.js';
import { counted } from '../inventory/sentence.js';
import type { Company, RmmSite } from '../inventory/types.js';
import { listCompanies, listSites } from './companies.js';
import { readSystemState } from './device-state.js';
import { listDevices } from './devices.js';
import { listDeviceHeads } from './devices-v1.js';
import { listTicketsSince } from './tickets.js';

/** What a scope of ConnectWise RMM lets the integrator read, and a small read of it. */
export interface ScopedRead {
  scope: string;
  /** Whether this config comes to anything that wants the scope. */
  isNeeded: boolean;
  /** @returns what was found, in a few words. @throws ApiError; NotAskedError where there was nothing to read. */
  read(): Promise<string>;
}

/** What there is in ConnectWise RMM, listed once. */
export interface Directory {
  companies(): Promise<Company[]>;
  sites(): Promise<RmmSite[]>;
}

/** The companies and sites of ConnectWise RMM, for all who ask about them. */
export function directoryOf(api: Api): Directory {
  return {
    companies: once(async () => (await listCompanies(api)).companies),
    sites: once(async () => (await listSites(api)).sites),
  };
}

const LAST_MINUTE_MS = 60_000;

/**
 * A read for each scope. By the vendor's API description the old device API wants `platform.asset.read`, and the state
 * of a device `platform.devices.read`; real tenants want the latter for the new device API, too.
 * @param looksAtStates whether an expression of the config looks at the state of devices.
 */
export function scopedReads(
  api: Api,
  { rmm, alerts }: Config,
  log: Logger,
  { companies, sites }: Directory,
  looksAtStates: boolean,
): ScopedRead[] {
  const isV1 = rmm.deviceApi === 'v1';
  const ofFirst = (look: (company: Company) => Promise<string>) => async () => {
    const [first] = await companies().catch(notKnown);
    if (!first) throw new NotAskedError('not asked, since there is no company to look at');
    return look(first);
  };
  const heads = ofFirst((company) => countHeads(api, company));
  const state = ofFirst((company) => readFirstState(api, company));
  const devices = ofFirst((company) => countDevices(api, rmm, log, company));
  return [
    {
      scope: 'platform.companies.read',
      isNeeded: true,
      read: async () => {
        const { length } = await companies();
        return length === 1 ? '1 company' : `${length} companies`;
      },
    },
    {
      scope: 'platform.sites.read',
      isNeeded: true,
      read: async () => counted((await sites()).length, 'site'),
    },
    { scope: 'platform.devices.read', isNeeded: !isV1 || looksAtStates, read: isV1 ? state : devices },
    { scope: 'platform.asset.read', isNeeded: isV1, read: heads },
    {
      scope: 'platform.tickets.read',
      isNeeded: alerts.enabled && alerts.pollMs !== null,
      read: () => countTickets(api, rmm.deviceApi),
    },
  ];
}

/** What failed there is told there, with the scope that it wants. */
function notKnown(): never {
  throw new NotAskedError('not asked, since the companies could not be listed');
}

async function countDevices(
  api: Api,
  { deviceListMethod: method, deviceCategory: category }: Config['rmm'],
  log: Logger,
  company: Company,
): Promise<string> {
  const pages = listDevices(api, { method, category, log }, [{ ...company, siteIds: [] }]);
  // One page proves it, and the company may have thousands.
  for await (const { devices } of pages)
    return `the first ${counted(devices.length, 'device')} of ${company.name}`;
  return `no device of ${company.name}`;
}

async function countHeads(api: Api, company: Company): Promise<string> {
  const { heads } = await listDeviceHeads(api, { ...company, siteIds: [] });
  return `${counted(heads.length, 'device')} of ${company.name}, by the old device API`;
}

async function readFirstState(api: Api, company: Company): Promise<string> {
  const [first] = (await listDeviceHeads(api, { ...company, siteIds: [] })).heads;
  if (!first) throw new NotAskedError(`not asked, since ${company.name} has no device to look at`);
  await readSystemState(api, first.id);
  return `the state of a device of ${company.name}`;
}

async function countTickets(api: Api, version: 'v1' | 'v2'): Promise<string> {
  const { tickets } = await listTicketsSince(api, version, Date.now() - LAST_MINUTE_MS);
  return `${counted(tickets.length, 'ticket')} changed in the last minute`;
}
