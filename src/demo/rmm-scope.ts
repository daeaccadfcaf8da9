/** The scopes that reading companies, sites, devices and tickets needs. */
export const RMM_SCOPES = [
  'platform.companies.read',
  'platform.sites.read',
  'platform.devices.read',
  'platform.asset.read',
  'platform.tickets.read',
] as const;

/** The scope that a path needs; `null`: none. Devices are gated by another one on v1 than on v2. */
export function neededScope(path: string): (typeof RMM_SCOPES)[number] | null {
  if (path.startsWith('/api/platform/v1/company/companies')) {
    return path.endsWith('/sites') ? 'platform.sites.read' : 'platform.companies.read';
  }
  if (path.startsWith('/api/platform/v1/company/sites')) return 'platform.sites.read';
  if (path.endsWith('/system-state-info')) return 'platform.devices.read';
  if (path.startsWith('/api/platform/v1/device/')) return 'platform.asset.read';
  if (path.startsWith('/api/platform/v2/device/')) return 'platform.devices.read';
  if (/^\/api\/platform\/v[12]\/service\/ticketing\//.test(path)) return 'platform.tickets.read';
  return null;
}
