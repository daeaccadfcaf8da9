import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAlerts } from './alerts.js';
import { measureBareLimit } from './bare-limit.js';
import { measureGate } from './gate.js';
import { describeLimits } from './limits.js';
import { measureMemory } from './memory.js';
import type { Effort, Figures, Finding } from './report/finding.js';
import { load, machineTable } from './report/machine.js';
import { report } from './report/markdown.js';
import { measureRequests } from './requests.js';
import { measureScaleOut } from './scale-out.js';
import { measureStartUp } from './start-up.js';
import { startRedis } from './world/redis.js';

/** Each part by its name for `--only`, in the order of the report. */
const PARTS: Record<string, (effort: Effort, figures: Figures) => Promise<Finding>> = {
  requests: measureRequests,
  'bare-limit': measureBareLimit,
  gate: measureGate,
  memory: measureMemory,
  alerts: measureAlerts,
  'scale-out': measureScaleOut,
  'start-up': measureStartUp,
};

/** What the whole benchmark writes; a part of it, or a quick one, is no report for others to rely on. */
const REPORT_PATH = 'docs/performance.md';
const PARTIAL_PATH = 'dist/bench/performance.md';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, out: { type: 'string' } },
});
const { quick: isQuick, only } = values;
const names = Object.keys(PARTS).filter((name) => only === undefined || name === only);
if (names.length === 0)
  throw new Error(`There is no part ${only}. There are: ${Object.keys(PARTS).join(', ')}.`);

const path = values.out ?? (isQuick || only !== undefined ? PARTIAL_PATH : REPORT_PATH);
const machine = machineTable(await redisVersion(), load());
const text = report(await measure(), machine, commandLine());
await mkdir(dirname(path), { recursive: true });
await writeFile(path, text);
process.stdout.write(text);
say(`written to ${path}`);
process.exit();

async function measure(): Promise<Finding[]> {
  const figures: Figures = {};
  const findings: Finding[] = [];
  for (const name of names) {
    const finding = await PARTS[name]?.({ isQuick, say }, figures);
    if (finding) findings.push(finding);
  }
  return only === undefined ? [...findings, describeLimits(figures)] : findings;
}

function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}

function commandLine(): string {
  const flags = [...(isQuick ? ['--quick'] : []), ...(only === undefined ? [] : ['--only', only])];
  return ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
}

async function redisVersion(): Promise<string> {
  const redis = await startRedis();
  await redis.client.ping();
  await redis.close();
  return redis.version;
}
