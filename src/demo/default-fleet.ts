import { addCompany, addDevice, type Fleet, makeFleet } from './fleet.js';

/**
 * The fleet of the demo: five companies with eight devices each, one company without a device, and what is odd in
 * every real fleet: machines whose maker or hypervisor left no usable serial number, or none at all.
 */
export function defaultFleet(): Fleet {
  const fleet = makeFleet({ companies: 5, devicesPerCompany: 8, seed: 'demo' });
  const [virtual] = fleet.devices.filter(({ endpointType }) => endpointType === 'Server');
  const [assembled, nameless] = fleet.devices.filter(({ endpointType }) => endpointType === 'Desktop');
  const [twinSite] = fleet.sites;
  if (!virtual || !assembled || !nameless || !twinSite) throw new Error('The default fleet lacks devices.');
  virtual.system.model = 'VMware Virtual Platform';
  setSerial(virtual, 'VMware-56 4d 9a 01 7c 1f 33 b2-90 5e 11 d4 6a 02 8f 77');
  setSerial(assembled, 'To be filled by O.E.M.');
  setSerial(nameless, '');
  const twin = addDevice(fleet, twinSite.id, { name: `${assembled.name}-B` });
  setSerial(twin, 'To be filled by O.E.M.');
  addCompany(fleet, 'Willow Interiors');
  return fleet;
}

function setSerial(device: Fleet['devices'][number], serialNumber: string): void {
  device.bios.serialNumber = serialNumber;
  device.system.serialNumber = serialNumber;
}
