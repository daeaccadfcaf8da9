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
    url: required('The address of your Halo; /api is added', webAddress),
    authUrl: optional('Where Halo signs in; left out: halo.url with /auth behind it', webAddress),
    tenant: optional('The name of your tenant, where your Halo asks for one at the sign-in', text),
    clientId: required('Client id of the API application in Halo', text, 'HALO_CLIENT_ID'),
    clientSecret: required('Client secret of the API application in Halo', secret, 'HALO_CLIENT_SECRET'),
    scope: key('Permissions that are asked for at the sign-in', text, 'all'),
    timeout: key('How long one request to Halo may take', requestTimeout, '60s'),
    batchSize: key('Most sites or assets in one write; 1 switches batches off', wholeNumber(1, 500), 50),
    rateLimit: {
      requests: key(
        'Most requests to Halo within the window; Halo itself refuses more than 300 in any 5 minutes',
        requestCount,
        270,
      ),
      window: key('The rolling window in which requests to Halo are counted', rateWindow, '5m'),
      reservedForAlerts: key(
        'How many of halo.rateLimit.requests are kept free for alerts, which must not wait behind a run',
        count,
        30,
      ),
    },
  },
  rmm: {
    url: key(
      'The API of your region. North America is the default; Europe: ' +
        'https://openapi.service.euplatform.connectwise.com; Australia: ' +
        'https://openapi.service.auplatform.connectwise.com',
      webAddress,
      'https://openapi.service.itsupport247.net',
    ),
    clientId: required('Client id of the API key in ConnectWise RMM', text, 'RMM_CLIENT_ID'),
    clientSecret: required('Client secret of the API key in ConnectWise RMM', secret, 'RMM_CLIENT_SECRET'),
    scope: key(
      'Permissions that are asked for at the sign-in; without the last one, tickets cannot be polled',
      text,
      RMM_SCOPE,
    ),
    deviceApi: key(
      'Which device API to use: v1 is for tenants without v2, and costs a request for each device',
      choice('v1', 'v2'),
      'v2',
    ),
    deviceListMethod: key(
      'How v2 lists devices: with GET where your tenant refuses POST',
      choice('GET', 'POST'),
      'POST',
    ),
    deviceCategory: key(
      'Which devices v2 lists; platform stands for computers',
      choice('all', 'platform', 'network', 'cloud'),
      'all',
    ),
    companiesPerRequest: key('Companies in one listing of devices', wholeNumber(1, 50), 4),
    timeout: key('How long one request to ConnectWise RMM may take', requestTimeout, '60s'),
    rateLimit: {
      requests: key(
        'Most requests to ConnectWise RMM within the window; it is said to allow 500 in 5 minutes',
        requestCount,
        450,
      ),
      window: key('The rolling window in which requests to ConnectWise RMM are counted', rateWindow, '5m'),
    },
  },
  redis: {
    url: optional(
      'A Redis (6.2 or newer) or Valkey; left out: the integrator runs a redis-server of its own',
      redisAddress,
      'REDIS_URL',
    ),
    prefix: key('Begins each key in Redis; two integrators on one Redis need two', text, 'halo-integrator'),
    dataDir: key('Where a redis-server of our own keeps its files; unused with redis.url', text, './data'),
  },
  schedules: {
    timezone: key('The time zone of cron patterns, and of times that name none', timezone, 'UTC'),
    sites: key('When sites are brought from ConnectWise RMM into Halo', schedule, '1h'),
    assets: key('When assets are brought from ConnectWise RMM into Halo', schedule, '1h'),
    deactivation: key('When the assets of devices that are gone are deactivated', schedule, '1h'),
    verify: key(
      'When all of Halo is read, to correct what was changed there by hand and to find lost links again; ' +
        'for the first time one interval after the start',
      schedule,
      '7d',
    ),
  },
  sites: {
    defaultClient: optional(
      'The Halo client of each company that has neither a row in sites.mappings nor a client of its name; ' +
        'left out: such a company is skipped, and the run says so',
      reference,
    ),
    matchClientsByName: key('Whether a company without a row belongs to the client of its name', flag, true),
    defaultName: key(
      'The name of a site under the default client, over the site in the RMM',
      expression,
      'company.name & " - " & name',
    ),
  },
  assets: {
    defaultType: required(
      'The Halo asset type of devices that no row of assets.typeMappings maps',
      reference,
    ),
    typeFrom: key('What the rows of assets.typeMappings name, over the device', expression, 'endpointType'),
    doNotUpdateType: key('Whether the type of an asset that exists is left alone', flag, false),
    tag: key('The asset tag in Halo, over the device', expression, 'friendlyName'),
    filter: key('Which devices are synchronised: those for which this is true', expression, 'true'),
    user: {
      from: key(
        'Who becomes the user of the asset, such as lastLoggedOnUser.username; empty: users are left alone',
        expressionOrNothing,
        '',
      ),
      matchBy: key(
        'By what that person is found among the users of the client in Halo',
        choice('email', 'username'),
        'email',
      ),
    },
  },
  deactivation: {
    missingRuns: key('In how many complete runs in a row a device must be missing', wholeNumber(1, 1000), 2),
    missingFor: key('How long a device must be missing as well', duration(0, 365 * DAY), '24h'),
    maxPercent: key(
      'The guard: no more than so many percent of the linked, active assets of one client, or of all, are ' +
        'deactivated within a day',
      wholeNumber(0, 100),
      10,
    ),
    maxCount: key('The guard: no more than so many assets are deactivated within a day', count, 200),
    minimum: key('Below so many linked assets, deactivation.maxPercent is not applied', count, 10),
    note: key(
      'Text that is noted on an asset when it is deactivated, or an expression over tag, company.name, ' +
        'lastSeen, missedRuns and now',
      textOrNothing,
      '',
    ),
    noteField: optional('The asset field that holds that text; left out: the notes of the asset', reference),
  },
  alerts: {
    enabled: key(
      'Whether alerts become tickets; alerts.token, alerts.ticketType and alerts.newAlertUser must be set then',
      flag,
      false,
    ),
    authentication: key(
      'How the webhook knows its caller: by the token in its address, or not at all, so that all may send alerts',
      choice('token', 'none'),
      'token',
    ),
    token: optional('The token of the webhook address, of at least 8 characters', secret, 'ALERT_TOKEN'),
    ticketType: optional('The Halo ticket type of alerts', reference),
    newAlertUser: optional(
      'The Halo user of tickets for which neither the asset nor its client has one',
      reference,
    ),
    generalUser: key('What the general user of each client is called in Halo', text, 'General User'),
    closedStatus: key('The Halo status that closes a ticket', reference, 9),
    noteOutcome: key(
      'The id of the action outcome by which notes are added to a ticket; name another where Halo answers ' +
        '"You do not have access to this Action"',
      wholeNumber(1, 1_000_000),
      7,
    ),
    repeat: key(
      'What a repeat of an alert that is still open becomes: a note on its ticket, nothing, or a ticket of its own',
      choice('note', 'ignore', 'ticket'),
      'note',
    ),
    onResolved: key(
      'What the end of an alert does: close its ticket, though a note is added where a person has touched it',
      choice('close', 'note', 'ignore'),
      'close',
    ),
    poll: key(
      'How often tickets in the RMM are read to catch alerts that the webhook has missed',
      durationOrOff(SECOND, DAY),
      'off',
    ),
    pollFilter: key(
      'Which tickets in the RMM are alerts, and no requests of a person: those for which this is true',
      expression,
      POLL_FILTER,
    ),
  },
  http: {
    host: key('The address on which the webhook listens', text, '0.0.0.0'),
    port: key(
      'The port on which the webhook listens, another than admin.port; 0 is any free one',
      port,
      8080,
    ),
    publicUrl: optional(
      'The address under which ConnectWise reaches the webhook, such as that of a reverse proxy; left ' +
        'out: host name and port of this machine',
      webAddress,
    ),
  },
  admin: {
    host: key('The address on which health, metrics and the console listen', text, '127.0.0.1'),
    port: key('The port on which health, metrics and the console listen; 0 is any free one', port, 8081),
    token: optional(
      'Opens the console, /readyz and /metrics; must be set, of at least 8 characters, where admin.host can be reached from other machines',
      secret,
      'ADMIN_TOKEN',
    ),
  },
  notify: {
    webhook: optional(
      'The incoming webhook of a chat (Slack, Teams or alike) that is told what is amiss, each thing once',
      chatAddress,
      'NOTIFY_WEBHOOK',
    ),
  },
  log: {
    level: key(
      'How much is told, from all to nothing',
      choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      'info',
    ),
    format: key(
      'How the log is written: lines of JSON, or text for people',
      choice('json', 'pretty'),
      'json',
    ),
  },
};

/** The values of the keys above: as they are written, before durations and schedules are read. */
export type Settings = Values<typeof schema>;

/** The keys above by their paths. */
export const settingKeys = keysOf(schema);
