import { z } from 'zod';
import { makeFleet } from '../../src/demo/fleet.js';
import { addClient } from '../../src/demo/halo-rows.js';
import { DEMO_ASSET_TYPES, DEMO_FIELDS, DEMO_TICKETS, seedHalo } from '../../src/demo/halo-seed.js';
import { startHaloSimulator } from '../../src/demo/halo-simulator.js';
import { emptyHalo } from '../../src/demo/halo-state.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type Counter, cameAtMs, startCounter } from './counter.js';
import { askShape, DEFAULT_CLIENT, optionsShape, type SimulatorOptions } from './messages.js';

/*
 * Both simulators, in a process of their own, so that what they cost is not ours. Started by world/simulators.ts with
 * its options as the one argument; answers what it is asked over the channel of child processes.
 */

const ticketsShape = z.array(z.object({ summary: z.string() }));
const UNLIMITED = { requests: 1_000_000_000, windowMs: 1000 };

const options = optionsShape.parse(JSON.parse(process.argv[2] ?? '{}'));
const fleet = makeFleet(options.fleet);
const [rmm, halo] = await Promise.all([
  startRmmSimulator({ fleet, quirks: { tokenLimit: null, rateLimit: options.rmmLimit ?? UNLIMITED } }),
  startHaloSimulator({
    state: haloFor(options),
    quirks: { honoursReturnAll: options.honoursReturnAll, rateLimit: options.haloLimit ?? UNLIMITED },
  }),
]);
for (const { faults } of [rmm, halo]) {
  if (options.latencyMs > 0)
    faults.add({ match: () => true, action: { do: 'delay', ms: options.latencyMs } });
}
const tickets: { summary: string; atMs: number }[] = [];
const counters = { rmm: startCounter(rmm.requests), halo: startCounter(halo.requests, noteTicket) };
let changes = 0;

/** An instance that knows each company as a client, and holds no asset. */
function haloFor({ fleet: size }: SimulatorOptions) {
  const state = seedHalo(emptyHalo(), {
    clients: [DEFAULT_CLIENT],
    assetTypes: DEMO_ASSET_TYPES,
    fields: DEMO_FIELDS,
    ...DEMO_TICKETS,
    users: [{ client: DEFAULT_CLIENT, name: 'New Alert User', emailaddress: 'alerts@acme.example' }],
  });
  for (const { name } of makeFleet({ ...size, devicesPerCompany: 0 }).companies) addClient(state, { name });
  return state;
}

/** Something that the config maps is different now on so many devices, spread over the fleet. */
function changeDevices(count: number): void {
  changes += 1;
  const step = Math.max(1, Math.floor(fleet.devices.length / count));
  for (let index = 0; index < count; index++) {
    const device = fleet.devices[index * step];
    if (device) device.os.product = `Windows, change ${changes}`;
  }
}

/** What a ticket says of its time is the integrator's word: when its request came is what counts. */
function noteTicket(request: RecordedRequest): void {
  if (request.method !== 'POST' || !/^\/api\/tickets$/i.test(request.path)) return;
  const [ticket] = ticketsShape.safeParse(request.body).data ?? [];
  if (ticket) tickets.push({ summary: ticket.summary, atMs: cameAtMs(request) });
}

function where() {
  const { url, clientId, clientSecret } = rmm;
  return {
    rmm: { url, clientId, clientSecret },
    halo: { url: halo.url, clientId: halo.clientId, clientSecret: halo.clientSecret },
    devices: fleet.devices.length,
    assets: halo.state.assets.length,
  };
}

function both<Read>(read: (counter: Counter) => Read): { rmm: Read; halo: Read } {
  return { rmm: read(counters.rmm), halo: read(counters.halo) };
}

process.on('message', (message) => {
  const { id, what, count = 0 } = askShape.parse(message);
  const answers = {
    where,
    counts: () => both((counter) => counter.counts()),
    times: () => both((counter) => counter.times()),
    forget: () => both((counter) => counter.forget()),
    changeDevices: () => changeDevices(count),
    ticketTimes: () => tickets,
  };
  process.send?.({ id, answer: answers[what]() ?? null });
});
process.on('disconnect', () => process.exit());
