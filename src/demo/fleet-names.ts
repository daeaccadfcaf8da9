/** The names that the seeded fleet is made of. */

export const PLACES = [
  'Harbor',
  'Cedar Ridge',
  'Lakeside',
  'Summit',
  'Oakwood',
  'Riverbend',
  'Stonegate',
  'Maple Street',
  'Northgate',
  'Bayview',
  'Pinecrest',
  'Westfield',
  'Juniper',
  'Granite',
  'Foxglove',
] as const;

export const TRADES = [
  { name: 'Dental', code: 'DG' },
  { name: 'Logistics', code: 'LO' },
  { name: 'Legal', code: 'LG' },
  { name: 'Accounting', code: 'AC' },
  { name: 'Veterinary', code: 'VT' },
  { name: 'Architects', code: 'AR' },
  { name: 'Pharmacy', code: 'PH' },
  { name: 'Insurance', code: 'IN' },
  { name: 'Engineering', code: 'EN' },
  { name: 'Bakery', code: 'BK' },
  { name: 'Physiotherapy', code: 'PT' },
  { name: 'Print', code: 'PR' },
] as const;

export const SITE_NAMES = ['Main office', 'Warehouse', 'North branch'] as const;

export const TOWNS = [
  { locality: 'Raleigh', administrativeArea: 'NC', postCode: '27601', timeZone: 'US/Eastern' },
  { locality: 'Austin', administrativeArea: 'TX', postCode: '78701', timeZone: 'US/Central' },
  { locality: 'Boulder', administrativeArea: 'CO', postCode: '80302', timeZone: 'US/Mountain' },
  { locality: 'Portland', administrativeArea: 'OR', postCode: '97204', timeZone: 'US/Pacific' },
] as const;

export const STREETS = ['Harbor St', 'Mill Road', 'Station Avenue', 'Church Lane', 'Quay Street'] as const;

export const PEOPLE = [
  'amy.lee',
  'ben.okafor',
  'carla.diaz',
  'dan.novak',
  'eva.lind',
  'frank.moor',
  'grace.kim',
  'hugo.silva',
  'iris.chen',
  'jon.berg',
] as const;

/** What the makers write into their machines. */
export const DESKTOPS = [
  {
    maker: 'LENOVO',
    model: '21BT000BUK',
    cpu: '12th Gen Intel(R) Core(TM) i5-1240P',
    cores: 12,
    serialLength: 8,
  },
  {
    maker: 'Dell Inc.',
    model: 'OptiPlex 7010',
    cpu: '13th Gen Intel(R) Core(TM) i5-13500',
    cores: 14,
    serialLength: 7,
  },
  { maker: 'HP', model: 'HP EliteBook 845 G9', cpu: 'AMD Ryzen 5 PRO 6650U', cores: 6, serialLength: 10 },
] as const;

export const SERVERS = [
  {
    maker: 'Dell Inc.',
    model: 'PowerEdge T350',
    cpu: 'Intel(R) Xeon(R) E-2336 CPU @ 2.90GHz',
    cores: 6,
    serialLength: 7,
  },
  {
    maker: 'HPE',
    model: 'ProLiant ML30 Gen10',
    cpu: 'Intel(R) Xeon(R) E-2224 CPU @ 3.40GHz',
    cores: 4,
    serialLength: 10,
  },
] as const;

export const NETWORK_DEVICES = [
  { maker: 'Cisco', model: 'CBS350-24P', cpu: '', cores: 0, serialLength: 11 },
  { maker: 'Ubiquiti', model: 'USW-24-POE', cpu: '', cores: 0, serialLength: 12 },
] as const;

export const WINDOWS = [
  { product: 'Microsoft Windows 11 Pro', version: '10.0.22631', displayVersion: '23H2' },
  { product: 'Microsoft Windows 10 Pro', version: '10.0.19045', displayVersion: '22H2' },
] as const;

export const WINDOWS_SERVER = [
  { product: 'Microsoft Windows Server 2022 Standard', version: '10.0.20348', displayVersion: '21H2' },
  { product: 'Microsoft Windows Server 2019 Standard', version: '10.0.17763', displayVersion: '1809' },
] as const;
