import { rivalShape, signInToHalo, signInToRmm } from './client.js';
import { post, toAsset } from './halo.js';
import { readDevices, readGroups, readPages } from './rmm.js';

/*
 * What is left where nothing is thought about: the same pages are fetched, four at a time as the integrator does, and
 * where it writes, the same batches are posted. Without that, the pages are not even parsed.
 */

const SIDE_BY_SIDE = 4;
const BATCH_SIZE = 50;

const options = rivalShape.parse(JSON.parse(process.argv[2] ?? ''));
const startedAt = performance.now();
const rmm = await signInToRmm(options.rmm, options.waitMs);
const halo = await signInToHalo(options.halo, options.waitMs);
const groups = await readGroups(rmm);
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
process.stdout.write(JSON.stringify({ ms: performance.now() - startedAt }));
process.exit();

async function work(): Promise<void> {
  for (let group = groups.shift(); group; group = groups.shift()) {
    for await (const page of readPages(rmm, group)) {
      if (options.writes) await write(page);
    }
  }
}

async function write(page: string): Promise<void> {
  const assets = readDevices(page).map(toAsset);
  while (assets.length > 0) await post(halo, assets.splice(0, BATCH_SIZE));
}
