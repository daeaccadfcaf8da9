import { expect } from 'vitest';
import { waitFor } from '../support/wait.js';
import { startClock } from './clock.js';
import { untilImported } from './laws.js';
import { survives } from './row.js';
import { liveThrough } from './spell.js';
import { startFaultWorld } from './world.js';

const HOUR_MS = 3_600_000;

const JUMPS = [
  { fault: 'set forward by an hour', byMs: HOUR_MS, says: /^Run / },
  { fault: 'set back by an hour', byMs: -HOUR_MS, says: /^Schedules set: |^The clock was set back/ },
];

for (const { fault, byMs, says } of JUMPS) {
  survives(
    {
      party: 'the clock',
      fault: `${fault} in the middle of an import`,
      promise: 'what was to wait for seconds waits for half a minute at most, and schedules fire as before',
    },
    300_000,
    async () => {
      const clock = await startClock();
      return liveThrough({
        party: 'the clock',
        env: clock.env,
        async begin(_world, daemon) {
          await clock.set(byMs, daemon);
          return () => undefined;
        },
        lastsMs: 0,
        says,
      });
    },
  );
}

/** In Berlin, clocks go from 2 to 3 in spring, and in autumn from 3 to 2, both at 01:00 UTC. */
const CHANGES = [
  {
    fault: 'summer time begins, with schedules by cron',
    day: '2027-03-28',
    looks: ['00:59:50', '01:29:50'],
    sweepAt: '0130',
  },
  {
    fault: 'summer time ends, with schedules by cron',
    day: '2027-10-31',
    looks: ['00:29:50', '00:59:50', '01:29:50'],
    sweepAt: '0030',
  },
];

for (const { fault, day, looks, sweepAt } of CHANGES) {
  survives(
    {
      party: 'the clock',
      fault,
      promise: 'one for each 5 s goes on; one for 02:30 fires once, be that time skipped or come twice',
    },
    240_000,
    async () => {
      const clock = await startClock();
      const everyFive = '*/5 * * * * *';
      const times = { sites: everyFive, assets: everyFive, deactivation: '30 2 * * *' };
      const config = { schedules: { timezone: 'Europe/Berlin', ...times } };
      const world = await startFaultWorld({ companies: 2, config });
      const setTo = (time: string) => Date.parse(`${day}T${time}Z`) - Date.now();
      await clock.set(setTo(looks[0] ?? ''));
      const daemon = world.startDaemon(clock.env);
      await daemon.says(/^The integrator is up\./);
      const started = (kind: string) => timesOf(daemon.messages(), kind);
      for (const look of looks) {
        await clock.set(setTo(look), daemon);
        // The time that matters is ten seconds later.
        const after = new Date(Date.parse(`${day}T${look}Z`) + 15_000).toISOString().slice(11, 19);
        await waitFor(() => lastOf(started('assets')) >= after.replaceAll(':', ''), {
          timeoutMs: 60_000,
          what: `a run after ${after}`,
        });
      }
      expect(started('deactivation').map((time) => time.slice(0, 4))).toEqual([sweepAt]);
      await untilImported(world, 100);
      return { recoveredInMs: null, measured: `runs at ${started('assets').join(', ')} UTC` };
    },
  );
}

/** When the runs of a kind began that have succeeded, such as 013005. */
function timesOf(messages: readonly string[], kind: string): string[] {
  const pattern = new RegExp(`^Run ${kind}-\\d{8}-(\\d{6})-\\w+ succeeded\\.$`);
  return messages.flatMap((message) => pattern.exec(message)?.[1] ?? []);
}

function lastOf(times: readonly string[]): string {
  return times.at(-1) ?? '';
}
