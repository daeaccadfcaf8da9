import type { Logger } from 'pino';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { counted } from '../inventory/sentence.js';
import { listCompanies, listSites } from '../rmm/companies.js';
import { type CompanyToList, listDevices } from '../rmm/devices.js';
import { listDeviceHeads } from '../rmm/devices-v1.js';
import { listTicketsSince } from '../rmm/tickets.js';

/** One thing to try, and what is found. */
export interface Probe {
  name: string;
  /** @returns what was found, in a few words, or what to do about it. @throws Error a sentence. */
  look(): Promise<string | { warning: string }>;
}

/** A read of each thing that the API key must let the integrator read. The first one signs in. */
export function rmmProbes(rmm: Api, config: Config, log: Logger): Probe[] {
  const companies = () => listCompanies(rmm);
  const probes = [
    {
      name: 'ConnectWise RMM, companies',
      look: async () => `${(await companies()).companies.length} found`,
    },
    { name: 'ConnectWise RMM, sites', look: async () => `${(await listSites(rmm)).sites.length} found` },
    {
      name: `ConnectWise RMM, devices (${config.rmm.deviceApi})`,
      look: async () => {
        const [company] = (await companies()).companies;
        if (!company) return 'no company to look at';
        const devices = await countDevices(rmm, config, log, { ...company, siteIds: [] });
        return `${counted(devices, 'device')} of ${company.name}`;
      },
    },
  ];
  if (config.alerts.pollMs === null) return probes;
  const look = async () => {
    const { tickets } = await listTicketsSince(rmm, config.rmm.deviceApi, Date.now() - 60_000);
    return `${counted(tickets.length, 'change')} in the last minute`;
  };
  return [...probes, { name: 'ConnectWise RMM, tickets', look }];
}

async function countDevices(rmm: Api, config: Config, log: Logger, company: CompanyToList): Promise<number> {
  if (config.rmm.deviceApi === 'v1') return (await listDeviceHeads(rmm, company)).heads.length;
  const { deviceListMethod: method, deviceCategory: category } = config.rmm;
  let devices = 0;
  for await (const page of listDevices(rmm, { method, category, log }, [company]))
    devices += page.devices.length;
  return devices;
}
