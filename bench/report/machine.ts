import { cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Table } from './finding.js';

/** How many processes wanted a core in the last minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** What it was measured on. @param loadBefore of the machine, without us. */
export function machineTable(redisVersion: string, loadBefore: string): Table {
  const [cpu] = cpus();
  const gibibytes = totalmem() / 1024 ** 3;
  return {
    head: ['', ''],
    rows: [
      [
        'machine',
        `${cpu?.model.trim() || process.arch}, ${cpus().length} cores, ${gibibytes.toFixed(0)} GiB`,
      ],
      ['system', `${type()} ${release()}`],
      ['Node', process.version],
      ['Redis', redisVersion],
      ['load before', `${loadBefore}, where ${cpus().length} would be all cores taken by others`],
    ],
  };
}
