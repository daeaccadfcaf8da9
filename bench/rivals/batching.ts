import { rivalShape, signInToHalo, signInToRmm } from './client.js';
import { post, readAssets, toAsset } from './halo.js';
import { type RivalDevice, readDevices, readGroups, readPages } from './rmm.js';

/*
 * The script that one writes next: read all of both sides, then write fifty assets at a time. It remembers nothing
 * from one run to the next, so that each run costs the same.
 */

const BATCH_SIZE = 50;
const PAGE_SIZE = 100;

const { rmm: rmmAccount, halo: haloAccount, waitMs } = rivalShape.parse(JSON.parse(process.argv[2] ?? ''));
const startedAt = performance.now();
const rmm = await signInToRmm(rmmAccount, waitMs);
const halo = await signInToHalo(haloAccount, waitMs);
for (let page_no = 1; ; page_no++) {
  const query = { pageinate: 'true', page_size: String(PAGE_SIZE), page_no: String(page_no) };
  if ((await readAssets(halo, query)) < PAGE_SIZE) break;
}
const devices: RivalDevice[] = [];
for (const group of await readGroups(rmm)) {
  for await (const page of readPages(rmm, group)) devices.push(...readDevices(page));
}
while (devices.length > 0) await post(halo, devices.splice(0, BATCH_SIZE).map(toAsset));
process.stdout.write(JSON.stringify({ ms: performance.now() - startedAt }));
process.exit();
