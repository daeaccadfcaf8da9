import { type Dice, makeDice } from './dice.js';
import { type EndpointType, type FleetDevice, makeDevice } from './fleet-device.js';
import { PLACES, SITE_NAMES, STREETS, TOWNS, TRADES } from './fleet-names.js';
import { type FleetTicket, type FleetTicketStatus, makeTicketStatuses } from './fleet-ticket.js';

export interface FleetCompany {
  id: string;
  name: string;
  /** The start of its devices' names, and its Windows domain: HDG of HDG-WS-01. */
  code: string;
  /** The number that the company had in the old Continuum system. */
  externalId: string;
  /** Set: the company was deleted, softly. */
  deletedDate: string | null;
}

export interface FleetSite {
  id: string;
  companyId: string;
  name: string;
  timeZone: string;
  primary: boolean;
  address: { addressLine1: string; locality: string; administrativeArea: string; postCode: string };
  phoneNumber: string;
}

/**
 * What a managed service provider looks after. The arrays may be changed at any time: what they hold is what the
 * simulator serves. Ids are lower-case UUIDs.
 */
export interface Fleet {
  companies: FleetCompany[];
  sites: FleetSite[];
  devices: FleetDevice[];
  tickets: FleetTicket[];
  ticketStatuses: FleetTicketStatus[];
}

export interface FleetSize {
  companies: number;
  devicesPerCompany: number;
  seed: number | string;
}

/** Makes a fleet; the same size and seed give the same fleet. Each company has one to three sites; there are no tickets. */
export function makeFleet({ companies, devicesPerCompany, seed }: FleetSize): Fleet {
  const ticketStatuses = makeTicketStatuses();
  const fleet: Fleet = { companies: [], sites: [], devices: [], tickets: [], ticketStatuses };
  for (let index = 0; index < companies; index++) {
    const dice = makeDice(`${seed}/company ${index}`);
    const company = makeCompany(dice, index);
    const sites = SITE_NAMES.slice(0, 1 + dice.number(3)).map((name) => makeSite(dice, company.id, name));
    fleet.companies.push(company);
    fleet.sites.push(...sites);
    fleet.devices.push(...makeDevices(String(seed), company, sites, devicesPerCompany));
  }
  return fleet;
}

/**
 * Adds a device at a site, with anything that is not given made up. The id follows from the company and the name:
 * a device that was removed and is added again is the same device.
 * @throws Error where the site or its company is not in the fleet.
 */
export function addDevice(
  fleet: Fleet,
  siteId: string,
  given: Partial<FleetDevice> & { name: string },
): FleetDevice {
  const site = fleet.sites.find(({ id }) => id === siteId);
  const company = fleet.companies.find(({ id }) => id === site?.companyId);
  if (!site || !company) throw new Error(`The fleet has no site ${siteId}, or not its company.`);
  const endpointType = given.endpointType ?? 'Desktop';
  const place = {
    seed: 'added',
    companyId: company.id,
    siteId,
    endpointType,
    name: given.name,
    domain: company.code,
  };
  const device = { ...makeDevice(place), ...given };
  fleet.devices.push(device);
  return device;
}

/** Adds a company with sites of these names, and no devices. */
export function addCompany(
  fleet: Fleet,
  name: string,
  siteNames: readonly string[] = ['Main office'],
): { company: FleetCompany; sites: FleetSite[] } {
  const dice = makeDice(`added/${name}`);
  const code = name
    .replace(/[^A-Za-z]/g, '')
    .slice(0, 3)
    .toUpperCase();
  const externalId = String(19_000 + fleet.companies.length);
  const company = { id: dice.uuid(), name, code, externalId, deletedDate: null };
  const sites = siteNames.map((siteName) => makeSite(dice, company.id, siteName));
  fleet.companies.push(company);
  fleet.sites.push(...sites);
  return { company, sites };
}

/** Takes a device out of the fleet, as when its agent was uninstalled: it is simply no longer listed. */
export function retireDevice(fleet: Fleet, device: FleetDevice): void {
  const index = fleet.devices.findIndex(({ id }) => id === device.id);
  if (index >= 0) fleet.devices.splice(index, 1);
}

/** Each pair of place and trade comes once before any comes again, with a number. */
function makeCompany(dice: Dice, index: number): FleetCompany {
  const place = PLACES[index % PLACES.length] ?? PLACES[0];
  const turn = index + Math.floor(index / ((PLACES.length * TRADES.length) / 3));
  const trade = TRADES[turn % TRADES.length] ?? TRADES[0];
  const round = Math.floor(index / (PLACES.length * TRADES.length));
  const number = round === 0 ? '' : ` ${round + 1}`;
  return {
    id: dice.uuid(),
    name: `${place} ${trade.name}${number}`,
    code: `${place[0]}${trade.code}${number.trim()}`,
    externalId: String(19_000 + index),
    deletedDate: null,
  };
}

function makeSite(dice: Dice, companyId: string, name: string): FleetSite {
  const { timeZone, ...town } = dice.pick(TOWNS);
  return {
    id: dice.uuid(),
    companyId,
    name,
    timeZone,
    primary: name === SITE_NAMES[0],
    address: { addressLine1: `${1 + dice.number(900)} ${dice.pick(STREETS)}`, ...town },
    phoneNumber: `+1 555 01${String(dice.number(100)).padStart(2, '0')}`,
  };
}

/** One server and one switch to six workstations, spread over the sites; most stand in the first. */
function makeDevices(seed: string, company: FleetCompany, sites: FleetSite[], count: number): FleetDevice[] {
  const numbers = { Desktop: 0, Server: 0, NetworkDevice: 0 };
  return Array.from({ length: count }, (_, index) => {
    const endpointType: EndpointType =
      index % 8 === 0 ? 'Server' : index % 8 === 7 ? 'NetworkDevice' : 'Desktop';
    numbers[endpointType] += 1;
    const kind = { Desktop: 'WS', Server: 'SRV', NetworkDevice: 'SW' }[endpointType];
    const name = `${company.code}-${kind}-${String(numbers[endpointType]).padStart(2, '0')}`;
    const site = (index % 3 === 2 ? sites[index % sites.length] : sites[0]) ?? sites[0];
    return makeDevice({
      seed,
      companyId: company.id,
      siteId: site?.id ?? '',
      endpointType,
      name,
      domain: company.code,
    });
  });
}
