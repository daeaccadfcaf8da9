import { survives } from './row.js';
import { liveThrough } from './spell.js';

survives(
  {
    party: 'the way to Halo',
    fault: 'connections are refused for 3 s, in the middle of an import of 60 devices',
    promise: 'work goes on when they are taken again',
  },
  60_000,
  () =>
    liveThrough({
      party: 'Halo',
      begin({ ways }) {
        ways.halo.refuse();
        return () => ways.halo.heal();
      },
      lastsMs: 3_000,
      says: /Halo could not be reached \(ECONNREFUSED\)/,
      options: { companies: 2, devicesPerCompany: 30, writeMs: 100 },
    }),
);
