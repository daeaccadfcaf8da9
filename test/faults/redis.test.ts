import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { waitFor } from '../support/wait.js';
import { expectWhole, importedCount, untilImported, untilNextAsset, untilWhole } from './laws.js';
import { survives } from './row.js';
import { startFaultWorld } from './world.js';

survives(
  {
    party: 'Redis',
    fault: 'killed in the middle of an import and started again, append-only file on',
    promise: 'the run goes on where it was; nothing is made twice',
  },
  90_000,
  async () => {
    const world = await startFaultWorld();
    const daemon = world.startDaemon();
    await untilImported(world, 100);
    await world.redis.kill();
    await waitFor(async () => (await daemon.readiness()).status === 503, { timeoutMs: 10_000 });
    const { reasons } = await daemon.readiness();
    expect(reasons).toEqual([expect.stringMatching(/^Redis is not usable: /)]);
    await pause(3_000);
    const atEnd = importedCount(world);
    await world.redis.restart();
    const recoveredInMs = await untilNextAsset(world);
    await untilWhole(world);
    expectWhole(world);
    await daemon.says(/^Redis at \S+ is not usable: .+\. Trying until it is\.$/);
    await daemon.says(/^Redis at \S+ is usable again\.$/);
    return { recoveredInMs, measured: `${atEnd} of 500 assets were there when Redis came back` };
  },
);
