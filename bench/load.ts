import http from 'node:http';
import { z } from 'zod';

/*
 * Sends alerts to an address over connections that are kept alive, and times each answer. A process of its own, started
 * by alerts.ts. The webhook bounds what one address may send in a minute, so it sends from several of
 * this machine's, which are others in each round. (Linux has all of 127.*.)
 */

const SIDE_BY_SIDE = 16;
const PER_ADDRESS = 2_500;

const optionsShape = z.object({ url: z.string(), count: z.number(), round: z.number() });
const { url, count, round } = optionsShape.parse(JSON.parse(process.argv[2] ?? ''));
const agents = Array.from(
  { length: Math.ceil(count / PER_ADDRESS) },
  () => new http.Agent({ keepAlive: true }),
);
const tookMs: number[] = [];
let sent = 0;
const startedAt = performance.now();
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
process.stdout.write(JSON.stringify({ ms: performance.now() - startedAt, tookMs }));
process.exit();

async function work(): Promise<void> {
  while (sent < count) {
    const number = sent++;
    const from = performance.now();
    await send(number);
    tookMs.push(performance.now() - from);
  }
}

function send(number: number): Promise<void> {
  const body = JSON.stringify({
    endpointId: `load-${number}`,
    deviceName: `LOAD-${number}`,
    conditionId: 'disk-space',
    severity: 'critical',
    status: 'raised',
    summary: `Disk C: of LOAD-${number} is nearly full (3 % free)`,
  });
  const place = Math.floor(number / PER_ADDRESS);
  const options = {
    agent: agents[place],
    localAddress: `127.0.${round}.${2 + place}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 202) resolve();
        else reject(new Error(`An alert was answered with ${response.statusCode}.`));
      });
    });
    request.on('error', reject).end(body);
  });
}
