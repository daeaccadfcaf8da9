import type { Figures, Finding } from './report/finding.js';
import { about, bytes, perSecond } from './report/show.js';

const HOUR_SECONDS = 3600;
const WINDOW_SECONDS = 300;
/** The defaults of the config: rmm.rateLimit, and what of halo.rateLimit bulk work may use. */
const RMM_REQUESTS = 450;
const HALO_REQUESTS = 240;
const BATCH_SIZE = 50;
/** Four companies of a few hundred devices fill about so much of two pages of 500. */
const DEVICES_PER_PAGE = 400;
const GIBIBYTE = 1024 ** 3;

/** What gives out first as a fleet grows, with the figures of this run. */
export function describeLimits(figures: Figures): Finding {
  const { listedPerSecond = 0, redisBytesPerDevice = 0, importedPerSecond = 0 } = figures;
  const rmmPerHour = (RMM_REQUESTS * DEVICES_PER_PAGE * HOUR_SECONDS) / WINDOW_SECONDS;
  const haloPerHour = (HALO_REQUESTS * BATCH_SIZE * HOUR_SECONDS) / WINDOW_SECONDS;
  const daemonPerHour = listedPerSecond * HOUR_SECONDS;
  return {
    title: 'What limits one Redis and one daemon',
    parts: [
      'The arithmetic of a run each hour, with the figures above and the rate limits of the default config.',
      {
        head: ['', 'reckoned', 'devices in an hour'],
        rows: [
          [
            'reading the RMM',
            `${RMM_REQUESTS} requests in 5 minutes × about ${DEVICES_PER_PAGE} devices a page`,
            about(rmmPerHour),
          ],
          [
            'writing Halo (import, or each device changed)',
            `${HALO_REQUESTS} requests in 5 minutes × ${BATCH_SIZE}`,
            about(haloPerHour),
          ],
          [
            'one daemon, run without changes',
            `${perSecond(listedPerSecond)} on one core of this machine`,
            about(daemonPerHour),
          ],
          ['one daemon, import', perSecond(importedPerSecond), about(importedPerSecond * HOUR_SECONDS)],
        ],
      },
      `**Redis** keeps ${bytes(redisBytesPerDevice)} per device: ${about(GIBIBYTE / redisBytesPerDevice)} devices in a gibibyte. It is a single thread, but a run asks it a few times per page, not per device, so that memory comes first. When it is full: a larger machine for Redis; a fleet that one Redis cannot hold is several RMM tenants, each with a \`redis.prefix\` or a Redis of its own.`,
      `**One daemon** lists on one core. At a run each hour it is the limit above ${about(daemonPerHour)} devices; the RMM's rate limit is at ${about(rmmPerHour)}, and the first of the two counts. Then: start more daemons on the same Redis (see *Scale out*), which share each run, or let \`schedules.assets\` run less often. More daemons do not help against the rate limits.`,
      `**Halo's rate limit** bounds changes, not the fleet: ${about(haloPerHour)} devices created or changed in an hour, whatever stands on our side. An import of a larger fleet takes that much longer, and may be spread over days with \`companies.include\`.`,
    ],
    goals: [],
  };
}
