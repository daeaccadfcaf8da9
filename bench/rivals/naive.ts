import { rivalShape, signInToHalo, signInToRmm } from './client.js';
import { post, readAssets, toAsset } from './halo.js';
import { readDevices, readGroups, readPages } from './rmm.js';

/* The loop that one writes first: for each device, look its asset up in Halo, then write it. */

const { rmm: rmmAccount, halo: haloAccount, waitMs } = rivalShape.parse(JSON.parse(process.argv[2] ?? ''));
const startedAt = performance.now();
const rmm = await signInToRmm(rmmAccount, waitMs);
const halo = await signInToHalo(haloAccount, waitMs);
for (const group of await readGroups(rmm)) {
  for await (const page of readPages(rmm, group)) {
    for (const device of readDevices(page)) {
      await readAssets(halo, { inventory_number: device.friendlyName });
      await post(halo, [toAsset(device)]);
    }
  }
}
process.stdout.write(JSON.stringify({ ms: performance.now() - startedAt }));
process.exit();
