import { type Dice, makeDice } from './dice.js';
import { DESKTOPS, NETWORK_DEVICES, PEOPLE, SERVERS, WINDOWS, WINDOWS_SERVER } from './fleet-names.js';

export type EndpointType = 'Desktop' | 'Server' | 'NetworkDevice';

/** A device of the fleet. Everything may be changed at any time, and is served so at once. */
export interface FleetDevice {
  id: string;
  companyId: string;
  siteId: string;
  category: 'platform' | 'network' | 'cloud';
  endpointType: EndpointType;
  /** Served as friendlyName, deviceName and system.systemName. */
  name: string;
  /** The old registration id, a number in text. */
  regId: string;
  osType: string;
  /** The user who logged on last, as `DOMAIN\user`; `null`: nobody, or not known. */
  lastUser: string | null;
  online: boolean;
  bios: {
    product: string;
    manufacturer: string;
    version: string;
    serialNumber: string;
    smbiosVersion: string;
  };
  baseBoard: { product: string; manufacturer: string; model: string; serialNumber: string };
  system: { product: string; model: string; serialNumber: string; domain: string; timeZone: string };
  os: {
    product: string;
    manufacturer: string;
    version: string;
    displayVersion: string;
    arch: string;
    type: string;
    serialNumber: string;
  };
  networks: FleetNetwork[];
  processors: { product: string; manufacturer: string; numberOfCores: number; clockSpeedMhz: string }[];
  physicalMemory: { manufacturer: string; serialNumber: string; sizeBytes: number }[];
  drives: { product: string; serialNumber: string; sizeBytes: number; logicalName: string }[];
  users: { username: string; userType: string; userDisabled: boolean }[];
}

export interface FleetNetwork {
  product: string;
  logicalName: string;
  ipEnabled: boolean;
  ipv4: string;
  ipv4List: string[];
  macAddress: string;
  subnetMask: string;
  defaultIPGateway: string;
  dhcpEnabled: boolean;
  dnsServers: string[];
}

/** Where a device stands and what it is; the rest follows from `seed`. */
export interface DevicePlace {
  seed: string;
  companyId: string;
  siteId: string;
  endpointType: EndpointType;
  name: string;
  /** The Windows domain, which is also the start of the company's device names. */
  domain: string;
}

const GIBIBYTE = 1024 ** 3;

/** Makes a device that is whole and plausible; the same place gives the same device. */
export function makeDevice(place: DevicePlace): FleetDevice {
  const dice = makeDice(`${place.seed}/${place.companyId}/${place.name}`);
  const { companyId, siteId, endpointType, name, domain } = place;
  const isNetwork = endpointType === 'NetworkDevice';
  const machine = dice.pick(
    { Desktop: DESKTOPS, Server: SERVERS, NetworkDevice: NETWORK_DEVICES }[endpointType],
  );
  const serial = dice.code(machine.serialLength);
  const person = endpointType === 'Desktop' ? dice.pick(PEOPLE) : null;
  return {
    id: dice.uuid(),
    companyId,
    siteId,
    category: isNetwork ? 'network' : 'platform',
    endpointType,
    name,
    regId: String(100_000 + dice.number(900_000)),
    osType: isNetwork ? 'Other' : 'Windows',
    lastUser: person && `${domain}\\${person}`,
    online: dice.number(10) > 0,
    ...makeBoards(dice, machine, serial, isNetwork),
    system: {
      product: machine.model,
      model: machine.model,
      serialNumber: serial,
      domain,
      timeZone: 'US/Eastern',
    },
    os: makeOs(dice, endpointType),
    networks: [makeAdapter(dice), ...(isNetwork ? [] : [makeUnusedAdapter()])],
    ...makeParts(dice, machine, isNetwork),
    users: person ? [{ username: person, userType: 'Local', userDisabled: false }] : [],
  };
}

type Machine = { maker: string; model: string; cpu: string; cores: number };

/** A switch has no BIOS to read: its serial number is known from `system` alone. */
function makeBoards(dice: Dice, { maker, model }: Machine, serial: string, isNetwork: boolean) {
  if (isNetwork) {
    return {
      bios: { product: '', manufacturer: '', version: '', serialNumber: '', smbiosVersion: '' },
      baseBoard: { product: '', manufacturer: maker, model, serialNumber: '' },
    };
  }
  const version = `1.${dice.number(40)}`;
  return {
    bios: { product: '', manufacturer: maker, version, serialNumber: serial, smbiosVersion: '3.4' },
    baseBoard: { product: '', manufacturer: maker, model, serialNumber: `L1${dice.code(9)}` },
  };
}

function makeOs(dice: Dice, endpointType: EndpointType): FleetDevice['os'] {
  if (endpointType === 'NetworkDevice') {
    const none = { manufacturer: '', version: '', displayVersion: '', arch: '', serialNumber: '' };
    return { product: '', type: 'Other', ...none };
  }
  const windows = dice.pick(endpointType === 'Server' ? WINDOWS_SERVER : WINDOWS);
  const serialNumber = `00330-${dice.code(5)}-${dice.code(5)}-AAOEM`;
  return { ...windows, manufacturer: 'Microsoft Corporation', arch: '64-bit', type: 'Windows', serialNumber };
}

function makeAdapter(dice: Dice): FleetNetwork {
  const subnet = `10.${dice.number(200)}.${dice.number(200)}`;
  const ipv4 = `${subnet}.${10 + dice.number(240)}`;
  const mac = (dice.hex(10).toUpperCase().match(/../g) ?? []).join(':');
  return {
    product: 'Intel(R) Ethernet Connection I219-LM',
    logicalName: 'Ethernet',
    ipEnabled: true,
    ipv4,
    ipv4List: [ipv4],
    macAddress: `A4:${mac}`,
    subnetMask: '255.255.255.0',
    defaultIPGateway: `${subnet}.1`,
    dhcpEnabled: true,
    dnsServers: [`${subnet}.2`],
  };
}

/** Real machines list adapters that say nothing, too: the address is one that Windows gave itself. */
function makeUnusedAdapter(): FleetNetwork {
  return {
    product: 'Microsoft Wi-Fi Direct Virtual Adapter',
    logicalName: 'Local Area Connection* 1',
    ipEnabled: false,
    ipv4: '169.254.12.7',
    ipv4List: ['169.254.12.7'],
    macAddress: '',
    subnetMask: '255.255.0.0',
    defaultIPGateway: '',
    dhcpEnabled: true,
    dnsServers: [],
  };
}

function makeParts(dice: Dice, { cpu, cores }: Machine, isNetwork: boolean) {
  if (isNetwork) return { processors: [], physicalMemory: [], drives: [] };
  const manufacturer = cpu.includes('AMD') ? 'AuthenticAMD' : 'GenuineIntel';
  const stick = () => ({ manufacturer: 'Samsung', serialNumber: dice.hex(8), sizeBytes: 8 * GIBIBYTE });
  return {
    processors: [{ product: cpu, manufacturer, numberOfCores: cores, clockSpeedMhz: '2400' }],
    physicalMemory: Array.from({ length: dice.pick([1, 2, 4]) }, stick),
    drives: [
      {
        product: 'NVMe SSD 980',
        serialNumber: `S64${dice.code(9)}`,
        sizeBytes: dice.pick([256, 512, 1024]) * GIBIBYTE,
        logicalName: '\\\\.\\PHYSICALDRIVE0',
      },
    ],
  };
}
