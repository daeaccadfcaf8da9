import { setTimeout as pause } from 'node:timers/promises';
import type { Way } from '../support/proxy.js';
import { survives } from './row.js';
import { liveThrough, type Party } from './spell.js';
import type { FaultWorld } from './world.js';

interface Case {
  fault: string;
  promise: string;
  parties: readonly Party[];
  begin(way: Way): void | Promise<void>;
  lastsMs: number;
  /** What the log says of it, by the party where that differs. */
  says: RegExp;
  saysOfRedis: RegExp;
  timeout: string;
}

const ALL: Party[] = ['Redis', 'Halo', 'ConnectWise RMM'];
const CUTS = [0, 20, 300, 3_000, 30_000];

const CASES: Case[] = [
  {
    fault: 'each answer comes 2 s late',
    promise: 'work goes on, slowly',
    parties: ALL,
    begin: (way) => way.delay(2_000),
    lastsMs: 10_000,
    says: /^Run \S+ succeeded/,
    saysOfRedis: /^Run \S+ succeeded/,
    timeout: '10s',
  },
  {
    fault: 'connections stand open, and no byte gets through',
    promise: 'requests are given up after their time, and work goes on when the way is open again',
    parties: ALL,
    begin: (way) => way.blackhole(),
    lastsMs: 45_000,
    says: /no answer from (Halo|ConnectWise RMM) within 2 s/,
    saysOfRedis: /^Redis at \S+ is not usable: /,
    timeout: '2s',
  },
  {
    fault: 'all connections are reset, ten times within 5 s',
    promise: 'what was under way is looked up, and nothing is made twice',
    parties: ALL,
    begin: (way) => times(10, () => way.reset(), 500),
    lastsMs: 0,
    says: /the connection to (Halo|ConnectWise RMM) broke off|^Run \S+ succeeded/,
    // Most are too short for the trial write to be hit, and cost nothing.
    saysOfRedis: /^Redis at \S+ is not usable: |^Run \S+ succeeded/,
    timeout: '10s',
  },
  {
    fault: `connections break off after ${CUTS.join(', ')} bytes of answers`,
    promise: 'what was under way is looked up, and nothing is made twice',
    parties: ALL,
    begin: (way) => inTurn(CUTS, (bytes) => way.breakAfter(bytes), 4_000),
    lastsMs: 0,
    says: /the connection to (Halo|ConnectWise RMM) broke off/,
    saysOfRedis: /^Redis at \S+ is not usable: /,
    timeout: '10s',
  },
  {
    fault: 'connections are refused for two minutes',
    promise: 'work goes on within 30 s, and meanwhile a request is sent every 5 s',
    parties: ['Halo'],
    begin: (way) => way.refuse(),
    lastsMs: 120_000,
    says: /Halo could not be reached \(ECONNREFUSED\)/,
    saysOfRedis: /^$/,
    timeout: '2s',
  },
];

function times(count: number, work: () => void, everyMs: number): Promise<void> {
  return inTurn(Array.from({ length: count }), work, everyMs);
}

async function inTurn<T>(given: readonly T[], work: (each: T) => void, everyMs: number): Promise<void> {
  for (const each of given) {
    work(each);
    await pause(everyMs);
  }
}

function wayOf({ ways }: FaultWorld, party: Party): Way {
  if (party === 'Redis') return ways.redis;
  return party === 'Halo' ? ways.halo : ways.rmm;
}

for (const { fault, promise, parties, begin, lastsMs, says, saysOfRedis, timeout } of CASES) {
  for (const party of parties) {
    const work = () =>
      liveThrough({
        party,
        async begin(world) {
          await begin(wayOf(world, party));
          return () => wayOf(world, party).heal();
        },
        lastsMs,
        says: party === 'Redis' ? saysOfRedis : says,
        options: { config: { halo: { timeout }, rmm: { timeout } } },
      });
    survives({ party: `the way to ${party}`, fault, promise }, 400_000, work);
  }
}
