import { chatAddress, redisAddress, webAddress } from './address.js';
import {
  choice,
  expression,
  expressionOrNothing,
  flag,
  reference,
  secret,
  text,
  textOrNothing,
  wholeNumber,
} from './format.js';
import { key, keysOf, optional, required, type Values } from './key.js';
import { DAY, duration, durationOrOff, HOUR, MINUTE, SECOND, schedule, timezone } from './time.js';

const RMM_SCOPE = ['companies', 'sites', 'devices', 'asset', 'tickets']
  .map((part) => `platform.${part}.read`)
  .join(' ');
const POLL_FILTER = '$contains(source.name & " " & serviceBoard.name, /monitor|alert|noc/i)';
const requestTimeout = duration(100, 10 * MINUTE);
const rateWindow = duration(SECOND, HOUR);
const requestCount = wholeNumber(1, 100_000);
const count = wholeNumber(0, 1_000_000);
const port = wholeNumber(0, 65_535);

/** Each key with one value: what it is for, what it may hold, its default and its variable. */
export const schema = {
  halo: {
    url: required('Where Halo is; /api is added', webAddress),
    authUrl: optional('Where Halo signs in; left out: url and /auth', webAddress),
    tenant: optional('Sent along with the sign-in, for a hosted Halo', text),
    clientId: required('Of the API application in Halo', text, 'HALO_CLIENT_ID'),
    clientSecret: required('Of the API application in Halo', secret, 'HALO_CLIENT_SECRET'),
    scope: key('Permissions asked for at the sign-in', text, 'all'),
    timeout: key('How long one request may take', requestTimeout, '60s'),
    batchSize: key('Most items in one write; 1 switches batches off', wholeNumber(1, 500), 50),
    rateLimit: {
      requests: key('Most requests within the window', requestCount, 270),
      window: key('The rolling window of the rate limit', rateWindow, '5m'),
      reservedForAlerts: key('Requests that bulk work leaves to alerts', count, 30),
    },
  },
  rmm: {
    url: key('The API of your region', webAddress, 'https://openapi.service.itsupport247.net'),
    clientId: required('Of the API key in ConnectWise RMM', text, 'RMM_CLIENT_ID'),
    clientSecret: required('Of the API key in ConnectWise RMM', secret, 'RMM_CLIENT_SECRET'),
    scope: key('Permissions asked for at the sign-in', text, RMM_SCOPE),
    deviceApi: key('Which version of the device API to use', choice('v1', 'v2'), 'v2'),
    deviceListMethod: key('How v2 lists devices; some tenants need GET', choice('GET', 'POST'), 'POST'),
    deviceCategory: key('Which devices v2 lists', choice('all', 'platform', 'network', 'cloud'), 'all'),
    companiesPerRequest: key('Companies in one listing of devices', wholeNumber(1, 50), 4),
    timeout: key('How long one request may take', requestTimeout, '60s'),
    rateLimit: {
      requests: key('Most requests within the window', requestCount, 450),
      window: key('The rolling window of the rate limit', rateWindow, '5m'),
    },
  },
  redis: {
    url: optional('Left out: an embedded redis-server', redisAddress, 'REDIS_URL'),
    prefix: key('Begins each key in Redis', text, 'halo-integrator'),
    dataDir: key('Where the embedded redis-server keeps its files', text, './data'),
  },
  schedules: {
    timezone: key('Of the cron patterns', timezone, 'UTC'),
    sites: key('When sites are synchronised', schedule, '1h'),
    assets: key('When assets are synchronised', schedule, '1h'),
    deactivation: key('When missing devices are looked for', schedule, '1h'),
    verify: key('When all of Halo is read to correct drift', schedule, '7d'),
  },
  sites: {
    defaultClient: optional('Halo client of the companies that have none', reference),
    matchClientsByName: key('A company belongs to the client of its name', flag, true),
    defaultName: key('Name of a site under the default client', expression, 'company.name & " - " & name'),
  },
  assets: {
    defaultType: required('Halo asset type of devices that no row maps', reference),
    typeFrom: key('The value that the rows of typeMappings name', expression, 'endpointType'),
    doNotUpdateType: key('Leave the type of existing assets alone', flag, false),
    tag: key('The asset tag in Halo', expression, 'friendlyName'),
    filter: key('Which devices are synchronised', expression, 'true'),
    user: {
      from: key("Becomes the asset's user; empty: none", expressionOrNothing, ''),
      matchBy: key('How that user is found in Halo', choice('email', 'username'), 'email'),
    },
  },
  deactivation: {
    missingRuns: key('Complete runs in a row without the device', wholeNumber(1, 1000), 2),
    missingFor: key('How long the device must have been missing', duration(0, 365 * DAY), '24h'),
    maxPercent: key('Guard: most of the linked assets at once', wholeNumber(0, 100), 10),
    maxCount: key('Guard: most assets at once', count, 200),
    minimum: key('Below so many linked assets the percentage is not applied', count, 10),
    note: key('Text, or expression, that is noted on a retired asset', textOrNothing, ''),
    noteField: optional('Asset field of that note; left out: the notes of the asset', reference),
  },
  alerts: {
    enabled: key('Make tickets of alerts', flag, false),
    authentication: key('How the webhook knows its caller', choice('token', 'none'), 'token'),
    token: optional('Of the webhook address', secret, 'ALERT_TOKEN'),
    ticketType: optional('Halo ticket type of alerts', reference),
    newAlertUser: optional('Halo user of tickets that no other user fits', reference),
    generalUser: key("Name of each client's general user in Halo", text, 'General User'),
    closedStatus: key('Halo status that closes a ticket', reference, 9),
    noteOutcome: key('Id of the Halo action outcome of a note', wholeNumber(1, 1_000_000), 7),
    repeat: key('What a repeat of an open alert does', choice('note', 'ignore', 'ticket'), 'note'),
    onResolved: key('What the end of an alert does', choice('close', 'note', 'ignore'), 'close'),
    poll: key('How often RMM tickets are read for missed alerts', durationOrOff(SECOND, DAY), 'off'),
    pollFilter: key('Which RMM tickets are alerts', expression, POLL_FILTER),
  },
  http: {
    host: key('Where the webhook listens', text, '0.0.0.0'),
    port: key('Where the webhook listens', port, 8080),
    publicUrl: optional('Under which ConnectWise reaches the webhook; left out: this machine', webAddress),
  },
  admin: {
    host: key('Where health, metrics and the console listen', text, '127.0.0.1'),
    port: key('Where health, metrics and the console listen', port, 8081),
    token: optional('Needed where host is not this machine alone', secret, 'ADMIN_TOKEN'),
  },
  notify: {
    webhook: optional(
      'A chat that is told what is amiss: Slack, Teams or alike',
      chatAddress,
      'NOTIFY_WEBHOOK',
    ),
  },
  log: {
    level: key(
      'How much is told',
      choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      'info',
    ),
    format: key('One JSON line each, or text for people', choice('json', 'pretty'), 'json'),
  },
};

/** The values of the keys above: as they are written, before durations and schedules are read. */
export type Settings = Values<typeof schema>;

/** The keys above by their paths. */
export const settingKeys = keysOf(schema);
